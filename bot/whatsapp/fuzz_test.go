package whatsapp

import (
	"errors"
	"net/http"
	"testing"
)

// FuzzAnswer: whatever comes back, Send does not panic, calls nothing sent that
// has no id, and calls nothing surely-not-sent without a 4xx error object.
func FuzzAnswer(f *testing.F) {
	f.Fuzz(func(t *testing.T, status int, retryAfter, body string) {
		client := newClient(t, "http://graph.test")
		client.http.Transport = answering{status: status, header: http.Header{"Retry-After": {retryAfter}}, body: body}
		sent, err := client.Send(t.Context(), to(Text{Body: "hola"}))
		if err == nil {
			if sent.WAMID == "" || status < 200 || status > 299 {
				t.Fatalf("%d %q counts as sent", status, body)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || err.Error() == "" || e.Policy().Action == 0 {
			t.Fatalf("no proper error: %v", err)
		}
		proof := e.Kind == Rejected && status >= 400 && status <= 499
		if (e.Outcome == SurelyNotSent) != proof || e.RetryAfter < 0 {
			t.Fatalf("%d %q: %s, retry after %v", status, body, e.Outcome, e.RetryAfter)
		}
	})
}

// FuzzCheck: whatever the message holds, Check agrees with the simulated
// WhatsApp about it.
func FuzzCheck(f *testing.F) {
	f.Fuzz(func(t *testing.T, address, header, body, footer, id, title, description, opaque string, kind, n uint8) {
		m := Message{To: address, Opaque: opaque, Content: Text{Body: body}}
		switch kind % 3 {
		case 1:
			b := Buttons{Header: header, Body: body, Footer: footer}
			for i := range n % 5 {
				b.Replies = append(b.Replies, Reply{id + string('a'+i), title + string('a'+i)})
			}
			m.Content = b
		case 2:
			l := List{Header: header, Body: body, Footer: footer, Button: title}
			for i := range n % 13 {
				l.Sections = append(l.Sections, Section{title, []Row{{id + string('a'+i), title, description}}})
			}
			m.Content = l
		}
		err := Check(m)
		w := quietWorld(t)
		if code := w.raw(m); err == nil && code != 0 {
			t.Fatalf("Check passes what WhatsApp refuses with %d: %+v", code, m)
		}
	})
}
