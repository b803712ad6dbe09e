package graph

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Number is a business phone number.
type Number struct {
	ID      string // phone number id
	WABA    string // the account it belongs to
	Display string // as Meta writes it, "+57 601 5550100"
	Name    string // verified name
	Quality string // GREEN when empty
}

// Delays say how long after its acceptance a message gets its statuses. Each
// is varied by half, up and down. Zero values mean the defaults.
type Delays struct {
	Sent      time.Duration // default 200 ms
	Delivered time.Duration // after sent; default 800 ms
	Read      time.Duration // after delivered; default 4 s; negative = only by Open
	Approval  time.Duration // of a template; default 2 s
}

// Chaos gives the share, 0 to 1, of webhooks that come in an unpleasant way.
type Chaos struct {
	Shuffle       float64 // late by up to 5 s, so that others overtake them
	Duplicate     float64 // twice
	Batch         float64 // in one body with others
	SkipDelivered float64 // read without a delivered, as Meta does when they coincide
}

// Options configure a Server. Clock, AppSecret and Token are needed.
type Options struct {
	Clock       func() time.Time
	AppSecret   string // signs webhooks
	Token       string // access token of every number
	VerifyToken string // for Verify
	WebhookURL  string // "" = no webhooks
	Numbers     []Number
	Seed        uint64 // of ids, delays and chaos

	Delays Delays
	Chaos  Chaos

	OnlyKnown    bool // who was not added is not on WhatsApp (131026)
	IdentityKeys bool // webhooks carry identity key hashes
	Unsubscribed bool // no app is subscribed: no webhooks leave
	DirectSend   bool // accounts may send utility messages without template
	MaxTemplates int  // per account; default 250
	Throughput   int  // messages a second and number; default 80
	// Review decides on a template; nil approves all as submitted. An empty
	// category leaves it as it is.
	Review func(name, language, category string) (status, newCategory string)
	// Fault is asked before each request is served; nil = no faults.
	Fault func(Request) Fault
	// WebhookTimeout bounds one delivery, in real time; default 20 s.
	WebhookTimeout time.Duration
}

// Server is the simulated WhatsApp; it is an http.Handler for the Graph API's
// address and safe for concurrent use.
type Server struct {
	options Options
	client  *http.Client
	closed  context.Context
	close   context.CancelFunc
	running sync.WaitGroup

	telling sync.Mutex // held while watchers are told; taken before mu

	mu       sync.Mutex
	random   *rand.Rand
	webhook  string
	numbers  map[string]*number
	accounts map[string]*account
	people   map[string]*person // under phone digits and under user id
	media    map[string]*medium
	stored   []string // ids of media, oldest first
	inbound  history
	agenda   agenda
	watchers map[int]func(Shown)
	fresh    []Shown // shown, watchers not told yet
	watching int
	counts   counts
}

// counts is what a test may ask about afterwards.
type counts struct {
	calls        []string
	accepted     map[string]int
	delivered    map[string]int
	misdelivered []Misdelivery
	undelivered  int
}

// New returns a server. It starts nothing; Close it all the same.
func New(options Options) *Server {
	options = withDefaults(options)
	closed, cancel := context.WithCancel(context.Background())
	s := &Server{
		options: options, closed: closed, close: cancel, webhook: options.WebhookURL,
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: parallel, IdleConnTimeout: 10 * time.Second},
			Timeout:       options.WebhookTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		random:   rand.New(rand.NewPCG(options.Seed, 0x5eed)),
		numbers:  map[string]*number{},
		accounts: map[string]*account{},
		people:   map[string]*person{},
		media:    map[string]*medium{},
		watchers: map[int]func(Shown){},
		counts:   counts{accepted: map[string]int{}, delivered: map[string]int{}},
	}
	s.inbound.all = map[string]*received{}
	for _, n := range options.Numbers {
		s.addNumber(n)
	}
	return s
}

func withDefaults(o Options) Options {
	o.Delays.Sent = defaulted(o.Delays.Sent, 200*time.Millisecond)
	o.Delays.Delivered = defaulted(o.Delays.Delivered, 800*time.Millisecond)
	o.Delays.Read = defaulted(o.Delays.Read, 4*time.Second)
	o.Delays.Approval = defaulted(o.Delays.Approval, 2*time.Second)
	o.WebhookTimeout = defaulted(o.WebhookTimeout, 20*time.Second)
	o.MaxTemplates = defaulted(o.MaxTemplates, 250)
	o.Throughput = defaulted(o.Throughput, 80)
	if o.Review == nil {
		o.Review = func(string, string, string) (string, string) { return approved, "" }
	}
	if o.Fault == nil {
		o.Fault = func(Request) Fault { return Fault{} }
	}
	return o
}

func defaulted[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Close stops Run, ends hanging requests and waits for webhooks under way.
func (s *Server) Close() {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.running.Wait()
	s.client.CloseIdleConnections()
}

// SetWebhook changes where webhooks go, those waiting included; "" discards them.
func (s *Server) SetWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = url
}

// Calls lists the requests that came, oldest first, as "GET /v25.0/1060"; at
// most the last 10,000.
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.counts.calls...)
}

// Accepted returns how many messages with each opaque text the API accepted.
func (s *Server) Accepted() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts.accepted)
}

// Delivered returns how many messages with each opaque text reached somebody's
// phone: the truth that a sender's own record is held against.
func (s *Server) Delivered() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts.delivered)
}

// Misdelivery is a message that went to a stranger, because its number was
// given without + and the business's country code was put in front.
type Misdelivery struct {
	WAMID string
	Given string
	Went  string
}

// Misdelivered lists the messages that went to strangers.
func (s *Server) Misdelivered() []Misdelivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Misdelivery(nil), s.counts.misdelivered...)
}

// Undelivered returns how many webhook bodies were given up on.
func (s *Server) Undelivered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts.undelivered
}

const (
	maxBody  = 101 << 20
	maxCalls = 10_000
)

// ServeHTTP answers as graph.facebook.com would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.note(r)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		write(w, fail(100, "The request could not be read"))
		return
	}
	s.misbehave(s.options.Fault(describe(r, body)), w, r, body)
}

func (s *Server) note(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.counts.calls) >= maxCalls {
		s.counts.calls = s.counts.calls[1:]
	}
	s.counts.calls = append(s.counts.calls, r.Method+" "+r.URL.Path)
}

// write sends a result, a file, or a failure in Graph's shape.
func write(w http.ResponseWriter, result any) {
	if d, ok := result.(download); ok {
		w.Header().Set("Content-Type", d.mime)
		_, _ = w.Write(d.data)
		return
	}
	status := http.StatusOK
	if f, ok := result.(*failure); ok {
		status, result = f.status, f.object()
	}
	data, err := json.Marshal(result)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":{"code":1,"message":"Unknown error"}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
