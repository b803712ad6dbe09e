package words

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
)

// term is one word of a canonical text.
type term struct {
	text   string
	quoted bool
}

// script is a canonical text being read.
type script struct {
	*line
	terms []term
	i     int
}

// terms cuts a canonical text into words, commas and quoted names.
func terms(text string) ([]term, bool) {
	var list []term
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ':
			i++
		case c == ',':
			list = append(list, term{text: ","})
			i++
		case c == '"':
			name, n, ok := unquote(text[i+1:])
			if !ok {
				return nil, false
			}
			list = append(list, term{name, true})
			i += n + 1
		default:
			n := strings.IndexAny(text[i:], " ,\"")
			if n < 0 {
				n = len(text) - i
			}
			list = append(list, term{text: text[i : i+n]})
			i += n
		}
	}
	return list, len(list) > 0
}

// unquote reads up to the closing quote and says how many bytes that took.
func unquote(text string) (string, int, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), i + 1, true
		case text[i] == '\\' && i+1 < len(text):
			i++
			if text[i] == 'n' {
				b.WriteByte('\n')
				continue
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(text[i])
		}
	}
	return "", 0, false
}

// strict reads canonical text, to the letter; false for anything else.
func (r *Reader) strict(in *Input) (Reading, bool) {
	text := strings.TrimSpace(in.Text)
	head, _, _ := strings.Cut(text, " ")
	head = strings.ToLower(strings.TrimRight(head, ","))
	read := strictHeads[head]
	if _, ok := analytics.MetricOf(head); ok {
		read = (*script).report
	}
	if read == nil {
		return Reading{}, false
	}
	list, ok := terms(text)
	if !ok {
		return Reading{}, false
	}
	l := &line{in: in, lex: r.lexicon, lang: en, cal: newCalendar(in)}
	out, ok := read(&script{line: l, terms: list})
	out.Language = l.lang.String()
	return out, ok
}

var strictHeads = map[string]func(*script) (Reading, bool){
	"stats": (*script).report, "report": (*script).report, "list": (*script).list, "alert": (*script).alert,
	"digest": (*script).digest, "people": (*script).people, "set": (*script).setting, "how": (*script).how,
}

// word returns the next plain word in lower case, "" at the end or at a name.
func (s *script) word() string {
	if s.i < len(s.terms) && !s.terms[s.i].quoted {
		return strings.ToLower(s.terms[s.i].text)
	}
	return ""
}

// take steps over the next word if it is one of those given.
func (s *script) take(words ...string) bool {
	if w := s.word(); w != "" && slices.Contains(words, w) {
		s.i++
		return true
	}
	return false
}

// name takes the next term, whatever it is.
func (s *script) name() (term, bool) {
	if s.i >= len(s.terms) {
		return term{}, false
	}
	s.i++
	return s.terms[s.i-1], true
}

func (s *script) done() bool { return s.i >= len(s.terms) }

// rest returns the remaining words as text.
func (s *script) rest() string {
	var words []string
	for ; s.i < len(s.terms); s.i++ {
		words = append(words, s.terms[s.i].text)
	}
	return strings.Join(words, " ")
}

// number takes a whole number, 0 when there is none.
func (s *script) number() int {
	n, err := strconv.Atoi(s.word())
	if err != nil || n < 0 || n > 999 { // the year of a period
		return 0
	}
	s.i++
	return n
}

// report reads a report or export.
func (s *script) report() (Reading, bool) {
	d := draft{strength: 3}
	s.take("report")
	if s.take("stats") {
		d.overview = true
		d.ask.Metrics = slices.Clone(overview)
	} else if !s.keys(&d.ask.Metrics) {
		return Reading{}, false
	}
	if w := s.word(); w == "mean" || w == "p50" || w == "p90" || w == "max" {
		d.ask.Stat = w
		s.i++
	}
	if s.take("by") && !s.dims(&d.ask.By) || !s.where(&d.ask.Where) {
		return Reading{}, false
	}
	if w := report.Order(s.word()); w == report.Worst || w == report.Best || w == report.Desc || w == report.Asc {
		s.i++
		d.ask.Order, d.ask.Limit = w, s.number()
	}
	s.tails(&d)
	if !s.periods(&d) {
		return Reading{}, false
	}
	s.finish(&d)
	out := s.reading(&d)
	if d.refused != nil {
		out.Suggestions = s.suggest(&d)
	}
	return out, true
}

// keys reads metric keys parted by commas.
func (s *script) keys(out *[]string) bool {
	for {
		m, ok := analytics.MetricOf(s.word())
		if !ok {
			return false
		}
		*out = append(*out, m.Key)
		s.i++
		if !s.take(",") {
			return true
		}
	}
}

func (s *script) dims(out *[]analytics.Dim) bool {
	for {
		d, ok := analytics.ParseDim(s.word())
		if !ok {
			return false
		}
		*out = append(*out, d)
		s.i++
		if !s.take(",") {
			return true
		}
	}
}

// where reads "where team ventas and channel whatsapp:1060"; no where is fine.
func (s *script) where(out *[]report.Filter) bool {
	if !s.take("where") {
		return true
	}
	for {
		d, ok := analytics.ParseDim(s.word())
		if !ok {
			return false
		}
		s.i++
		f := report.Filter{Dim: d}
		if !s.values(&f) {
			return false
		}
		*out = append(*out, f)
		if !s.take("and") {
			return true
		}
	}
}

