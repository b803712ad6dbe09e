package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo/graph"
)

// The table of cloudapi.md §4, written a second time.
func TestPolicyTable(t *testing.T) {
	table := []struct {
		codes  []int
		action Action
		wait   Backoff
	}{
		{[]int{0, 190}, StopChannel, NoBackoff},
		{[]int{3, 10, 200, 250, 299, 131005}, StopChannel, NoBackoff},
		{[]int{4, 80007}, Retry, Minutes},
		{[]int{130429}, Retry, Quick},
		{[]int{131056}, Retry, Pair},
		{[]int{131048, 131064}, GiveUp, NoBackoff},
		{[]int{131047}, UseTemplate, NoBackoff},
		{[]int{131026}, DropRecipient, NoBackoff},
		{[]int{131049}, GiveUp, NoBackoff},
		{[]int{131050}, DropRecipient, NoBackoff},
		{[]int{130472}, GiveUp, NoBackoff},
		{[]int{130403, 130497}, DropRecipient, NoBackoff},
		{[]int{131021, 131030}, Misconfigured, NoBackoff},
		{[]int{131031, 368, 131042, 131044, 131045, 133010, 131037}, StopChannel, NoBackoff},
		{[]int{131051, 131052, 131053}, Bug, NoBackoff},
		{[]int{131057}, Retry, Minutes},
		{[]int{131060}, GiveUp, NoBackoff},
		{[]int{131062}, UsePhone, NoBackoff},
		{[]int{132000, 132012, 132018}, Bug, NoBackoff},
		{[]int{132001, 132005, 132007, 132015, 132016}, OtherTemplate, NoBackoff},
		{[]int{137000}, SuspendRecipient, NoBackoff},
		{[]int{100, 33, 131008, 131009, 135000}, Bug, NoBackoff},
		{[]int{1, 2, 131000, 131016, 133004}, Retry, Quick},
		{[]int{139200}, UseTemplate, NoBackoff},
		{[]int{2593107, 2593108, 2593109}, GiveUp, NoBackoff},
		{[]int{5, 199, 300, 424242, -1, 2593110}, GiveUp, NoBackoff},
	}
	covered := map[int]bool{}
	for _, row := range table {
		for _, code := range row.codes {
			covered[code] = true
			t.Run(fmt.Sprint(code), func(t *testing.T) {
				p := PolicyOf(code)
				assert.Equal(t, row.action, p.Action, p.Meaning)
				assert.Equal(t, row.wait, p.Backoff)
				assert.Equal(t, row.action == Retry, p.Backoff != NoBackoff)
				assert.NotEmpty(t, p.Meaning)

				w := newWorld(t, func(o *graph.Options) {
					o.Fault = func(graph.Request) graph.Fault { return graph.Fault{Kind: graph.Refuse, Code: code, HTTP: 400} }
				})
				_, err := w.Send(t.Context(), to(Text{Body: "hola"}))
				var e *Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, Rejected, e.Kind)
				assert.Equal(t, code, e.Code)
				assert.Equal(t, SurelyNotSent, e.Outcome, "a 4xx error object is proof")
				assert.Equal(t, row.action, e.Policy().Action)
				assert.NotEmpty(t, e.Title)
				assert.NotContains(t, e.Title, "(#")
				assert.Equal(t, "Injected by the simulation", e.Details)
				assert.NotEmpty(t, e.Trace)
				assert.Contains(t, err.Error(), fmt.Sprint(code))
			})
		}
	}
	for _, r := range rules {
		assert.True(t, covered[r.first] && covered[r.last], "%d–%d is not in the test", r.first, r.last)
	}
}

