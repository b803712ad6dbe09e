package graph

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// number is a Number at work.
type number struct {
	Number
	window map[*person]time.Time // last message or call of a person to this number
	pairs  map[*person]*pace
	pace   pace
}

// account is a WhatsApp business account.
type account struct {
	id        string
	numbers   []*number
	templates []*template
	creations pace
}

func (s *Server) addNumber(n Number) {
	n.Quality = defaulted(n.Quality, "GREEN")
	if s.accounts[n.WABA] == nil {
		s.accounts[n.WABA] = &account{id: n.WABA}
	}
	added := &number{Number: n, window: map[*person]time.Time{}, pairs: map[*person]*pace{}}
	s.numbers[n.ID] = added
	s.accounts[n.WABA].numbers = append(s.accounts[n.WABA].numbers, added)
}

func (n *number) metadata() object {
	return object{"display_phone_number": digits(n.Display), "phone_number_id": n.ID}
}

// pace is a limit of one event per interval, of which some can be borrowed
// from the future.
type pace struct {
	next time.Time // when it would be free, had nothing been borrowed
}

// take reports whether an event may happen now, and counts it if so.
func (p *pace) take(now time.Time, interval time.Duration, burst int) bool {
	if p.next.Before(now) {
		p.next = now
	}
	if p.next.Sub(now) > time.Duration(burst-1)*interval {
		return false
	}
	p.next = p.next.Add(interval)
	return true
}

var versionPattern = regexp.MustCompile(`^v([0-9]+)\.[0-9]+$`)

const (
	oldestVersion = 21 // v20.0 and older are dead
	newestVersion = 26
)

// serve answers one request: a result, or a *failure.
func (s *Server) serve(r *http.Request, body []byte, statusFirst bool) any {
	if id, ok := strings.CutPrefix(r.URL.Path, filePath); ok {
		return s.authorised(r, func() any { return s.file(id) })
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if f := dead(parts[0]); f != nil {
		return f
	}
	return s.authorised(r, func() any {
		switch {
		case len(parts) == 2:
			return s.node(r, parts[1])
		case len(parts) == 3 && s.numberOf(parts[1]) != nil:
			return s.numberEdge(r, s.numberOf(parts[1]), parts[2], body, statusFirst)
		case len(parts) == 3 && s.accounts[parts[1]] != nil:
			return s.accountEdge(r, s.accounts[parts[1]], parts[2], body)
		case len(parts) == 3:
			return missing(strings.ToLower(r.Method), parts[1])
		}
		return fail(2500, "Unknown path components: %s", r.URL.Path)
	})
}

func dead(version string) *failure {
	m := versionPattern.FindStringSubmatch(version)
	if m == nil {
		return fail(2500, "Unknown path components: /%s", version)
	}
	switch major, _ := strconv.Atoi(m[1]); {
	case major < oldestVersion:
		return fail(2635, "The oldest version that works is v%d.0", oldestVersion)
	case major > newestVersion:
		return fail(2500, "Unknown path components: /%s", version)
	}
	return nil
}

// authorised serves a request that carries the right token, and refuses others.
func (s *Server) authorised(r *http.Request, serve func() any) any {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || s.options.Token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(s.options.Token)) != 1 {
		return fail(190, "")
	}
	return serve()
}

// numberOf and the accounts are fixed once the server is made, so they are read
// without s.mu.
func (s *Server) numberOf(id string) *number { return s.numbers[id] }

func (s *Server) numberEdge(r *http.Request, n *number, edge string, body []byte, statusFirst bool) any {
	switch r.Method + " " + edge {
	case "POST messages":
		return s.message(n, body, statusFirst)
	case "POST media":
		return s.upload(n, r.Header.Get("Content-Type"), body)
	}
	return missing(strings.ToLower(r.Method), n.ID)
}

func (s *Server) accountEdge(r *http.Request, a *account, edge string, body []byte) any {
	switch r.Method + " " + edge {
	case "POST message_templates":
		return s.createTemplate(a, body)
	case "GET message_templates":
		return s.listTemplates(a, r.URL.Query())
	case "GET phone_numbers":
		return s.listNumbers(a, r.URL.Query())
	case "GET subscribed_apps":
		return s.listApps()
	case "POST subscribed_apps":
		return object{"success": true}
	}
	return missing(strings.ToLower(r.Method), a.id)
}

// node answers GET and DELETE of a single object.
func (s *Server) node(r *http.Request, id string) any {
	fields := r.URL.Query().Get("fields")
	n, a, get := s.numbers[id], s.accounts[id], r.Method == http.MethodGet
	switch {
	case n != nil && get:
		return pick(n.object(), fields, "WhatsAppBusinessPhoneNumber", "verified_name,display_phone_number,quality_rating,id")
	case a != nil && get:
		return pick(a.object(), fields, "WhatsAppBusinessAccount", "id,name,currency,timezone_id,message_template_namespace")
	case n == nil && a == nil && get:
		return s.describeMedia(r, id)
	case n == nil && a == nil && r.Method == http.MethodDelete:
		return s.deleteMedia(id)
	}
	return missing(strings.ToLower(r.Method), id)
}

