package words

// talk reads what is no question: a greeting, thanks, a cry for help, a word of
// acknowledgement; false when the line is more than that.
func (l *line) talk() (Reading, bool) {
	r := Reading{Language: l.lang.String()}
	switch {
	case l.help():
		r.Intent = ToHelp
	case l.any("cmd.ack") && l.alone("cmd.ack") && (l.in.Alert || !l.any("cmd.thanks", "cmd.greeting")):
		r.Intent, r.Alert = ToAlert, &AlertDetail{Action: "ack"}
	case l.any("glue.until", "when.to_date") && l.any("when.tomorrow") && l.alone("when.tomorrow") && !l.in.Alert: // "até amanhã"
		r.Intent = ToGreet
	case l.in.Alert && l.alertQuestion(&r):
	case l.any("cmd.greeting", "cmd.thanks") && l.alone("cmd.ack", "follow.", "setting.") && l.strangers() <= 1:
		r.Intent = ToGreet
	default:
		return Reading{}, false
	}
	return r, true
}

// help reports whether the line asks what can be asked.
func (l *line) help() bool {
	k := l.find(0, "cmd.help")
	if k < 0 {
		return false
	}
	for i := range l.items {
		if i != k && !l.idle(i) && !l.is(i, "cmd.help", "cmd.ack", "follow.", "cmd.list", "cmd.drill", "ask.which", "ask.exists", "cmd.send", "overview.howgo", "overview.overview") && !l.at(i).unknown {
			return false
		}
	}
	return l.strangers() <= 1
}

// alertQuestion reads "who?" and "why?" in answer to an alert.
func (l *line) alertQuestion(r *Reading) bool {
	switch {
	case l.any("ask.who") && l.alone("ask.who", "ask.which", "act.waiting", "follow.", "cmd."):
		r.Alert = &AlertDetail{Action: "who"}
	case l.any("ask.why") && l.alone("ask.why", "overview.", "cmd.", "follow.", "ask.which"):
		r.Alert = &AlertDetail{Action: "why"}
	default:
		return false
	}
	r.Intent = ToAlert
	return true
}

// strangers counts the words that no vocabulary knows.
func (l *line) strangers() int {
	n := 0
	for i := range l.items {
		if l.at(i).unknown {
			n++
		}
	}
	return n
}

// refused reports whether the line asks for what the bot does not do: talk about
// the world, money, acting on customers, its own inside.
func (l *line) refused(strength int) bool {
	if l.commands() {
		return true
	}
	first := true
	for i := range l.items {
		it := l.at(i)
		switch {
		case it.has("op.") && l.any("cmd.alert"), it.named() && !(it.partial && it.has("refuse.money") && !l.any("noun.", "act.", "dim.", "metric.")):
		case it.has("refuse.prompt", "refuse.act"):
			return true
		case it.has("refuse.money") && !l.any("noun.message") || it.has("refuse.money") && !l.any("act.billable", "act.cost"):
			return true
		case it.has("refuse.chat") && (first || strength < 3 && !it.has("filler.", "unit.")):
			return true
		}
		if !l.idle(i) {
			first = false
		}
	}
	return false
}

// orders reports whether the line tells the bot to close, hand over or delete
// conversations.
func (l *line) orders() bool {
	k := l.find(0, "refuse.imperative")
	if k < 0 || !l.leads(k) {
		return false
	}
	next := l.skip(k+1, "glue.art", "glue.of", "when.all", "filler.", "rel.this", "cmd.every", "glue.each", "follow.clear", "act.open")
	return l.is(next, "noun.", "name.") && !l.any("when.today", "when.yesterday", "when.weekend", "unit.", "weekday.", "month.", "glue.by", "ask.", "rel.past", "rel.last")
}

// commands reports whether the line tells the bot to do something to a person:
// "send Luz a message", "dile a Ana que …".
func (l *line) commands() bool {
	if l.orders() {
		return true
	}
	k := 0
	for k < len(l.items) && l.idle(k) && !l.is(k, "refuse.verb") {
		k++
	}
	if !l.is(k, "refuse.verb") {
		return false
	}
	i := l.skip(k+1, "glue.art", "glue.a", "glue.to", "glue.for", "glue.of")
	whom := l.is(i, "refuse.pronoun") || l.at(i).named() || l.at(i).unknown || l.at(i).kind == aPhone
	if !whom {
		return false
	}
	for j := i + 1; j < len(l.items); j++ {
		if l.is(j, "overview.", "act.", "metric.", "list.", "mod.", "ask.", "cmd.xlsx", "cmd.pdf", "cmd.digest", "cmd.daily", "stat.", "when.") && !l.is(j, "noun.message") && !l.is(k, "refuse.pronoun") {
			return l.at(j).has("ask.which", "act.wrote") && !l.any("overview.", "metric.")
		}
	}
	return true
}
