package render

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"pulso/analytics"
)

// Locale is how one person reads.
type Locale struct {
	Language string         // en, es, pt; one without texts reads English
	Region   string         // ISO 3166, "CO"; "" is what the language is without one
	Zone     analytics.Zone // days and times of day are told in it; the zero Zone is UTC
	Now      int64          // ms UTC; what "today" and "yesterday" rest on
}

// Voice speaks to one person: it formats values and renders cards for their
// locale. It never changes, and may be used by many goroutines at once.
type Voice struct {
	r      *Renderer
	texts  texts
	tag    language.Tag
	locale Locale
	group  string // between thousands
	point  string // before decimals
	twelve bool   // 2:05 pm, not 14:05
	marked bool   // for WhatsApp: what it would take for formatting is made harmless
	narrow bool   // in a column or on an axis: as short as can be understood
}

// Voice returns the voice for a locale.
func (r *Renderer) Voice(l Locale) *Voice {
	if r.languages[l.Language] == nil {
		l.Language = fallback
	}
	l.Region = strings.ToUpper(l.Region)
	if l.Zone.Name() == "" {
		l.Zone = analytics.MustZone("UTC")
	}
	v := &Voice{r: r, locale: l, texts: r.languages[l.Language], marked: true}
	v.tag = tagOf(l)
	v.group, v.point = separators(v.tag)
	v.twelve = among(l, "en-US", "en-CA", "en-AU", "en-NZ", "en-IN", "en-PH", "es-US", "es-PR")
	return v
}

// Language returns the tag of the voice's texts.
func (v *Voice) Language() string { return v.locale.Language }

func tagOf(l Locale) language.Tag {
	if tag, err := language.Parse(l.Language + "-" + l.Region); l.Region != "" && err == nil {
		return tag
	}
	return language.Make(l.Language)
}

// separators learns how a region writes numbers from one that has everything.
func separators(tag language.Tag) (group, point string) {
	s := message.NewPrinter(tag).Sprint(number.Decimal(1234.5))
	s = strings.TrimPrefix(s, "1")
	group, rest, ok := strings.Cut(s, "234")
	if !ok {
		return ",", "."
	}
	return group, strings.TrimSuffix(rest, "5")
}

// monthFirst reports whether dates are read as "Mar 16".
func (v *Voice) monthFirst() bool { return among(v.locale, "en-US", "en-PH") }

func among(l Locale, tags ...string) bool {
	for _, tag := range tags {
		if tag == l.Language+"-"+l.Region {
			return true
		}
	}
	return false
}

// bare returns the voice for media without WhatsApp's formatting: pictures,
// labels, the terminal, HTML.
func (v *Voice) bare() *Voice {
	c := *v
	c.marked = false
	return &c
}

// tight returns the voice for columns and axes.
func (v *Voice) tight() *Voice {
	c := *v
	c.narrow = true
	return &c
}

// RegionOf returns the region that a phone number in E.164 belongs to, "" when
// it is none of those whose people are expected: the Americas, Spain, Portugal
// and Great Britain.
func RegionOf(phone string) string {
	digits := strings.TrimPrefix(phone, "+")
	if digits == phone {
		return ""
	}
	for n := min(4, len(digits)); n > 0; n-- {
		if region := callingCodes[digits[:n]]; region != "" {
			return region
		}
	}
	return ""
}

// callingCodes are the beginnings of numbers; never written to.
var callingCodes = map[string]string{
	"1": "US", "1787": "PR", "1939": "PR", "1809": "DO", "1829": "DO", "1849": "DO",
	"34": "ES", "351": "PT", "44": "GB", "51": "PE", "52": "MX", "53": "CU", "54": "AR", "55": "BR",
	"56": "CL", "57": "CO", "58": "VE", "502": "GT", "503": "SV", "504": "HN", "505": "NI", "506": "CR",
	"507": "PA", "591": "BO", "593": "EC", "595": "PY", "598": "UY",
}