func (n *number) object() object {
	return object{
		"id": n.ID, "display_phone_number": n.Display, "verified_name": n.Name, "quality_rating": n.Quality,
		"throughput": object{"level": "STANDARD"}, "whatsapp_business_manager_messaging_limit": "TIER_2K",
		"status": "CONNECTED", "platform_type": "CLOUD_API", "is_on_biz_app": false, "name_status": "APPROVED",
		"code_verification_status": "VERIFIED", "account_mode": "LIVE", "is_official_business_account": false,
		"health_status": object{"can_send_message": "AVAILABLE"},
	}
}

func (a *account) object() object {
	return object{
		"id": a.id, "name": a.numbers[0].Name, "currency": "USD", "timezone_id": "1",
		"message_template_namespace": "ns_" + a.id, "account_review_status": "APPROVED",
		"business_verification_status": "not_verified", "country": countryOf(digits(a.numbers[0].Display)),
		"health_status": object{"can_send_message": "AVAILABLE"},
	}
}

// pick returns the asked fields of a node, or those Graph gives unasked, and
// always the id; an unknown field is an error.
func pick(node object, fields, kind, otherwise string) any {
	out := object{"id": node["id"]}
	for _, field := range strings.Split(defaulted(fields, otherwise), ",") {
		value, ok := node[strings.TrimSpace(field)]
		if !ok {
			f := fail(100, "")
			f.title = "Tried accessing nonexisting field (" + field + ") on node type (" + kind + ")"
			return f
		}
		out[strings.TrimSpace(field)] = value
	}
	return out
}

func (s *Server) listNumbers(a *account, query url.Values) any {
	var nodes []object
	for _, n := range a.numbers {
		nodes = append(nodes, n.object())
	}
	return list(nodes, query, "WhatsAppBusinessPhoneNumber", "verified_name,display_phone_number,quality_rating,id")
}

func (s *Server) listApps() any {
	apps := []object{}
	if !s.options.Unsubscribed {
		apps = append(apps, object{"whatsapp_business_api_data": object{"id": "700100200300", "name": "Simulated app", "link": "https://www.facebook.com/games/?app_id=700100200300"}})
	}
	return object{"data": apps}
}

// list returns a page of nodes with cursors, as Graph pages its edges.
func list(nodes []object, query url.Values, kind, otherwise string) any {
	start, limit := 0, 25
	if asked, err := strconv.Atoi(query.Get("limit")); err == nil && asked > 0 {
		limit = min(asked, 1000)
	}
	if after := query.Get("after"); after != "" {
		at, err := base64.RawURLEncoding.DecodeString(after)
		last, numErr := strconv.Atoi(string(at))
		if err != nil || numErr != nil {
			return fail(100, "Invalid cursors values")
		}
		start = max(last+1, 0)
	}
	page := []any{}
	last := start
	for i := start; i < len(nodes) && len(page) < limit; i++ {
		picked := pick(nodes[i], query.Get("fields"), kind, otherwise)
		if f, refused := picked.(*failure); refused {
			return f
		}
		page, last = append(page, picked), i
	}
	if len(page) == 0 {
		return object{"data": page}
	}
	cursors := object{"before": cursor(start), "after": cursor(last)}
	paging := object{"cursors": cursors}
	if last < len(nodes)-1 {
		paging["next"] = "https://graph.facebook.com/next?after=" + cursor(last)
	}
	return object{"data": page, "paging": paging}
}

func cursor(i int) string { return base64.RawURLEncoding.EncodeToString([]byte(itoa(i))) }

// shortCodes are the country codes of one and two digits; all others have three.
var shortCodes = []string{
	"1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
	"51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86",
	"90", "91", "92", "93", "94", "95", "98",
}

// dialCode returns the country code that a full number begins with.
func dialCode(number string) string {
	for n := 1; n <= 2 && n <= len(number); n++ {
		if slices.Contains(shortCodes, number[:n]) {
			return number[:n]
		}
	}
	return number[:min(3, len(number))]
}

// countryOf returns a country's two letters for the user ids made up here.
func countryOf(number string) string {
	switch dialCode(number) {
	case "57":
		return "CO"
	case "52":
		return "MX"
	case "55":
		return "BR"
	case "54":
		return "AR"
	case "56":
		return "CL"
	case "51":
		return "PE"
	case "34":
		return "ES"
	}
	return "US"
}
