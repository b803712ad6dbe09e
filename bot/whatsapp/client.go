package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Defaults of Config.
const (
	DefaultGraphURL      = "https://graph.facebook.com"
	DefaultVersion       = "v25.0"
	DefaultSendTimeout   = 10 * time.Second
	DefaultUploadTimeout = 2 * time.Minute
)

// maxAnswer bounds what is read of any answer, in bytes.
const maxAnswer = 4 << 20

// Token is an access token. However it is printed or marshalled, it shows "***".
type Token string

// Format writes "***" for every verb.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "***") }

// String returns "***".
func (Token) String() string { return "***" }

// MarshalText returns "***".
func (Token) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Config is what a Client needs to know. Zero values of GraphURL, Version and
// the time-outs mean their defaults.
type Config struct {
	GraphURL      string // without version; scheme http or https
	Version       string // such as "v25.0"
	PhoneNumberID string
	WABAID        string // WhatsApp business account
	AccessToken   Token

	// SendTimeout bounds every call but uploads: from its start to the last
	// byte of the answer.
	SendTimeout time.Duration
	// UploadTimeout bounds an upload in the same way.
	UploadTimeout time.Duration

	// Now is the wall clock, at its natural speed. It notices that the machine
	// slept between the start of a send and its first byte, which timers do not.
	Now func() time.Time
}

// Client calls the Graph API for one phone number. It is safe for concurrent use.
type Client struct {
	config Config // without the token
	bearer func() string
	base   string
	http   *http.Client
}

var (
	versionPattern = regexp.MustCompile(`^v[0-9]+\.[0-9]+$`)
	idPattern      = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// New returns a client, or an error that names the setting that is wrong.
func New(config Config) (*Client, error) {
	config = withDefaults(config)
	base, err := url.Parse(config.GraphURL)
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https"):
		return nil, errors.New("whatsapp: graph_url must be an absolute http or https URL")
	case !versionPattern.MatchString(config.Version):
		return nil, fmt.Errorf("whatsapp: graph_version %q does not look like %s", config.Version, DefaultVersion)
	case !idPattern.MatchString(config.PhoneNumberID):
		return nil, errors.New("whatsapp: phone_number_id is missing or no id")
	case !idPattern.MatchString(config.WABAID):
		return nil, errors.New("whatsapp: waba_id is missing or no id")
	case config.Now == nil:
		return nil, errors.New("whatsapp: no clock was given")
	}
	// fmt cannot ask a Token in an unexported field to hide itself, but it
	// cannot look into a func either.
	token := string(config.AccessToken)
	config.AccessToken = ""
	return &Client{
		config: config,
		bearer: func() string { return "Bearer " + token },
		base:   strings.TrimRight(config.GraphURL, "/") + "/" + config.Version + "/",
		http: &http.Client{
			Transport:     transport(),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func withDefaults(config Config) Config {
	if config.GraphURL == "" {
		config.GraphURL = DefaultGraphURL
	}
	if config.Version == "" {
		config.Version = DefaultVersion
	}
	if config.SendTimeout <= 0 {
		config.SendTimeout = DefaultSendTimeout
	}
	if config.UploadTimeout <= 0 {
		config.UploadTimeout = DefaultUploadTimeout
	}
	return config
}

// transport speaks HTTP/1.1 only, so that letter's reasoning about what may
// have left holds; and it forgets idle connections early, because a send on
// one that the other side has just closed ends as an ambiguous outcome.
func transport() *http.Transport {
	var only http.Protocols
	only.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        20 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              &only,
	}
}

// Close closes idle connections. The client can still be used.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call is one request to the Graph API.
type call struct {
	op      string // names it in errors
	method  string
	path    string
	query   url.Values
	mime    string           // of the body
	body    func() io.Reader // opens the body from its start; nil = none
	size    int64            // of the body, bytes
	timeout time.Duration
}

// get reads the fields of a node or an edge into out.
func (c *Client) get(ctx context.Context, op, path string, query url.Values, out any) error {
	return c.do(ctx, call{op: op, method: http.MethodGet, path: path, query: query, timeout: c.config.SendTimeout}, out)
}

// post sends in as JSON and reads the answer into out.
func (c *Client) post(ctx context.Context, op, path string, in, out any) error {
	data, err := json.Marshal(in)
	if err != nil {
		return refused(op, err)
	}
	return c.do(ctx, call{
		op: op, method: http.MethodPost, path: path, mime: "application/json",
		body: func() io.Reader { return bytes.NewReader(data) }, size: int64(len(data)),
		timeout: c.config.SendTimeout,
	}, out)
}

// do makes one attempt. Every error it returns is an *Error.
func (c *Client) do(ctx context.Context, call call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, call.timeout)
	defer cancel()
	l := &letter{open: call.body, late: c.lateness(call.timeout)}
	req, err := c.request(ctx, call, l)
	if err != nil {
		return refused(call.op, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return unanswered(call.op, l.mayHaveLeft(), err)
	}
	defer func() { _ = res.Body.Close() }()
	return c.read(call.op, res, out)
}

func (c *Client) request(ctx context.Context, call call, l *letter) (*http.Request, error) {
	target := c.base + call.path
	if len(call.query) > 0 {
		target += "?" + call.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, call.method, target, nil)
	if err != nil {
		return nil, fmt.Errorf("build the request: %w", cause(err))
	}
	req.Header.Set("Authorization", c.bearer())
	if call.body != nil {
		req.Header.Set("Content-Type", call.mime)
		req.ContentLength = call.size
		req.GetBody = l.reader
		if req.Body, err = l.reader(); err != nil {
			return nil, err
		}
	}
	return req, nil
}

// lateness returns a func that tells whether the call's time is over by the
// wall clock.
func (c *Client) lateness(timeout time.Duration) func() bool {
	deadline := c.config.Now().Round(0).Add(timeout)
	return func() bool { return c.config.Now().Round(0).After(deadline) }
}

// read takes an answer in.
func (c *Client) read(op string, res *http.Response, out any) error {
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return &Error{Op: op, Kind: Unanswered, Outcome: Ambiguous, HTTPStatus: res.StatusCode, err: cause(err)}
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return rejected(op, res, data, c.config.Now())
	}
	if err := json.Unmarshal(data, out); err != nil {
		return unreadable(op, res.StatusCode, err)
	}
	return nil
}