func TestPolicyOfUnknownCodes(t *testing.T) {
	cases := []struct {
		error Error
		want  Policy
	}{
		{Error{Kind: Rejected, Code: 9, HTTPStatus: 400}, unknownCode},
		{Error{Kind: Rejected, Code: 9, HTTPStatus: 401}, Policy{Action: StopChannel}},
		{Error{Kind: Rejected, Code: 9, HTTPStatus: 403}, Policy{Action: StopChannel}},
		{Error{Kind: Rejected, Code: 9, HTTPStatus: 429}, Policy{Action: Retry, Backoff: Minutes}},
		{Error{Kind: Rejected, Code: 9, HTTPStatus: 500}, Policy{Action: Retry, Backoff: Minutes}},
		{Error{Kind: Rejected, Code: 9, HTTPStatus: 400, Transient: true}, Policy{Action: Retry, Backoff: Minutes}},
		{Error{Kind: Rejected, Code: 131026, HTTPStatus: 500}, Policy{Action: DropRecipient}},
		{Error{Kind: Rejected, Code: 100, HTTPStatus: 400, Direct: true}, Policy{Action: UseTemplate}},
		{Error{Kind: Unreachable}, Policy{Action: Retry, Backoff: Quick}},
		{Error{Kind: Unanswered}, Policy{Action: Retry, Backoff: Quick}},
		{Error{Kind: Unreadable}, Policy{Action: Retry, Backoff: Quick}},
		{Error{Kind: Refused}, Policy{Action: Bug}},
	}
	for _, c := range cases {
		got := c.error.Policy()
		assert.Equal(t, [2]any{c.want.Action, c.want.Backoff}, [2]any{got.Action, got.Backoff}, "%+v", c.error)
		assert.NotEqual(t, "none", got.Action.String())
		assert.NotEmpty(t, c.error.Error())
	}
}

func TestBackoff(t *testing.T) {
	s := func(b Backoff) (all []time.Duration) {
		for n := 0; n < 8; n++ {
			all = append(all, b.Delay(n)/time.Second)
		}
		return all
	}
	assert.Equal(t, []time.Duration{2, 2, 4, 8, 16, 32, 60, 60}, s(Quick))
	assert.Equal(t, []time.Duration{4, 4, 16, 64, 256, 1024, 3600, 3600}, s(Pair))
	assert.Equal(t, []time.Duration{60, 60, 120, 240, 480, 960, 1800, 1800}, s(Minutes))
	assert.Equal(t, []time.Duration{0, 0, 0, 0, 0, 0, 0, 0}, s(NoBackoff))
	assert.Equal(t, time.Hour, Pair.Delay(1_000_000))
}

func TestOutcomesOfFaults(t *testing.T) {
	cases := []struct {
		name     string
		fault    graph.Fault
		kind     Kind
		outcome  Outcome
		accepted int
	}{
		{"throughput", graph.Fault{Kind: graph.Refuse, Code: 130429}, Rejected, SurelyNotSent, 0},
		{"token", graph.Fault{Kind: graph.Refuse, Code: 190}, Rejected, SurelyNotSent, 0},
		{"500", graph.Fault{Kind: graph.Refuse, Code: 131000}, Rejected, Ambiguous, 0},
		{"503, yet accepted", graph.Fault{Kind: graph.FailAccepted, Code: 2}, Rejected, Ambiguous, 1},
		{"reset", graph.Fault{Kind: graph.Reset}, Unanswered, Ambiguous, 0},
		{"reset, yet accepted", graph.Fault{Kind: graph.ResetAccepted}, Unanswered, Ambiguous, 1},
		{"no answer", graph.Fault{Kind: graph.Hang}, Unanswered, Ambiguous, 0},
		{"no answer, yet accepted", graph.Fault{Kind: graph.HangAccepted}, Unanswered, Ambiguous, 1},
		{"answer cut", graph.Fault{Kind: graph.CutAccepted}, Unanswered, Ambiguous, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(o *graph.Options) { o.Fault = func(graph.Request) graph.Fault { return c.fault } })
			client := newClient(t, w.address, func(o *Config) { o.SendTimeout = 300 * time.Millisecond })
			_, err := client.Send(t.Context(), Message{To: luz, Content: Text{Body: "hola"}, Opaque: "x"})
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, c.kind, e.Kind, err)
			assert.Equal(t, c.outcome, e.Outcome, err)
			assert.Equal(t, c.accepted, w.Accepted()["x"])
			assert.Len(t, w.Calls(), 1, "one attempt, whatever comes of it")
			assert.False(t, c.outcome == SurelyNotSent && c.accepted > 0)
		})
	}
}

