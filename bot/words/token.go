package words

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// kind says what sort of token it is.
type kind uint8

const (
	aWord   kind = iota
	aNumber      // num
	aClock       // minute of the day in num
	aDate        // year (0 when not said), month, day (0: a month)
	aMoment      // date and clock
	aPhone       // digits in word, with a leading +
	aMark        // , ; . ? ! and line ends: clauses part here
	anOp         // > < >= <= = % -
	aSign        // an emoji
)

// token is one piece of a line.
type token struct {
	kind             kind
	word             string // folded: no accents, no capitals
	num              float64
	year, month, day int
	start, end       int  // bytes of the line
	ordinal          bool // 1st, 2º
	glued            bool // nothing stands between it and the token before
	dayFirst         bool // of a date such as 04/03, whose order the reader decides
	quoted           bool
	upper            bool // begins with a capital
}

// folded is a line without accents and capitals; at maps its bytes to the line's.
type folded struct {
	text string
	at   []int
}

func fold(line string) folded {
	var b strings.Builder
	b.Grow(len(line))
	at := make([]int, 0, len(line)+1)
	for i, r := range line {
		if r < utf8.RuneSelf {
			b.WriteByte(byte(unicode.ToLower(r)))
			at = append(at, i)
			continue
		}
		for _, c := range base(r) {
			n := b.Len()
			b.WriteRune(c)
			for range b.Len() - n {
				at = append(at, i)
			}
		}
	}
	return folded{b.String(), append(at, len(line))}
}

// base returns a rune without its accents, in lower case.
func base(r rune) string {
	switch {
	case r < utf8.RuneSelf:
		return string(unicode.ToLower(r))
	case r == '’' || r == '‘' || r == '´' || r == '`':
		return "'"
	case r == '“' || r == '”' || r == '«' || r == '»':
		return `"`
	case r == '–' || r == '—' || r == '−':
		return "-"
	case r == '≥':
		return ">="
	case r == '≤':
		return "<="
	case r == '\u00a0' || r == '\u202f' || r == '\u2009':
		return " "
	case unicode.Is(unicode.Mn, r) || r == '\u200d' || unicode.Is(unicode.Sk, r):
		return ""
	}
	d := norm.NFKD.String(string(unicode.ToLower(r)))
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, d)
}

var (
	reMoment  = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)t(\d\d):(\d\d)(?::\d\d)?`)
	reISO     = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})`)
	reFull    = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d\d)`)
	reMonth   = regexp.MustCompile(`^(?:(\d{1,2})/(20\d\d)|(20\d\d)-(\d\d))`)
	reDay     = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})`)
	reClock   = regexp.MustCompile(`^(\d{1,2})[:h](\d\d)`)
	rePhone   = regexp.MustCompile(`^(?:\+\d[\d ().-]{6,22}\d|\d{10,15}|\d{3}[ -]\d{3}[ -]\d{4}|\d{3}[ -]\d{7})`)
	reNumber  = regexp.MustCompile(`^\d+(?:[.,]\d+)*`)
	reOrdinal = regexp.MustCompile(`^(?:st|nd|rd|th|er|ro|ra|do|da|to|ta|mo|o|a|º|ª|°)`)
	reLaugh   = regexp.MustCompile(`^(?:(?:ja){2,}j?|(?:je){2,}|(?:ji){2,}|(?:ha){2,}h?|(?:he){2,}|(?:rs){2,}|k{2,}|lol|haha+|lmao)$`)
)

// scanner cuts a folded line into tokens.
type scanner struct {
	folded
	line string
	i    int
	list []token
}

// tokens cuts a line into tokens.
func tokens(line string) []token {
	s := &scanner{folded: fold(line), line: line}
	for s.i < len(s.text) {
		s.next()
	}
	return s.list
}

func (s *scanner) rest() string { return s.text[s.i:] }

// add appends the token made of the next n bytes.
func (s *scanner) add(t token, n int) {
	t.start, t.end = s.at[s.i], s.at[s.i+n]
	t.glued = len(s.list) > 0 && s.list[len(s.list)-1].end == t.start
	s.list = append(s.list, t)
	s.i += n
}

