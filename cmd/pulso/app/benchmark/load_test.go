package benchmark

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	appSecret = "bench-app-secret"
	numberID  = "100000000000001"
	hook      = "/webhooks/whatsapp"
)

// What a request says. A turn of traffic is one customer message and an answer
// with its three receipts.
const (
	customerText = iota
	statusSent
	statusDelivered
	statusRead
	probe
)

// blocks of contacts come one after the other, so that everybody writes about
// ten times however long the load lasts.
const (
	blockMessages = 40_000
	blockContacts = 4_000
)

// webhook is the body of the n-th delivery of a run.
func webhook(run string, kind, n int, at int64) []byte {
	turn := n
	if kind == statusSent || kind == statusDelivered || kind == statusRead {
		turn -= n % 4 // a receipt comes from whom the message went to
	}
	contact := turn/blockMessages*blockContacts + turn*2_654_435_761%blockContacts
	phone := 573_000_000_000 + contact
	value := ""
	switch kind {
	case customerText, probe:
		content := `"type":"text","text":{"body":"hola, sigue disponible la nevera de 230 litros?"}`
		if kind == probe {
			content = `"type":"sticker","sticker":{"id":"` + run + strconv.Itoa(n) + `","mime_type":"image/webp","sha256":"c2hh"}`
		}
		value = fmt.Sprintf(`"contacts":[{"profile":{"name":"Luz %d"},"wa_id":"%d"}],"messages":[{"from":"%d","id":"wamid.%s%d","timestamp":"%d",%s}]`,
			contact, phone, phone, run, n, at, content)
	default:
		status := [...]string{"", "sent", "delivered", "read"}[kind]
		value = fmt.Sprintf(`"statuses":[{"id":"wamid.%so%d","status":"%s","timestamp":"%d","recipient_id":"%d","conversation":{"id":"c%d","origin":{"type":"service"}},"pricing":{"billable":false,"pricing_model":"PMP","type":"free_customer_service","category":"service"}}]`,
			run, n/4, status, at, phone, contact)
	}
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"200000000000001","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"573001112233","phone_number_id":"` +
		numberID + `"},` + value + `}}]}]}`)
}

// load is a stream of signed webhooks from a number of connections. Each waits
// for its answer before it sends the next; with a rate, not before its time.
type load struct {
	addr    string
	run     string // part of every message's id
	clients int
	span    time.Duration
	rate    int  // webhooks a second altogether; 0 as fast as they are answered
	mixed   bool // receipts too, not only customers' messages
}

// outcome is what a load came to.
type outcome struct {
	acked   int
	refused int
	took    time.Duration
	waits   []time.Duration // of each answer, from when it was due, ascending
}

func (o *outcome) perSecond() float64 { return float64(o.acked) / o.took.Seconds() }

func (o *outcome) quantile(q float64) time.Duration {
	if len(o.waits) == 0 {
		return 0
	}
	return o.waits[min(len(o.waits)-1, int(q*float64(len(o.waits))))]
}

// run sends the load.
func (l load) do(tb testing.TB) *outcome {
	tb.Helper()
	var out outcome
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	began := time.Now()
	errs := make(chan error, l.clients)
	for range l.clients {
		all.Add(1)
		go func() {
			defer all.Done()
			waits, refused, err := l.client(began, &next)
			mu.Lock()
			defer mu.Unlock()
			out.waits = append(out.waits, waits...)
			out.refused += refused
			if err != nil {
				errs <- err
			}
		}()
	}
	all.Wait()
	out.took = time.Since(began)
	select {
	case err := <-errs:
		require.NoError(tb, err)
	default:
	}
	out.acked = len(out.waits)
	slices.Sort(out.waits)
	return &out
}

// client is one connection.
func (l load) client(began time.Time, next *atomic.Int64) (waits []time.Duration, refused int, err error) {
	c, err := dial(l.addr)
	if err != nil {
		return nil, 0, err
	}
	defer c.Close()
	for {
		n := int(next.Add(1)) - 1
		due := time.Now()
		if l.rate > 0 {
			due = began.Add(time.Duration(float64(n) / float64(l.rate) * float64(time.Second)))
			time.Sleep(time.Until(due))
		}
		if due.Sub(began) > l.span {
			return waits, refused, nil
		}
		kind := customerText
		if l.mixed {
			kind = n % 4
		}
		status, err := c.post(webhook(l.run, kind, n, due.Unix()))
		if err != nil {
			return waits, refused, err
		}
		if status == 200 {
			waits = append(waits, time.Since(due))
		} else {
			refused++
		}
	}
}

// conn speaks just enough HTTP/1.1 to cost little beside what it measures.
type conn struct {
	net.Conn
	in  *bufio.Reader
	out bytes.Buffer
}

func dial(addr string) (*conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, in: bufio.NewReader(c)}, nil
}

func (c *conn) post(body []byte) (status int, err error) {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	c.out.Reset()
	fmt.Fprintf(&c.out, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Hub-Signature-256: sha256=%s\r\n\r\n",
		hook, len(body), hex.EncodeToString(mac.Sum(nil)))
	c.out.Write(body)
	if _, err := c.Write(c.out.Bytes()); err != nil {
		return 0, err
	}
	return c.answer()
}

func (c *conn) answer() (status int, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		line = strings.TrimSpace(line)
		name, value, _ := strings.Cut(line, ":")
		switch {
		case first:
			if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &status); err != nil {
				return 0, fmt.Errorf("no answer: %q", line)
			}
		case line == "":
			_, err := io.CopyN(io.Discard, c.in, int64(length))
			return status, err
		case strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		}
	}
}