// Whatever goes wrong, an outcome never lies: what counts as sent was accepted
// once, and what surely was not sent was not.
func TestOutcomesNeverLie(t *testing.T) {
	const sends, workers = 400, 8
	w := newWorld(t, func(o *graph.Options) {
		o.Fault = graph.Sometimes(11, 0.4,
			graph.Fault{Kind: graph.Refuse, Code: 130429}, graph.Fault{Kind: graph.Refuse, Code: 131000},
			graph.Fault{Kind: graph.Refuse, Code: 2}, graph.Fault{Kind: graph.FailAccepted, Code: 131016},
			graph.Fault{Kind: graph.Reset}, graph.Fault{Kind: graph.ResetAccepted}, graph.Fault{Kind: graph.CutAccepted},
			graph.Fault{Kind: graph.Hang}, graph.Fault{Kind: graph.HangAccepted})
		o.Throughput = sends
	})
	client := newClient(t, w.address, func(c *Config) { c.SendTimeout = 150 * time.Millisecond })
	results := make([]error, sends)
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := worker; i < sends; i += workers {
				m := Message{To: fmt.Sprintf("+57300111%04d", i), Content: Text{Body: "hola"}, Opaque: fmt.Sprint(i)}
				_, results[i] = client.Send(t.Context(), m)
			}
		})
	}
	all.Wait()
	accepted, seen := w.Accepted(), map[string]int{}
	for i, err := range results {
		n := accepted[fmt.Sprint(i)]
		var e *Error
		switch {
		case err == nil:
			assert.Equal(t, 1, n)
			seen["sent"]++
		case !errors.As(err, &e):
			assert.Fail(t, "no *Error", "%v", err)
		case e.Outcome == SurelyNotSent:
			assert.Zero(t, n, err)
			seen["not"]++
		default:
			assert.LessOrEqual(t, n, 1, "never twice: nothing is retried")
			seen[fmt.Sprint("open, accepted ", n)]++
		}
	}
	assert.Len(t, w.Calls(), sends, "one request a message")
	for _, outcome := range []string{"sent", "not", "open, accepted 0", "open, accepted 1"} {
		assert.Positive(t, seen[outcome], outcome)
	}
}

func TestOutcomesOfTheNetwork(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	cases := map[string]string{
		"nobody listens":  "http://" + closed.Addr().String(),
		"no such name":    "http://graph.invalid",
		"TLS not trusted": untrusted.URL,
	}
	for name, address := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, address).Send(t.Context(), to(Text{Body: "hola"}))
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, Unreachable, e.Kind, err)
			assert.Equal(t, SurelyNotSent, e.Outcome, err)
			assert.Error(t, errors.Unwrap(err))
			assert.NotContains(t, err.Error(), shop, "no address in the text")
		})
	}
}

func TestGivenUpBeforeItLeft(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.Send(ctx, to(Text{Body: "hola"}))
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, SurelyNotSent, e.Outcome)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, w.Calls())
}

// The machine sleeps between the start of a send and its first byte: timers do
// not see it, the wall clock does.
func TestLateByTheWallClock(t *testing.T) {
	for looks := int64(1); looks <= 2; looks++ {
		w := newWorld(t)
		var asked atomic.Int64
		client := newClient(t, w.address, func(c *Config) {
			c.Now = func() time.Time {
				if asked.Add(1) > looks {
					return noon.Add(time.Hour)
				}
				return noon
			}
		})
		_, err := client.Send(t.Context(), to(Text{Body: "hola"}))
		var e *Error
		require.ErrorAs(t, err, &e, "after %d looks at the clock", looks)
		assert.Equal(t, SurelyNotSent, e.Outcome)
		assert.ErrorIs(t, err, errLate)
		assert.Empty(t, w.Accepted())
	}
}