func (s *scanner) next() {
	r, n := utf8.DecodeRuneInString(s.rest())
	switch {
	case r == '\n':
		s.add(token{kind: aMark, word: "\n"}, n)
	case unicode.IsSpace(r) || r == '_':
		s.i += n
	case r == '"':
		s.quote()
	case r >= '0' && r <= '9' || r == '+' && rePhone.MatchString(s.rest()):
		s.figure()
	case unicode.IsLetter(r):
		s.letters()
	case strings.ContainsRune("<>=%", r):
		s.operator()
	case r == '-':
		s.dash(n)
	case unicode.Is(unicode.So, r):
		s.add(token{kind: aSign, word: string(r)}, n)
	case r == '&' || r == '+':
		s.add(token{word: "&"}, n)
	case strings.ContainsRune(",;.?!…:()[]{}|/¿¡*~•\\", r):
		s.mark(r, n)
	default:
		s.i += n
	}
}

// mark keeps a mark of punctuation, one of several in a row.
func (s *scanner) mark(r rune, n int) {
	if strings.ContainsRune("¿¡*~•\\:[]{}|", r) {
		s.i += n
		return
	}
	s.add(token{kind: aMark, word: string(r)}, n)
}

// dash is an operator between figures ("9-12") and a joint elsewhere.
func (s *scanner) dash(n int) {
	s.i += n
	after := strings.TrimLeft(s.rest(), " ")
	if k := len(s.list); k > 0 && s.list[k-1].kind != aMark && after != "" && after[0] >= '0' && after[0] <= '9' {
		s.i -= n
		s.add(token{kind: anOp, word: "-"}, n)
	}
}

func (s *scanner) operator() {
	for _, op := range []string{">=", "<=", "=>", "=<", "==", ">", "<", "=", "%"} {
		if strings.HasPrefix(s.rest(), op) {
			word := map[string]string{"=>": ">=", "=<": "<=", "==": "="}[op]
			if word == "" {
				word = op
			}
			s.add(token{kind: anOp, word: word}, len(op))
			return
		}
	}
}

// quote reads "…" as the words within, marked as quoted.
func (s *scanner) quote() {
	end := strings.IndexByte(s.text[s.i+1:], '"')
	if end <= 0 {
		s.i++
		return
	}
	stop := s.i + 1 + end
	s.i++
	from := len(s.list)
	for s.i < stop {
		s.next()
	}
	s.i = max(s.i, stop+1)
	for k := from; k < len(s.list); k++ {
		s.list[k].quoted = true
	}
}

// letters reads a word. Apostrophes go, and an English 's with them.
func (s *scanner) letters() {
	n := 0
	for n < len(s.rest()) {
		r, k := utf8.DecodeRuneInString(s.rest()[n:])
		if !unicode.IsLetter(r) && !(r >= '0' && r <= '9') && r != '\'' && r != 'º' && r != 'ª' {
			break
		}
		n += k
	}
	raw := s.rest()[:n]
	word := strings.TrimSuffix(strings.TrimRight(raw, "'"), "'s")
	word = strings.ReplaceAll(word, "'", "")
	if reLaugh.MatchString(word) {
		s.i += n
		return
	}
	first, _ := utf8.DecodeRuneInString(s.line[s.at[s.i]:])
	s.add(token{word: shorten(word), upper: unicode.IsUpper(first)}, n)
}

