package render_test

import (
	"pulso/analytics"
	"pulso/bot/card"
)

const (
	second = card.Duration(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// The samples are told on Wednesday, 18 March 2026, 10:30 in Bogotá.
var (
	zone = analytics.MustZone("America/Bogota")
	now  = at("2026-03-18", 10*hour+30*minute)
)

func at(date string, after card.Duration) int64 {
	d, err := analytics.ParseDay(date)
	if err != nil {
		panic(err)
	}
	return zone.Start(d) + int64(after)
}

func days(from, to string) card.Period {
	return card.Period{From: at(from, 0), To: at(to, 0)}
}

func since(from string) card.Period { return card.Period{From: at(from, 0), To: now} }

func agent(name string) card.DimValue { return card.DimValue{Dim: analytics.ByAgent, Value: name} }

// samples are cards as a manager gets them.
func samples() map[string]card.Card {
	return map[string]card.Card{
		"overview":  overview(),
		"ranking":   ranking(),
		"compared":  compared(),
		"speeds":    speeds(),
		"agent":     agentCard(),
		"waiting":   waiting(),
		"heatmap":   heatmap(),
		"trend":     trend(),
		"failures":  failures(),
		"how":       how(),
		"alert":     alert(),
		"digest":    digest(),
		"help":      help(),
		"refusal":   refusal(),
		"ambiguous": ambiguous(),
		"export":    export(),
		"people":    people(),
		"nasty":     nasty(),
	}
}

func overview() card.Card {
	against := card.T("against.weekdays", "weekdays", card.Word("weekday.plural.3"))
	change := func(now, was float64, better int) *card.Change {
		return &card.Change{Now: now, Was: was, Known: true, Better: better, Against: against}
	}
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("overview.title_business", "business", card.Name("Tienda Centro"), "period", since("2026-03-18")),
				Sub: card.T("overview.sub", "time", card.Clock(now))},
			card.Figure{Label: card.T("overview.received"), Value: card.Count(1412), Change: change(1412, 1260, 1)},
			card.Figure{Label: card.T("overview.sent"), Value: card.Count(1397), Change: change(1397, 1380, 1),
				Details: []card.Text{card.T("overview.sent_delivered_read", "delivered", card.Share(0.98), "read", card.Share(0.81))}},
			card.Figure{Label: card.T("overview.first_response"), Value: 4*minute + 10*second, Change: change(250, 310, -1),
				Details: []card.Text{card.T("note.responses", "n", card.Count(86))}},
			card.Figure{Label: card.T("overview.in_target", "target", 10*minute), Value: card.Share(0.874),
				Change: &card.Change{Now: 0.874, Was: 0.93, Known: true, Better: 1, Points: true, Against: against}},
			card.Figure{Label: card.T("overview.opened"), Value: card.Count(98), Change: change(98, 97.75, 1)},
			card.Figure{Label: card.T("overview.closed"), Value: card.Count(91), Change: change(91, 95, 1)},
			card.Figure{Label: card.T("overview.waiting"), Value: card.Count(7),
				Details: []card.Text{card.T("overview.oldest", "age", 48*minute)}},
			card.Figure{Label: card.T("overview.missed_windows"), Value: card.Count(1), Change: change(1, 0, -1)},
			card.Note{Text: card.T("note.waiting", "n", card.Count(7))},
			card.Note{Text: card.T("note.gap", "period", card.Period{From: at("2026-03-18", 7*hour), To: at("2026-03-18", 7*hour+45*minute)})},
		},
		Choices: []card.Choice{
			{Label: card.T("choice.waiting"), Ask: "waiting"},
			{Label: card.T("choice.slowest"), Ask: "first_response by agent worst 5 today"},
			{Label: card.T("choice.how"), Ask: "how"},
		},
	}
}

