package words

import (
	"slices"
	"strings"

	"pulso/analytics"
)

// corrected leaves out what the line takes back: of "las ventas… perdón, los
// recibidos de ayer, digo de hoy" what is said last of a thing counts.
func (l *line) corrected(items []item) []item {
	for range 3 { // a line takes back a few things at most
		first, next := fixAt(items)
		if first < 0 {
			return items
		}
		items = append(l.withdrawn(items[:first], items[next:]), items[next:]...)
	}
	return items
}

// weekly parts "por día de la semana pasada" into days and last week: the week
// is no part of the weekday there.
func weekly(items []item) []item {
	for i := 0; i+1 < len(items); i++ {
		if !items[i].has("dim.weekday") || !items[i+1].has("rel.past", "rel.this") || !strings.Contains(items[i].text, " ") {
			continue
		}
		day, week := items[i], items[i]
		day.classes, week.classes = []string{"dim.day"}, []string{"unit.week"}
		week.text = week.text[strings.LastIndexByte(week.text, ' ')+1:]
		items = slices.Insert(slices.Clone(items), i+1, week)
		items[i] = day
	}
	return items
}

// fixAt finds the words that take something back, with what stands on both
// sides of them: "perdón", "no wait", ", não, ".
func fixAt(items []item) (first, next int) {
	o := &line{items: items}
	for i := range items {
		cue := o.is(i, "fix.mark") && !items[i].named() || o.mark(i-1) && o.is(i, "glue.not") && o.mark(i+1)
		if !cue || o.leads(i) {
			continue
		}
		next = i + 1
		for next < len(items) && (o.mark(next) || o.is(next, "fix.mark", "glue.not")) {
			next++
		}
		if next < len(items) {
			return i, next
		}
	}
	return -1, 0
}

// withdrawn returns the items of left that right does not say anew.
func (l *line) withdrawn(left, right []item) []item {
	old, anew := l.part(left), l.part(right)
	was, now := old.scanTimes(0, len(left)), anew.scanTimes(0, len(right))
	has := func(o *line) bool { return len(o.heads(0, len(o.items), o.present(0, len(o.items)))) > 0 }
	metric, named := has(anew), slices.ContainsFunc(right, func(it item) bool { return it.named() })
	bare := metric && !has(old)
	var out []item
	for i, it := range left {
		switch {
		case now.main != nil && was.main != nil && old.used[i]:
		case metric && it.has("act.", "noun.", "metric.", "mod.", "list.") && !it.has("noun.window"):
		case it.named() && (named || bare):
		case now.main != nil && old.used[i]:
		default:
			out = append(out, it)
		}
	}
	return slices.Clip(out)
}

// part is the line with only some of its items, nothing used yet.
func (l *line) part(items []item) *line {
	o := *l
	o.items, o.used, o.flow = items, make([]bool, len(items)), false
	return &o
}

// stranger returns the item that names somebody whom nobody knows, or -1: a word
// of no vocabulary that is a given name, written with a capital, or stands where
// only the one who acts can.
func (l *line) stranger() int {
	for i := range l.items {
		it := l.at(i)
		if !it.unknown || it.kind != aWord || len(it.word) < 3 || l.used[i] {
			continue
		}
		proper := it.upper && i > 0 && !l.mark(i-1) && !l.at(i-1).upper
		if l.lex.given[it.word] || proper || l.acting(i) {
			return i
		}
	}
	return -1
}

// acting reports whether the word at item i can only be who acts: "how many did
// annie close", "cuántos cerró rigoberto", "quantas a annie fechou".
func (l *line) acting(i int) bool {
	word := l.at(i).word
	if !l.any("ask.howmany") || strings.HasSuffix(word, "s") && l.lang != en {
		return false
	}
	after := i+1 >= len(l.items) || l.mark(i+1) || l.used[i+1]
	if l.lang == en {
		return l.is(i-1, "cue.doer") && l.is(i+1, "act.")
	}
	return l.is(i-1, "act.") && l.at(i-1).last > 0 && finite(l.at(i-1).text) && after || l.lang == pt && l.is(i-1, "glue.art") && l.is(i+1, "act.")
}

// finite reports whether a Spanish or Portuguese verb has somebody as its
// subject: not a participle in the plural, not an infinitive.
func finite(verb string) bool {
	return !strings.HasSuffix(verb, "s") && !strings.HasSuffix(verb, "r") && !strings.HasSuffix(verb, "ndo")
}

// nobody answers a line that names somebody unknown: with the agents whose
// names sound alike to choose from, or with asks about all of them.
func (l *line) nobody(d *draft, i int) Reading {
	it := l.at(i)
	if found := l.lookup(l.in.Text[it.start:it.last]); len(found) == 1 && !d.overview {
		return Reading{Language: l.lang.String(), Intent: ToList, List: &ListDetail{List: "log", Contact: &found[0], Page: 1}, follows: true}
	}
	if names := l.in.Book.soundsLike(it.word); len(names) > 0 && d.strength > 0 {
		d.unclear = &Ambiguity{Dim: analytics.ByAgent, Said: it.text, Names: names}
		l.finish(d)
		return l.reading(d)
	}
	d.ask.By = []analytics.Dim{analytics.ByAgent}
	return l.unknown(d)
}

// soundsLike returns the agents whose name begins like a word when both are
// heard: Annie, Ana.
func (b *Book) soundsLike(word string) []string {
	stem := func(w string) string { return strings.TrimRight(sound(w), "aeiou") }
	sought := stem(word)
	var out []string
	for _, a := range b.agents {
		for _, w := range strings.Fields(analytics.FoldName(a.Name)) {
			if len(sought) > 1 && stem(w) == sought && !slices.Contains(out, a.Name) {
				out = append(out, a.Name)
			}
		}
	}
	return out
}