// shorten writes a letter that stands three times or more in a row once.
func shorten(word string) string {
	var b strings.Builder
	run := 0
	var last rune
	rs := []rune(word)
	for i, r := range rs {
		if r == last && unicode.IsLetter(r) {
			run++
		} else {
			run = 1
		}
		last = r
		if run == 1 || run == 2 && (i+1 >= len(rs) || rs[i+1] != r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// figure reads what begins with a digit, or a phone.
func (s *scanner) figure() {
	rest := s.rest()
	for _, try := range []func(string) (token, int){moment, isoDate, fullDate, monthDate, slashDate, phone, clock} {
		if t, n := try(rest); n > 0 && !digitAfter(rest, n) && t.plausible() {
			s.add(t, n)
			return
		}
	}
	s.number(rest)
}

// plausible reports whether a date that says its year is of this century or the last.
func (t *token) plausible() bool {
	dated := t.kind == aMoment || t.kind == aDate && !(t.dayFirst && t.year == 0)
	return !dated || t.year >= 1900 && t.year < 2100
}

func digitAfter(rest string, n int) bool {
	return n < len(rest) && rest[n] >= '0' && rest[n] <= '9'
}

func ints(list []string) []int {
	out := make([]int, len(list))
	for i, x := range list {
		out[i], _ = strconv.Atoi(x) // digits by the pattern; "" is 0
	}
	return out
}

func moment(rest string) (token, int) {
	m := reMoment.FindStringSubmatch(rest)
	if m == nil {
		return token{}, 0
	}
	v := ints(m)
	return token{kind: aMoment, word: m[0], year: v[1], month: v[2], day: v[3], num: float64(v[4]*60 + v[5])}, len(m[0])
}

func isoDate(rest string) (token, int) {
	m := reISO.FindStringSubmatch(rest)
	if m == nil {
		return token{}, 0
	}
	v := ints(m)
	return token{kind: aDate, word: m[0], year: v[1], month: v[2], day: v[3]}, len(m[0])
}

func fullDate(rest string) (token, int) {
	m := reFull.FindStringSubmatch(rest)
	if m == nil {
		return token{}, 0
	}
	v := ints(m)
	if v[3] < 100 {
		v[3] += 2000
	}
	return token{kind: aDate, word: m[0], year: v[3], month: v[2], day: v[1], dayFirst: true}, len(m[0])
}

func monthDate(rest string) (token, int) {
	m := reMonth.FindStringSubmatch(rest)
	if m == nil {
		return token{}, 0
	}
	v := ints(m)
	return token{kind: aDate, word: m[0], year: v[2] + v[3], month: v[1] + v[4]}, len(m[0])
}

func slashDate(rest string) (token, int) {
	m := reDay.FindStringSubmatch(rest)
	if m == nil || strings.HasPrefix(rest[len(m[0]):], "/") {
		return token{}, 0
	}
	v := ints(m)
	if v[1] == 0 || v[2] == 0 {
		return token{}, 0
	}
	return token{kind: aDate, word: m[0], month: v[2], day: v[1], dayFirst: true}, len(m[0])
}

func clock(rest string) (token, int) {
	m := reClock.FindStringSubmatch(rest)
	if m == nil {
		return token{}, 0
	}
	v := ints(m)
	if v[1] > 24 || v[2] > 59 {
		return token{}, 0
	}
	n := len(m[0])
	if n < len(rest) && rest[n] == 'h' && (n+1 == len(rest) || rest[n+1] == ' ') {
		n++
	}
	return token{kind: aClock, word: m[0], num: float64(v[1]*60 + v[2])}, n
}

func phone(rest string) (token, int) {
	m := rePhone.FindString(rest)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, m)
	if len(digits) < 8 || len(digits) > 15 {
		return token{}, 0
	}
	if m[0] == '+' {
		digits = "+" + digits
	}
	return token{kind: aPhone, word: digits}, len(m)
}

// number reads a number: 1.000 and 1,000 are a thousand, 1,5 and 1.5 one and a half.
func (s *scanner) number(rest string) {
	m := reNumber.FindString(rest)
	if m == "" { // a plus before what is no phone
		s.i++
		return
	}
	t := token{kind: aNumber, word: m, num: decimal(m)}
	n := len(m)
	if o := reOrdinal.FindString(rest[n:]); o != "" && boundary(rest[n+len(o):]) {
		t.ordinal = true
		n += len(o)
	}
	s.add(t, n)
}

// boundary reports whether a word cannot go on here.
func boundary(rest string) bool {
	r, n := utf8.DecodeRuneInString(rest)
	return n == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func decimal(m string) float64 {
	parts := strings.FieldsFunc(m, func(r rune) bool { return r == '.' || r == ',' })
	text := strings.Join(parts, "")
	if last := parts[len(parts)-1]; len(parts) > 1 && (len(last) != 3 || len(parts) == 2 && parts[0] == "0") {
		text = strings.Join(parts[:len(parts)-1], "") + "." + last
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return v
}