func ranking() card.Card {
	row := func(name string, n card.Count, median, p90 card.Duration) card.Row {
		return card.Row{Cells: []card.Value{agent(name), n, median, p90}}
	}
	team := card.Row{Cells: []card.Value{card.Word("report.team"), card.Count(212), 9 * minute, 41 * minute}, Strong: true}
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("report.title_by", "metric", card.Metric("first_response"), "dim", card.Dim(analytics.ByAgent)),
				Sub: card.T("report.sub_stat", "period", since("2026-03-16"), "stat", card.Word("report.rank.slowest"))},
			card.Table{
				Head: []card.Text{card.T("dim.agent.name"), card.T("stat.n.short"), card.T("stat.p50.short"), card.T("stat.p90.short")},
				Rows: []card.Row{
					row("Sofía", 41, 23*minute, 80*minute), row("João", 18, 14*minute+20*second, 52*minute),
					row("phone", 66, 9*minute, 35*minute), row("Ana María", 39, 6*minute, 22*minute),
					row("Ana", 48, 95*second, 11*minute), team,
				},
				Numbered: true,
			},
			card.Note{Text: card.T("note.left_out", "min", card.Count(5), "names", card.List{card.Name("Luis"), card.Name("Inés")})},
			card.Note{Text: card.T("note.waiting", "n", card.Count(1))},
		},
		Choices: []card.Choice{
			{Label: card.T("choice.chart"), Ask: "first_response by agent worst this week chart"},
			{Label: card.T("choice.last_week"), Ask: "first_response by agent worst last week"},
		},
	}
}

// compared is a breakdown held against another period, row by row.
func compared() card.Card {
	row := func(name card.Value, value, was float64, better int) card.Row {
		return card.Row{Cells: []card.Value{name, card.Count(value), card.Count(was), card.Change{Now: value, Was: was, Known: true, Better: better}}}
	}
	nobody, total := row(agent(""), 19, 25, 1), row(card.Word("report.total"), 62, 64, 1)
	nobody.Beside, total.Strong = true, true
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("report.title_by", "metric", card.Metric("messages_sent"), "dim", card.Dim(analytics.ByAgent)),
				Sub: card.T("report.sub_stat", "period", card.Calendar{Period: since("2026-01-01"), Unit: "year"}, "stat", card.Word("report.rank.desc"))},
			card.Table{
				Head:     []card.Text{card.T("dim.agent.name"), card.T("stat.n.short"), card.T("report.head.before"), {}},
				Rows:     []card.Row{row(card.Name("Sofía"), 19, 0, 1), row(card.Name("María José"), 12, 12, 1), row(card.Name("Ana"), 12, 27, 1), nobody, total},
				Numbered: true,
			},
			card.Note{Text: card.T("change.against", "x", card.Calendar{Period: days("2025-01-01", "2026-01-01"), Unit: "year"})},
		},
	}
}

// speeds has more columns of figures than a phone is wide.
func speeds() card.Card {
	row := func(name string, d ...card.Value) card.Row {
		return card.Row{Cells: append([]card.Value{agent(name)}, d...)}
	}
	return card.Card{Blocks: []card.Block{
		card.Title{Text: card.T("report.title_by", "metric", card.Metric("resolution_time"), "dim", card.Dim(analytics.ByTeam)),
			Sub: card.T("report.sub", "period", days("2026-02-01", "2026-03-01"))},
		card.Table{
			Head: []card.Text{card.T("dim.team.name"), card.T("stat.n.short"), card.T("stat.p50.short"), card.T("stat.p90.short"), card.T("stat.max.short")},
			Rows: []card.Row{
				row("soporte", card.Count(1204), 5*hour+20*minute, 27*hour, 6*day+4*hour),
				row("ventas", card.Count(980), 2*hour+5*minute, 11*hour, nil),
			},
		},
		card.Note{Text: card.T("note.business")},
	}}
}

func agentCard() card.Card {
	team := func(v card.Value) []card.Text { return []card.Text{card.T("agent.team_value", "value", v)} }
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("agent.title", "agent", agent("Ana María")),
				Sub: card.T("agent.sub", "team", card.Name("soporte"), "period", since("2026-03-18"))},
			card.Line{Text: card.T("report.value", "label", card.Word("agent.now"),
				"value", card.Said(card.T("agent.load", "open", card.Count(9), "waiting", card.Count(2))))},
			card.Figure{Label: card.T("metric.first_response.name"), Value: 6 * minute, Details: team(9 * minute)},
			card.Figure{Label: card.T("metric.response_time.name"), Value: 3*minute + 40*second, Details: team(4 * minute)},
			card.Figure{Label: card.T("metric.resolution_time.name"), Details: team(5*hour + 20*minute)},
			card.Figure{Label: card.T("metric.conversations_handled.name"), Value: card.Count(14)},
			card.Line{Text: card.T("agent.actions", "first", card.Clock(at("2026-03-18", 8*hour+2*minute)), "last", card.Clock(at("2026-03-18", 10*hour+21*minute)))},
			card.Title{Text: card.T("agent.slowest")},
			card.Table{Numbered: true, Rows: []card.Row{
				{Cells: []card.Value{card.Name("Luz Marina Ortega"), 41 * minute}},
				{Cells: []card.Value{card.Name("Camilo Rueda"), 22 * minute}},
			}},
		},
		Choices: []card.Choice{{Label: card.T("choice.this_week"), Ask: "agent \"Ana María\" this week"}},
	}
}

