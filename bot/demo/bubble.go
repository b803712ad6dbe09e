package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pulso/bot/demo/graph"
)

// bubble is one message as the page's template shows it.
type bubble struct {
	graph.Shown
	Words  phrases
	Time   string // 15:04
	Moment string // machine-readable
	Day    string // Today, Yesterday, or a date
	Quoted *quoted
}

// quoted is what a bubble answers to.
type quoted struct {
	Who  string
	Text template.HTML
}

// Formatted is what the bubble says.
func (b bubble) Formatted() template.HTML {
	text := b.Text
	if b.Media != nil && b.Media.Caption != "" && text == "" {
		text = b.Media.Caption
	}
	return format(text)
}

// IsImage, IsAudio and IsVideo tell how a file is shown; any other is a document.
func (b bubble) IsImage() bool { return b.has("image/") }
func (b bubble) IsAudio() bool { return b.has("audio/") }
func (b bubble) IsVideo() bool { return b.has("video/") }

func (b bubble) has(kind string) bool { return b.Media != nil && strings.HasPrefix(b.Media.MIME, kind) }

// File is the name of a document, and what it is called when it has none.
func (b bubble) File() string {
	if b.Media.Filename != "" {
		return b.Media.Filename
	}
	return b.Words.Document
}

// Weight is the size of a file for people, and its kind.
func (b bubble) Weight() string {
	kind := strings.ToUpper(b.File()[strings.LastIndexByte(b.File(), '.')+1:])
	if kind == strings.ToUpper(b.File()) {
		kind = ""
	}
	size := fmt.Sprintf("%d B", len(b.Media.Data))
	switch n := len(b.Media.Data); {
	case n >= 1<<20:
		size = strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		size = fmt.Sprintf("%d kB", (n+512)>>10)
	}
	if kind == "" {
		return size
	}
	return size + " · " + kind
}

// Who wrote the bubble.
func (b bubble) Who() string {
	if b.Own {
		return b.Words.You
	}
	return b.Words.Bot
}

// show makes the bubble of a message; all are those of its chat.
func (h *handset) show(m graph.Shown, all []graph.Shown, words phrases) bubble {
	at := m.At.In(h.Zone)
	b := bubble{Shown: m, Words: words, Time: at.Format("15:04"), Moment: at.Format(time.RFC3339), Day: h.dayOf(at, words)}
	for _, other := range all {
		if m.Quote != "" && other.ID == m.Quote {
			b.Quoted = h.quote(other, words)
		}
	}
	return b
}

// quote is the beginning of what is answered.
func (h *handset) quote(m graph.Shown, words phrases) *quoted {
	who := words.Bot
	if m.Own {
		who = words.You
	}
	text := m.Text
	switch {
	case text == "" && m.Media != nil && m.Media.Caption != "":
		text = m.Media.Caption
	case text == "" && m.Media != nil:
		text = words.Document
	}
	const most = 90
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return &quoted{who, format(oneLine(text))}
}

// oneLine makes a text of several lines, and of code, one of words.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "```", " ")), " ")
}

// dayOf names a local day.
func (h *handset) dayOf(at time.Time, words phrases) string {
	now := h.Clock().In(h.Zone)
	switch at.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return words.Today
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		return words.Yesterday
	}
	day := fmt.Sprintf("%d %s", at.Day(), words.Month[at.Month()-1])
	if at.Year() != now.Year() {
		day += " " + strconv.Itoa(at.Year())
	}
	return day
}

// drawn is a bubble as it travels to the page.
type drawn struct {
	ID   string `json:"id"`
	Day  string `json:"day"`
	Own  bool   `json:"own"`
	Read bool   `json:"read"`
	HTML string `json:"html"`
}

// draw writes a bubble for the stream.
func (h *handset) draw(b bubble) ([]byte, error) {
	var out bytes.Buffer
	if err := h.pages.ExecuteTemplate(&out, "bubble", b); err != nil {
		return nil, fmt.Errorf("demo: bubble: %w", err)
	}
	return json.Marshal(drawn{b.ID, b.Day, b.Own, b.Read, out.String()})
}
