package words

import "slices"

// Read returns what a line means. It never fails: what is not understood is
// Unknown, with the nearest asks as suggestions.
func (r *Reader) Read(in Input) Reading {
	if in.Book == nil {
		in.Book = r.Book(Names{})
	}
	own := langOf(in.Language)
	if in.Previous != nil && langOf(in.Previous.Language) != noLang && !slices.ContainsFunc(tokens(in.Text), func(t token) bool { return t.kind == aWord }) {
		own = langOf(in.Previous.Language) // a number goes on in the language of the dialogue
	}
	if out, ok := r.strict(&in); ok {
		out.Language = r.lexicon.language(tokens(in.Text), in.Book, en).String()
		return out
	}
	l := r.line(&in, own)
	return l.read()
}

// line cuts a text into items.
func (r *Reader) line(in *Input, own lang) *line {
	s := r.lexicon.lex(tokens(in.Text), in.Book, own)
	l := &line{in: in, lex: r.lexicon, lang: s.lang, items: s.items(), cal: newCalendar(in)}
	l.items = l.corrected(weekly(l.items))
	l.plain = l.corrected(weekly(s.items("list.", "op.", "role.", "setting.", "refuse.pronoun", "cmd.alert", "cmd.alerts", "cmd.more", "cmd.drill", "cmd.people", "cmd.snooze", "cmd.ack",
		"cmd.invite", "cmd.revoke", "cmd.test", "cmd.every", "cmd.monthly", "cmd.workdays", "weekdays.")))
	return l
}

// read goes through the intents, those that are told by their own words first.
func (l *line) read() Reading {
	if len(l.items) == 0 {
		return l.unknown(nil)
	}
	for _, try := range []func(*line) (Reading, bool){
		(*line).drill, (*line).talk, (*line).alert, (*line).people, (*line).settings, (*line).digest, (*line).how,
	} {
		if out, ok := try(l.fresh()); ok && !l.barred(out) {
			return out
		}
	}
	return l.ask()
}

// barred reports whether what seems to be a command is none of the bot's
// business after all.
func (l *line) barred(r Reading) bool {
	switch r.Intent {
	case ToHow, ToDigest, ToSettings, ToHelp:
		return l.refused(3) && !(r.Intent == ToDigest && !l.any("refuse.prompt", "refuse.act", "refuse.chat"))
	}
	return false
}

// ask reads a report, an export or a list.
func (l *line) ask() Reading {
	o := l.fresh()
	o.items, o.used = l.plain, make([]bool, len(l.plain))
	d := o.report(0, len(o.items))
	d.ask.Format = l.format()
	if l.refused(d.strength) {
		return l.unknown(nil)
	}
	who := o.stranger()
	if out, ok := o.follow(&d); ok && who < 0 {
		return out
	}
	if d.ask.Format == "" && !d.overviewNamed(l) {
		if out, ok := l.fresh().list(); ok {
			return out
		}
	}
	if who >= 0 {
		return o.nobody(&d, who)
	}
	if d.ask.Format != "" && d.strength < 2 && l.strangers() == 0 {
		d.strength = 2
	}
	if !o.sure(&d) && (d.times.never == "" || o.strangers() > 0) {
		return o.unknown(&d)
	}
	o.finish(&d)
	out := o.reading(&d)
	if d.refused != nil {
		out.Suggestions = o.suggest(&d)
	}
	return out
}

// overviewNamed reports whether a word for the overview stands in the line, so
// that it is no list.
func (d *draft) overviewNamed(l *line) bool {
	return d.overview && l.any("overview.overview", "overview.card") || d.peak
}

// sure reports whether enough was understood to answer.
func (l *line) sure(d *draft) bool {
	content, strange := 0, 0
	for i := range l.items {
		switch {
		case l.at(i).unknown:
			strange++
		case !l.idle(i):
			content++
		}
	}
	switch d.strength {
	case 3:
		return strange <= 2+content
	case 2:
		return strange == 0 || strange*3 <= content || strange <= 1 && d.theme || strange <= 3 && d.peak
	case 1:
		return strange == 0 && (len(d.ask.By) > 0 && len(d.ask.Where)+boolInt(d.said) > 0 || len(d.ask.Where) > 0 || d.ask.Order != "" || len(d.metrics) > 0 || d.unclear != nil)
	}
	return false
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (l *line) unknown(d *draft) Reading {
	return Reading{Language: l.lang.String(), Intent: Unknown, Suggestions: l.suggest(d)}
}