func waiting() card.Card {
	row := func(name, who string, age card.Duration, summary card.Text) card.Row {
		return card.Row{Cells: []card.Value{card.Name(name), agent(who), age}, Detail: summary}
	}
	said := func(text string) card.Text {
		return card.T("drill.customer_said", "text", card.Name(text))
	}
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("list.waiting.title", "n", card.Count(23))},
			card.Table{
				Head: []card.Text{card.T("list.head.contact"), card.T("list.head.agent"), card.T("list.head.wait")},
				Rows: []card.Row{
					row("Luz Marina Ortega", "Ana", 26*hour+10*minute, said("¿Me confirman el pedido por favor?")),
					row("Camilo Rueda", "", 3*hour+5*minute, card.Text{}),
					row("أحمد 99", "phone", 48*minute, card.Text{}),
					row("Bárbara 🌻", "João", 35*second, card.Text{}),
				},
				Numbered: true, First: 1,
			},
			card.Note{Text: card.T("list.open_one")},
			card.Note{Text: card.T("list.more")},
		},
	}
}

func heatmap() card.Card {
	c := card.Chart{
		Kind:     card.Heatmap,
		Title:    card.T("metric.messages_received.name"),
		Subtitle: card.T("report.sub", "period", days("2026-02-16", "2026-03-18")),
		Note:     card.T("note.per_occurrence"),
		Peak:     card.T("chart.peak", "weekday", card.Weekday(5), "hour", card.Hour(11), "value", card.Number(61.5)),
	}
	for w := 1; w <= 7; w++ {
		c.RowHeads = append(c.RowHeads, card.Weekday(w))
		var cells []card.Value
		for h := 0; h < 24; h++ {
			cells = append(cells, card.Number(float64((h*(24-h)*w)%61)+0.5))
		}
		c.Cells = append(c.Cells, cells)
	}
	for h := 0; h < 24; h++ {
		c.ColumnHeads = append(c.ColumnHeads, card.Hour(h))
	}
	return card.Card{Blocks: []card.Block{
		card.Title{Text: card.T("choice.peak"), Sub: c.Subtitle},
		card.Line{Text: card.T("report.busiest", "weekday", card.Weekday(5), "hour", card.Hour(11), "value", card.Number(61.5))},
		card.Line{Text: card.T("report.quietest", "weekday", card.Weekday(7), "hour", card.Hour(4), "value", card.Number(0.5))},
		card.Line{Text: card.T("report.waiting_grows", "weekday", card.Weekday(1), "from", card.Hour(8), "to", card.Hour(10))},
		card.Picture{Chart: c},
		card.Note{Text: card.T("note.per_occurrence")},
	}}
}

func trend() card.Card {
	c := card.Chart{
		Kind:     card.Trend,
		Title:    card.T("metric.first_response.name"),
		Subtitle: card.T("report.sub_stat", "period", days("2026-02-16", "2026-03-18"), "stat", card.Word("stat.p50.name")),
		Usual:    card.T("chart.usual"), Current: card.T("stat.p50.name"),
		Goal: &card.Level{Value: 10 * minute, Label: card.T("chart.target", "value", 10*minute)},
	}
	first, _ := analytics.ParseDay("2026-02-16")
	for i := range 30 {
		p := card.Point{Label: card.Day(first + analytics.Day(i)), Value: card.Duration(i*i%17+2) * minute, Low: 3 * minute, High: 12 * minute}
		if i == 20 {
			p.Value = nil
		}
		c.Points = append(c.Points, p)
	}
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: c.Title, Sub: c.Subtitle},
			card.Line{Text: card.T("report.above_usual", "n", card.Count(3))},
			card.Picture{Chart: c},
		},
		Choices: []card.Choice{{Label: card.T("choice.by_agent"), Ask: "first_response by agent last 30 days"}},
	}
}