func TestLetter(t *testing.T) {
	late := false
	l := &letter{open: func() io.Reader { return strings.NewReader("hola") }, late: func() bool { return late }}
	first, err := l.reader()
	require.NoError(t, err)
	assert.False(t, l.mayHaveLeft())
	data, err := io.ReadAll(first)
	require.NoError(t, err)
	assert.Equal(t, "hola", string(data))
	assert.True(t, l.mayHaveLeft())
	second, err := l.reader()
	require.NoError(t, err)
	assert.False(t, l.mayHaveLeft(), "opened anew: nothing had been written")
	late = true
	_, err = second.Read(make([]byte, 4))
	require.ErrorIs(t, err, errLate)
	assert.False(t, l.mayHaveLeft())
	_, err = l.reader()
	require.ErrorIs(t, err, errLate)
}

func TestAnswersThatAreNoneOfGraphs(t *testing.T) {
	graphError := `{"error":{"message":"(#131047) Re-engagement message","type":"OAuthException","code":131047}}`
	cases := []struct {
		name    string
		answer  answering
		kind    Kind
		outcome Outcome
	}{
		{"page", answering{status: 200, body: "<html>"}, Unreadable, Ambiguous},
		{"nothing", answering{status: 200}, Unreadable, Ambiguous},
		{"no message", answering{status: 200, body: `{"messages":[]}`}, Unreadable, Ambiguous},
		{"message without id", answering{status: 200, body: `{"messages":[{}]}`}, Unreadable, Ambiguous},
		{"redirect", answering{status: 302, header: http.Header{"Location": {"http://127.0.0.1:1/"}}}, Unreadable, Ambiguous},
		{"page with 404", answering{status: 404, body: "<html>"}, Unreadable, Ambiguous},
		{"429 of a proxy", answering{status: 429, body: `{"error":"slow down"}`}, Unreadable, Ambiguous},
		{"object without code", answering{status: 400, body: `{"error":{"message":"?"}}`}, Unreadable, Ambiguous},
		{"503 of a proxy", answering{status: 503}, Unreadable, Ambiguous},
		{"object with 200", answering{status: 200, body: graphError}, Unreadable, Ambiguous},
		{"object with 400", answering{status: 400, body: graphError}, Rejected, SurelyNotSent},
		{"object with 500", answering{status: 500, body: graphError}, Rejected, Ambiguous},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, "http://graph.test")
			client.http.Transport = c.answer
			_, err := client.Send(t.Context(), to(Text{Body: "hola"}))
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, c.kind, e.Kind, err)
			assert.Equal(t, c.outcome, e.Outcome, err)
			assert.Equal(t, c.answer.status, e.HTTPStatus)
		})
	}
}