func (s *script) values(f *report.Filter) bool {
	for {
		t, ok := s.name()
		if !ok {
			return false
		}
		v := t.text
		switch known := s.in.Book.ofDim(v, f.Dim); {
		case v == "none" && !t.quoted:
			v = ""
		case len(known) == 1:
			v = known[0]
		case f.Dim == analytics.ByAgent && !s.in.Book.agentKey(v):
			return false
		}
		f.Values = append(f.Values, v)
		if !s.take(",") {
			return true
		}
	}
}

// agentKey reports whether v is the key of an agent.
func (b *Book) agentKey(v string) bool {
	return v == "phone" || slices.ContainsFunc(b.agents, func(a analytics.Agent) bool { return a.Key == v })
}

// tails takes "as chart", "as xlsx" and "in detail" off the end.
func (s *script) tails(d *draft) {
	for n := len(s.terms); n-s.i >= 2; n = len(s.terms) {
		switch w := strings.ToLower(s.terms[n-2].text + " " + s.terms[n-1].text); w {
		case "as chart":
			d.ask.Chart = true
		case "in detail":
			d.ask.Detail = true
		case "as xlsx", "as pdf", "as csv":
			d.ask.Format = strings.TrimPrefix(w, "as ")
		default:
			return
		}
		s.terms = s.terms[:len(s.terms)-2]
	}
}

// periods reads the period and what it is compared with; both may be missing.
func (s *script) periods(d *draft) bool {
	main, versus, compared := strings.Cut(s.rest(), "vs ")
	if main = strings.TrimSpace(main); main != "" && main != "now" {
		w, ok := s.period(main)
		if !ok {
			return false
		}
		d.said, d.period, d.times.never = true, w, w.never
		if w.note != nil {
			d.notes = append(d.notes, *w.note)
		}
	}
	switch {
	case !compared:
	case versus == "previous":
		d.times.asked, d.times.kind = true, report.Previous
	case versus == "weekdays":
		d.times.asked, d.times.kind = true, report.Weekdays
	default:
		v, ok := s.period(versus)
		if !ok {
			return false
		}
		d.times.asked, d.times.versus = true, &v
		if d.times.never == "" {
			d.times.never = v.never
		}
	}
	return true
}

// period reads a canonical period, and nothing beside it.
func (l *line) period(text string) (when, bool) {
	in := *l.in
	in.Text = text
	items := l.lex.lex(tokens(text), &Book{lexicon: l.lex}, en).items("list.", "op.", "cmd.")
	o := &line{in: &in, lex: l.lex, lang: en, items: items, used: make([]bool, len(items)), cal: l.cal}
	o.cal.monthFirst = false
	t := o.scanTimes(0, len(items))
	if t.main == nil || slices.Contains(o.used, false) || t.versus != nil {
		return when{}, false
	}
	w := *t.main
	w.never = t.never
	return w, true
}

// list reads "list waiting where team ventas this week page 2".
func (s *script) list() (Reading, bool) {
	s.i++
	d := &ListDetail{List: s.word(), Page: 1}
	s.i++
	r := Reading{Intent: ToList, List: d, follows: true}
	if !slices.Contains(lists, d.List) {
		return r, false
	}
	if s.take("contact") {
		t, _ := s.name()
		d.Sought = t.text
		if found := s.lookup(t.text); len(found) == 1 {
			d.Contact, d.Sought = &found[0], ""
		}
	}
	if !s.where(&d.Where) {
		return r, false
	}
	if n := len(s.terms); n-s.i >= 2 && strings.ToLower(s.terms[n-2].text) == "page" {
		d.Page, _ = strconv.Atoi(s.terms[n-1].text)
		s.terms = s.terms[:n-2]
	}
	if text := s.rest(); text != "" {
		w, ok := s.period(text)
		if !ok {
			return r, false
		}
		d.Period, d.PeriodText = w.span, w.text
	}
	if d.List == "open" {
		s.owner(d, &r)
	}
	return r, d.Page > 0
}

var lists = []string{"waiting", "unassigned", "expiring", "missed", "open", "log", "mentions", "comments", "attention", "contacts"}

// how reads "how read_rate, transfers".
func (s *script) how() (Reading, bool) {
	s.i++
	r := Reading{Intent: ToHow}
	return r, !s.done() && s.keys(&r.How) && s.done()
}

// setting reads "set language en".
func (s *script) setting() (Reading, bool) {
	s.i++
	d := &SettingDetail{}
	switch {
	case s.take("language"):
		d.Setting = "language"
	case s.take("timezone"):
		d.Setting = "timezone"
	}
	if t, ok := s.name(); ok {
		d.Value = t.text
	}
	valid := d.Setting == "language" && (d.Value == "" || langOf(d.Value) != noLang) || d.Setting == "timezone"
	return Reading{Intent: ToSettings, Setting: d}, valid && s.done()
}

// length takes a length of time such as 15m.
func (s *script) length() (time.Duration, bool) {
	d, err := time.ParseDuration(s.word())
	s.i++
	return d, err == nil && d > 0
}