func failures() card.Card {
	row := func(code string, n card.Count, share card.Share) card.Row {
		return card.Row{
			Cells:  []card.Value{card.DimValue{Dim: analytics.ByError, Value: code}, n, share},
			Detail: card.T("failure." + code + ".advice"),
		}
	}
	return card.Card{Blocks: []card.Block{
		card.Title{Text: card.T("report.failures.title"), Sub: card.T("report.sub", "period", days("2026-03-09", "2026-03-16"))},
		card.Table{Rows: []card.Row{row("131047", 31, 0.62), row("131026", 12, 0.24), row("131049", 7, 0.14)}},
		card.Note{Text: card.T("note.of", "part", card.Count(50), "whole", card.Said(card.T("note.messages", "n", card.Count(4120))))},
	}}
}

func how() card.Card {
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("how.title", "metric", card.Metric("answered_in_target"))},
			card.Line{Text: card.T("metric.answered_in_target.how")},
			card.Line{Text: card.T("metric.answered_in_target.excludes")},
			card.Line{Text: card.T("how.target", "duration", 10*minute)},
			card.Line{Text: card.T("how.anchor.reply")},
			card.Line{Text: card.T("how.n", "n", card.Count(212))},
			card.Line{Text: card.T("how.dims", "dims", card.List{card.Dim(analytics.ByAgent), card.Dim(analytics.ByTeam), card.Dim(analytics.ByChannel), card.Dim(analytics.ByOpener)})},
			card.Note{Text: card.T("how.zone", "zone", card.Name("America/Bogota"))},
			card.Note{Text: card.T("how.fresh", "at", card.Instant(now))},
			card.Note{Text: card.T("how.no_gaps")},
		},
	}
}

func alert() card.Card {
	rule := card.Said(card.T("alert.rule.above", "metric", card.Metric("first_response"), "threshold", 10*minute))
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("alert.title", "id", card.Count(12)), Sub: card.T("alert.firing", "rule", rule)},
			card.Line{Text: card.T("alert.value", "metric", card.Metric("first_response"), "value", 14*minute, "threshold", 10*minute)},
			card.Line{Text: card.T("alert.since", "at", card.Instant(at("2026-03-18", 10*hour+5*minute)))},
			card.Line{Text: card.T("alert.why.one", "name", card.Name("Sofía"), "value", 23*minute)},
			card.Note{Text: card.T("alert.reply_hint")},
		},
		Choices: []card.Choice{
			{Label: card.T("choice.ack"), Ask: "alert:ack:12"},
			{Label: card.T("choice.snooze"), Ask: "alert:snooze:12:1h"},
			{Label: card.T("choice.why"), Ask: "alert:why:12"},
		},
	}
}

func digest() card.Card {
	against := card.T("against.same_days")
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("digest.greeting.morning", "name", card.Name("Luz")), Sub: card.T("report.sub", "period", days("2026-03-17", "2026-03-18"))},
			card.Figure{Label: card.T("overview.received"), Value: card.Count(602), Change: &card.Change{Now: 602, Was: 31, Known: true, Better: 1, Against: against}},
			card.Figure{Label: card.T("overview.first_response"), Value: 4 * minute, Change: &card.Change{Now: 240, Was: 235, Known: true, Better: -1, Against: against}},
			card.Figure{Label: card.T("overview.new"), Value: card.Count(0), Change: &card.Change{Now: 0, Was: 0, Known: true, Better: 1, Against: against}},
			card.Figure{Label: card.T("metric.failure_rate.name"), Value: card.Share(0.031), Change: &card.Change{Now: 0.031, Was: 0.012, Known: true, Better: -1, Points: true, Against: against}},
			card.Title{Text: card.T("report.movers.title")},
			card.Table{Rows: []card.Row{
				{Cells: []card.Value{card.Metric("messages_received"), card.Said(card.T("report.movers.who", "names", card.List{card.Name("Tienda Norte")}))}},
			}},
			card.Note{Text: card.T("digest.missed", "n", card.Count(2), "at", card.Instant(at("2026-03-16", 8*hour)))},
			card.Note{Text: card.T("digest.last_webhook", "age", 2*minute)},
			card.Note{Text: card.T("digest.stop_hint")},
		},
		Choices: []card.Choice{
			{Label: card.T("choice.full"), Ask: "stats yesterday detail"},
			{Label: card.T("choice.waiting"), Ask: "waiting"},
		},
	}
}