func TestDetailsInAllShapes(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"error":{"message":"(#100) Invalid parameter","code":100,"error_data":{"details":"d"}}}`:                                 {"Invalid parameter", "d"},
		`{"error":{"message":"Invalid parameter","code":100,"error_data":"text"}}`:                                                 {"Invalid parameter", "text"},
		`{"error":{"message":"Invalid parameter","code":100,"error_subcode":2388024,"error_user_title":"T","error_user_msg":"M"}}`: {"T", "M"},
		`{"error":{"message":"m","code":100,"error_data":[1]}}`:                                                                    {"m", ""},
	} {
		client := newClient(t, "http://graph.test")
		client.http.Transport = answering{status: 400, body: body}
		_, err := client.Send(t.Context(), to(Text{Body: "hola"}))
		var e *Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, want, [2]string{e.Title, e.Details})
		assert.Equal(t, e.Subcode == 2388024, e.Exists())
	}
}

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-7":                            0,
		"soon":                          0,
		"9999999":                       24 * time.Hour,
		"Wed, 18 Nov 2026 12:01:30 GMT": 90 * time.Second,
		"Wed, 18 Nov 2026 11:00:00 GMT": 0,
		"Fri, 18 Dec 2026 11:00:00 GMT": 24 * time.Hour,
	} {
		assert.Equal(t, want, retryAfter(http.Header{"Retry-After": {header}}, noon), header)
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	w := newWorld(t)
	config := Config{GraphURL: "http://127.0.0.1:1", PhoneNumberID: shop, WABAID: waba, AccessToken: token, Now: time.Now}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown = append(shown, fmt.Sprintf(verb, config), fmt.Sprintf(verb, config.AccessToken), fmt.Sprintf(verb, w.Client))
	}
	data, err := json.Marshal(config.AccessToken)
	require.NoError(t, err)
	shown = append(shown, string(data), config.AccessToken.String())
	for _, m := range []Message{to(Text{Body: "MISTEXTOS"}), to(Text{Body: ""}), {To: "3001112233", Content: Text{Body: "MISTEXTOS"}}, to(Image{MediaID: "1"})} {
		for _, address := range []string{"http://127.0.0.1:1", w.address} {
			_, err := newClient(t, address).Send(t.Context(), m)
			if err != nil {
				shown = append(shown, err.Error())
			}
		}
	}
	for _, s := range shown {
		assert.NotContains(t, s, token)
		assert.NotContains(t, s, fmt.Sprintf("%x", token))
		assert.NotContains(t, s, "MISTEXTOS")
		assert.NotContains(t, s, "3001112233")
	}
	assert.Equal(t, "***", fmt.Sprint(config.AccessToken))
}

// What leaves carries the token and no header that makes net/http repeat a POST.
func TestHeaders(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		_, _ = io.WriteString(w, `{"messages":[{"id":"wamid.1"}]}`)
	}))
	defer server.Close()
	client := newClient(t, server.URL)
	_, err := client.Send(t.Context(), to(Text{Body: "hola"}))
	require.NoError(t, err)
	client.Close()
	assert.Equal(t, "Bearer "+token, got.Get("Authorization"))
	assert.Equal(t, "application/json", got.Get("Content-Type"))
	assert.Empty(t, got.Get("Idempotency-Key"))
	assert.Empty(t, got.Get("X-Idempotency-Key"))
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(other.URL, status))
		client := newClient(t, server.URL)
		_, err := client.Send(t.Context(), to(Text{Body: "hola"}))
		require.Error(t, err)
		client.Close()
		server.Close()
	}
	assert.Zero(t, elsewhere.Load())
}

func TestNew(t *testing.T) {
	fine := Config{PhoneNumberID: shop, WABAID: waba, Now: time.Now}
	c, err := New(fine)
	require.NoError(t, err)
	assert.Equal(t, "https://graph.facebook.com/v25.0/", c.base)
	assert.Equal(t, 10*time.Second, c.config.SendTimeout)
	for name, change := range map[string]func(*Config){
		"url":         func(c *Config) { c.GraphURL = "graph.facebook.com" },
		"url scheme":  func(c *Config) { c.GraphURL = "ftp://graph" },
		"url broken":  func(c *Config) { c.GraphURL = "http://[" },
		"version":     func(c *Config) { c.Version = "25" },
		"number":      func(c *Config) { c.PhoneNumberID = "" },
		"number path": func(c *Config) { c.PhoneNumberID = "1/../2" },
		"account":     func(c *Config) { c.WABAID = "" },
		"clock":       func(c *Config) { c.Now = nil },
	} {
		broken := fine
		change(&broken)
		_, err := New(broken)
		assert.Error(t, err, name)
	}
}

func TestNames(t *testing.T) {
	assert.Equal(t, "ambiguous", Ambiguous.String())
	assert.Equal(t, "surely not sent", SurelyNotSent.String())
	assert.Equal(t, "stop channel", StopChannel.String())
	assert.Equal(t, "none", Action(0).String())
	assert.Equal(t, "rejected", Kind(77).String())
}
