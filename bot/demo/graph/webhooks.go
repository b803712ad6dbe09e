package graph

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// update is one piece of news for the business: an element of an array in the
// value of a field, or a whole value.
type update struct {
	account string
	number  *number // nil for the account's own fields
	field   string
	array   string // "messages", "statuses" or "calls"
	element object
	contact object // nil = none
	value   object // instead of array, element and contact
	at      time.Time
}

// parcel is a webhook body on its way.
type parcel struct {
	body     []byte
	first    time.Time // first tried
	attempts int
}

const (
	shuffleSpan = 5 * time.Second
	batchSpan   = 2 * time.Second
	// keepTrying is for how long Meta's endpoint page promises retries.
	keepTrying = 36 * time.Hour
)

// publish plans an update; the caller holds s.mu.
func (s *Server) publish(u *update, at time.Time) {
	if s.options.Unsubscribed {
		return
	}
	chaos := s.options.Chaos
	due := at
	if s.happens(chaos.Shuffle) {
		due = due.Add(s.upTo(shuffleSpan))
	}
	if chaos.Batch > 0 {
		due = due.Truncate(batchSpan).Add(batchSpan)
	}
	s.enter(item{at: due, update: u})
	if s.happens(chaos.Duplicate) {
		s.enter(item{at: due.Add(s.upTo(shuffleSpan)), update: u})
	}
}

func (s *Server) happens(share float64) bool { return share > 0 && s.random.Float64() < share }

func (s *Server) upTo(span time.Duration) time.Duration {
	return time.Duration(s.random.Int64N(int64(span))) + 1
}

// vary returns d, half more or half less at most.
func (s *Server) vary(d time.Duration) time.Duration {
	return d/2 + time.Duration(s.random.Int64N(int64(d)+1))
}

// pack puts updates into bodies: one each, or several together as far as
// Chaos.Batch says so. The caller holds s.mu.
func (s *Server) pack(updates []*update, now time.Time) []*parcel {
	var parcels []*parcel
	for i := 0; i < len(updates); {
		n := 1
		for i+n < len(updates) && n < 1000 && s.happens(s.options.Chaos.Batch) {
			n++
		}
		parcels = append(parcels, &parcel{body: body(updates[i : i+n]), first: now})
		i += n
	}
	return parcels
}

// body writes updates as one webhook body, with an entry for each account and
// a change for each field of a number.
func body(updates []*update) []byte {
	entries := []object{}
	var changes map[string]object
	account := ""
	for _, u := range updates {
		if len(entries) == 0 || u.account != account || u.value != nil {
			account, changes = u.account, map[string]object{}
			entries = append(entries, object{"id": account, "changes": []object{}})
		}
		entry := entries[len(entries)-1]
		if u.value != nil {
			entry["time"] = u.at.Unix()
			entry["changes"] = append(entry["changes"].([]object), object{"field": u.field, "value": u.value})
			account = ""
			continue
		}
		key := u.field + "/" + u.number.ID
		if changes[key] == nil {
			changes[key] = object{"messaging_product": "whatsapp", "metadata": u.number.metadata()}
			entry["changes"] = append(entry["changes"].([]object), object{"field": u.field, "value": changes[key]})
		}
		u.put(changes[key])
	}
	data, _ := json.Marshal(object{"object": "whatsapp_business_account", "entry": entries})
	return data
}

// put appends the update to the value of its field.
func (u *update) put(value object) {
	if u.contact != nil {
		contacts, _ := value["contacts"].([]object)
		value["contacts"] = append(contacts, u.contact)
	}
	elements, _ := value[u.array].([]object)
	value[u.array] = append(elements, u.element)
}

// post delivers a parcel, or plans to try again: at once, then with growing
// pauses, as Meta does.
func (s *Server) post(p *parcel, now time.Time) {
	s.mu.Lock()
	target := s.webhook
	s.mu.Unlock()
	if target == "" || s.deliver(target, p.body) == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(p.first) > keepTrying {
		s.counts.undelivered++
		return
	}
	pause := time.Second << min(p.attempts, 12)
	p.attempts++
	s.enter(item{at: now.Add(pause), parcel: p})
}

// deliver posts a signed body once; only 200 is success.
func (s *Server) deliver(target string, body []byte) error {
	ctx, cancel := context.WithCancel(s.closed)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("graph: webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "facebookexternalua")
	req.Header.Set("X-Hub-Signature-256", Sign(s.options.AppSecret, body))
	res, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("graph: webhook: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("graph: webhook: answered %d", res.StatusCode)
	}
	return nil
}

// Sign returns the value of X-Hub-Signature-256 for a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Verify asks the webhook's address whether it is the business's, as Meta does
// when the address is entered; nil means that it answered as it must.
func (s *Server) Verify(ctx context.Context) error {
	s.mu.Lock()
	target := s.webhook
	challenge := itoa(int(s.random.Int32()))
	s.mu.Unlock()
	query := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {s.options.VerifyToken}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target+"?"+query.Encode(), nil)
	if err != nil {
		return errors.New("graph: verify: the webhook's address cannot be called")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("graph: verify: %w", errors.Unwrap(err))
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err != nil || res.StatusCode != http.StatusOK || string(said) != challenge {
		return fmt.Errorf("graph: verify: answered %d, without the challenge", res.StatusCode)
	}
	return nil
}