func help() card.Card {
	row := func(name, ask string) card.Choice {
		return card.Choice{Label: card.T("help." + name), Detail: card.T("help." + name + "_detail"), Ask: ask}
	}
	return card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("help.title")},
			card.Line{Text: card.T("help.body")},
			card.Line{Text: card.T("help.followups")},
		},
		Menu: &card.Menu{Button: card.T("help.button"), Sections: []card.Section{
			{Title: card.T("help.section.now"), Choices: []card.Choice{row("overview", "stats today"), row("waiting", "waiting"), row("attention", "attention")}},
			{Title: card.T("help.section.figures"), Choices: []card.Choice{row("speed", "first_response by day last 30 days chart"), row("peak", "messages_received by weekday, hour last 30 days"), row("messages", "messages_sent, messages_delivered, messages_read today")}},
			{Title: card.T("help.section.people"), Choices: []card.Choice{row("agents", "first_response by agent worst this week"), row("contacts", "contacts_new, contacts_returning this month")}},
			{Title: card.T("help.section.send"), Choices: []card.Choice{row("digest", "digests"), row("alerts", "alerts")}},
		}},
	}
}

func refusal() card.Card {
	return card.Card{
		Blocks: []card.Block{
			card.Line{Text: card.T("refuse.dim", "metric", card.Metric("missed_windows"), "dim", card.Dim(analytics.ByAgent))},
			card.Line{Text: card.T("refuse.dim_try", "dims", card.List{card.Dim(analytics.ByChannel), card.Dim(analytics.ByPlatform)})},
		},
		Choices: []card.Choice{{Label: card.T("choice.by", "dim", card.Dim(analytics.ByChannel)), Ask: "missed_windows by channel this week"}},
	}
}

func ambiguous() card.Card {
	choice := func(name string) card.Choice {
		return card.Choice{Label: card.T("choice.agent", "agent", agent(name)), Ask: "agent " + name}
	}
	return card.Card{
		Blocks: []card.Block{card.Line{Text: card.T("unknown.ambiguous", "said", card.Name("maria"))}},
		Choices: []card.Choice{
			choice("Ana María"), choice("María José"), choice("María Fernanda de los Ángeles Gutiérrez"),
			choice("María Fernanda de los Ríos"), choice("maria"),
		},
	}
}

func export() card.Card {
	return card.Card{Blocks: []card.Block{
		card.Title{Text: card.T("export.title"), Sub: card.T("export.caption", "title", card.Word("dim.agent.plural"), "period", days("2026-02-01", "2026-03-01"))},
		card.Note{Text: card.T("export.rows", "n", card.Count(14))},
		card.File{Name: "../agentes febrero.xlsx", MIME: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Body: []byte("PK")},
	}}
}

func people() card.Card {
	return card.Card{Blocks: []card.Block{
		card.Title{Text: card.T("people.title", "n", card.Count(3))},
		card.Table{Numbered: true, Rows: []card.Row{
			{Cells: []card.Value{card.Name("Luz"), card.Word("people.role.owner"), card.Phone("+573001112233")}, Detail: card.T("people.scope_all")},
			{Cells: []card.Value{card.Name("Ana"), card.Word("people.role.manager"), card.Phone("+573001112244")}, Detail: card.T("people.scope", "names", card.List{card.Name("ventas"), card.Name("Tienda Norte")})},
			{Cells: []card.Value{card.Name("João"), card.Word("people.role.viewer"), card.Phone("+5511912345678")}, Detail: card.T("people.pending")},
		}},
	}}
}

// nasty names try to write lines, figures and links of their own.
func nasty() card.Card {
	names := []string{
		"*PAID*", "_Ana_ ~x~ `y`", "Luz\n\n✅ All targets met", "1. Ana · 0 s", "> said so", "- item", "https://evil.example/x?y=1",
		"www.evil.example", "a\u202eb\u2066c\u200bd\u2069", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "👨‍👩‍👧 familia", "=SUM(A1)", "\u2800\u3164", "```", "{{1}} {n}",
		"Un nombre que no se acaba nunca de verdad nunca jamás de los jamases",
	}
	t := card.Table{Numbered: true, Head: []card.Text{card.T("dim.agent.name"), card.T("stat.n.short"), card.T("stat.p50.short")}}
	list := card.Table{Numbered: true}
	for i, name := range names {
		t.Rows = append(t.Rows, card.Row{Cells: []card.Value{card.Name(name), card.Count(i), card.Duration(i) * minute}})
		list.Rows = append(list.Rows, card.Row{Cells: []card.Value{card.Name(name), card.Count(i)}})
	}
	return card.Card{Blocks: []card.Block{card.Title{Text: card.T("agent.title", "agent", card.Name("*x*"))}, t, list}}
}
