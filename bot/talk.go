package bot

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
)

func spanOf(text string) (from, to analytics.Day, ok bool) {
	a, b, _ := strings.Cut(text, "..")
	from, errA := analytics.ParseDay(a)
	to, errB := analytics.ParseDay(b)
	return from, to, errA == nil && errB == nil
}

// hoursOf reads 12:00-19:00 on the day of now.
func hoursOf(text string, zone analytics.Zone, now int64) (from, to int64, ok bool) {
	var a, b, c, d int
	if n, err := fmt.Sscanf(text, "%d:%d-%d:%d", &a, &b, &c, &d); err != nil || n != 4 {
		return 0, 0, false
	}
	start := zone.Start(zone.DayOf(now))
	at := func(h, m int) int64 { return start + int64(h)*3_600_000 + int64(m)*60_000 }
	return at(a, b), at(c, d), true
}

func splitKeys(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// deniedCard tells once that something may not be.
func (t *talk) deniedCard(d *Denied) card.Card {
	line := card.T("refuse.role_only", "role", card.Word("people.role."+d.Needs))
	if d.Needs == "scope" {
		line = card.T("refuse.scope_name", "name", t.nameOf(d.Dim, d.Value))
	}
	return card.Card{Blocks: []card.Block{card.Line{Text: line}}, Choices: []card.Choice{{Label: card.T("choice.help"), Ask: "help"}}}
}

func (t *talk) nameOf(d analytics.Dim, v string) card.Value {
	switch d {
	case analytics.ByAgent:
		return card.Name(t.desk.Roster.Agent(v).Name)
	case analytics.ByChannel:
		if name := t.Channels[v]; name != "" {
			return card.Name(name)
		}
	}
	return card.Name(v)
}

// refusalCard says in words why an ask makes no sense.
func (t *talk) refusalCard(r *report.Refusal) card.Card {
	metric := card.Metric(r.Metric)
	var lines []card.Block
	add := func(text card.Text) { lines = append(lines, card.Line{Text: text}) }
	switch r.Why {
	case report.DimDoesNotFit:
		add(card.T("refuse.dim", "metric", metric, "dim", card.Dim(r.Dim)))
		if m, ok := analytics.MetricOf(r.Metric); ok && m.Dims != 0 {
			var dims card.List
			m.Dims.Each(func(d analytics.Dim) { dims = append(dims, card.Dim(d)) })
			add(card.T("refuse.dim_try", "dims", dims))
		}
	case report.StockHasNoDim:
		add(card.T("refuse.stock", "metric", metric, "dim", card.Dim(r.Dim)))
	case report.NoDirection:
		add(card.T("refuse.direction", "metric", metric))
	case report.EmptyPeriod:
		add(card.T("refuse.period"))
	case report.NoSuchDay:
		add(t.noSuchDay())
	case report.StillToCome:
		add(card.T("refuse.future"))
	case report.NoLength:
		add(card.T("refuse.no_length"))
	default:
		add(card.T("refuse.metric"))
	}
	c := card.Card{Blocks: lines}
	if r.Why == report.NoSuchDay || r.Why == report.StillToCome || r.Why == report.NoLength {
		c.Choices = t.otherTimes(r.Metric)
	} else if m, ok := analytics.MetricOf(r.Metric); ok {
		c.Choices = []card.Choice{{Label: card.T("choice.how"), Ask: "how " + m.Key}, {Label: card.T("choice.help"), Ask: "help"}}
	}
	return c
}

// noSuchDay names a day that was asked about and that no calendar has.
func (t *talk) noSuchDay() card.Text {
	for _, n := range t.read.Said {
		var day, month int
		if k, err := fmt.Sscanf(n.Value, "%d/%d", &day, &month); n.Key == words.SaidNoDay && err == nil && k == 2 && month >= 1 && month <= 12 {
			return card.T("refuse.no_such_day", "day", card.Count(day), "month", card.Word("month.long."+strconv.Itoa(month)))
		}
	}
	return card.T("refuse.no_such_date")
}

// otherTimes offers the same figure of times that have been.
func (t *talk) otherTimes(metric string) []card.Choice {
	m, ok := analytics.MetricOf(metric)
	if !ok || m.Stock {
		return t.helpChoices()
	}
	return []card.Choice{{Label: card.T("choice.this_week"), Ask: m.Key + " this week"}, {Label: card.T("choice.last_week"), Ask: m.Key + " last week"}, {Label: card.T("choice.help"), Ask: "help"}}
}

// ambiguous offers what a name could mean; nothing is guessed.
func (t *talk) ambiguous(r *Reply) {
	c := t.read.Candidates
	if l := t.read.List; l != nil && l.List == "log" && !t.faces() {
		r.Card, r.Suggestions = say(card.T("refuse.names")), nil
		return
	}
	out := card.Card{Blocks: []card.Block{card.Line{Text: card.T("unknown.ambiguous", "said", card.Name(c.Said))}}}
	for i, name := range c.Names {
		ask := ""
		if i < len(t.read.Suggestions) {
			ask = t.read.Suggestions[i]
		}
		if ask == "" {
			ask = c.Dim.String() + " " + name
		}
		if len(r.Suggestions) <= i {
			r.Suggestions = append(r.Suggestions, ask)
		}
		if i < 10 && len(ask) <= mostAsk {
			out.Choices = append(out.Choices, card.Choice{Label: card.T("choice.ask", "ask", t.nameOf(c.Dim, name)), Ask: ask})
		}
	}
	r.Card = out
}

// unknown never guesses: it offers the nearest asks.
func (t *talk) unknown(r *Reply) {
	if t.read.Refused != nil {
		r.Card = t.refusalCard(t.read.Refused)
		return
	}
	c := card.Card{}
	switch {
	case strings.TrimSpace(t.q.Text) == "":
		c.Blocks = []card.Block{card.Line{Text: card.T("unknown.empty")}}
	case len(r.Suggestions) == 0:
		c.Blocks = []card.Block{card.Line{Text: card.T("unknown.nothing")}}
	default:
		c.Blocks = []card.Block{card.Line{Text: card.T("unknown.body")}}
	}
	for _, s := range r.Suggestions {
		label := t.label(s)
		alike := slices.ContainsFunc(c.Choices, func(x card.Choice) bool { return reflect.DeepEqual(x.Label, label) })
		if len(c.Choices) < 3 && len(s) <= mostAsk && !alike {
			c.Choices = append(c.Choices, card.Choice{Label: label, Ask: s})
		}
	}
	r.Card = c
}

// greet answers a greeting with how things stand.
func (t *talk) greet(ctx context.Context, r *Reply) error {
	waiting, err := t.desk.Open(ctx, t.q.Now, true)
	if err != nil {
		return err
	}
	n := 0
	for i := range waiting {
		if t.sees(waiting[i].Channel, waiting[i].Assignee) {
			n++
		}
	}
	hour := t.personZone().Time(t.q.Now).Hour()
	key := "greeting.evening"
	switch {
	case hour < 12:
		key = "greeting.morning"
	case hour < 19:
		key = "greeting.afternoon"
	}
	how := card.T("greeting.calm")
	if n > 0 {
		how = card.T("greeting.waiting", "n", card.Count(n))
	}
	r.Card = t.menu([]card.Block{card.Line{Text: card.T(key, "name", card.Name(firstName(t.q.Person.Name)))}, card.Line{Text: how}, card.Line{Text: card.T("greeting.ask")}})
	return nil
}

// firstName is how somebody is greeted.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

func (t *talk) personZone() analytics.Zone {
	if z, err := t.Zones(t.q.Person.Zone); err == nil {
		return z
	}
	return t.zone
}

// sees reports whether a conversation lies in the person's scope.
func (t *talk) sees(channel, assignee string) bool {
	s := t.q.Person.Scope
	return within(s, analytics.ByChannel, channel, t.desk.Roster) && within(s, analytics.ByAgent, assignee, t.desk.Roster)
}

func (t *talk) helpCard() card.Card {
	return t.menu([]card.Block{card.Title{Text: card.T("help.title")}, card.Line{Text: card.T("help.body")}, card.Note{Text: card.T("help.followups")}})
}

// menu is ten taps that cover what is asked most.
func (t *talk) menu(blocks []card.Block) card.Card {
	item := func(key, ask string) card.Choice {
		return card.Choice{Label: card.T("help." + key), Detail: card.T("help." + key + "_detail"), Ask: ask}
	}
	return card.Card{Blocks: blocks, Menu: &card.Menu{Button: card.T("help.button"), Sections: []card.Section{
		{Title: card.T("help.section.now"), Choices: []card.Choice{item("overview", "stats today"), item("waiting", "waiting"), item("attention", "attention")}},
		{Title: card.T("help.section.figures"), Choices: []card.Choice{
			item("agents", "first_response by agent worst 5 this week"), item("speed", "first_response by day last 30 days as chart"),
			item("peak", "messages_received by weekday, hour last 30 days"), item("messages", "messages_sent, messages_delivered, messages_read, messages_failed this week"),
			item("contacts", "contacts_new, contacts_returning this week")}},
		{Title: card.T("help.section.send"), Choices: []card.Choice{item("digest", "digests"), item("alerts", "alerts")}},
	}}}
}

// how explains a figure: definition, exclusions, n, zone, freshness, gaps.
func (t *talk) how(ctx context.Context, r *Reply) error {
	keys := t.read.How
	if len(keys) == 0 {
		r.Card = card.Card{Blocks: []card.Block{card.Line{Text: card.T("how.which")}}, Choices: t.helpChoices()}
		return nil
	}
	c := card.Card{}
	for i, key := range keys[:min(len(keys), 3)] {
		m, ok := analytics.MetricOf(key)
		if !ok {
			continue
		}
		if i == 0 {
			c.Blocks = append(c.Blocks, card.Title{Text: card.T("how.title", "metric", card.Metric(key))})
		} else {
			c.Blocks = append(c.Blocks, card.Title{Text: metricName(m)})
		}
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("metric." + key + ".how")}, card.Line{Text: card.T("metric." + key + ".excludes")}, card.Line{Text: t.unit(m)})
		if m.Key == "answered_in_target" {
			c.Blocks = append(c.Blocks, card.Line{Text: card.T("how.target", "duration", card.Duration(t.desk.Rules.Target))})
		}
	}
	m, _ := analytics.MetricOf(keys[0])
	var dims card.List
	m.Dims.Each(func(d analytics.Dim) { dims = append(dims, card.Dim(d)) })
	if len(dims) > 0 {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("how.dims", "dims", dims)})
	}
	standing, err := t.desk.Read.Standing(ctx, t.q.Now)
	if err != nil {
		return err
	}
	c.Blocks = append(c.Blocks, card.Note{Text: card.T("how.zone", "zone", card.Name(t.zone.Name()))})
	if standing.Horizon != 0 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("how.fresh", "at", card.Instant(min(standing.Horizon, t.q.Now)))},
			card.Note{Text: card.T("how.since", "day", card.Day(t.zone.DayOf(standing.Since)))})
	}
	if m.Unit == analytics.Seconds {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("how.precision")})
	}
	r.Card = c
	return nil
}

func (t *talk) unit(m analytics.Metric) card.Text {
	if m.Unit == analytics.Seconds {
		return card.T("how.unit.s", "stat", card.Word("stat."+statName(t.desk.Stat)+".name"))
	}
	return card.T("how.unit." + string(m.Unit))
}

func statName(stat string) string {
	switch stat {
	case "mean", "p90", "max":
		return stat
	}
	return "p50"
}

func (t *talk) helpChoices() []card.Choice {
	return []card.Choice{{Label: card.T("choice.help"), Ask: "help"}}
}
