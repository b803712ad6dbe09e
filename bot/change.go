package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
	"pulso/models"
)

// Office keeps what can be changed by asking. Every method that changes
// something does so at once and durably.
type Office interface {
	Digests(ctx context.Context, person string) ([]models.Digest, error)
	AddDigest(ctx context.Context, d models.Digest) (models.Digest, error)
	StopDigests(ctx context.Context, ids []string) error
	Next(d models.Digest, zone analytics.Zone, now int64) int64

	Rules(ctx context.Context) ([]Guarded, error)
	AddRule(ctx context.Context, r models.Rule) (models.Rule, error)
	RemoveRule(ctx context.Context, id int64) error
	Backtest(ctx context.Context, r models.Rule, now int64) (times int, known bool, err error)
	Ack(ctx context.Context, p models.Person, keys []string, now int64) (acked []Guarded, err error)
	Mute(ctx context.Context, p models.Person, keys []string, until int64) ([]Guarded, error)

	People(ctx context.Context) ([]models.Person, error)
	Invite(ctx context.Context, p models.Person, by models.Person, now int64) (code string, err error)
	Revoke(ctx context.Context, key string) error
	SetLanguage(ctx context.Context, person, language string) error
	SetZone(ctx context.Context, person, zone string) error
}

// Guarded is a rule with its state.
type Guarded struct {
	Rule  models.Rule
	Key   string // of the rule's state
	Alarm models.Alarm
}

// Change is what a question changes, or would.
type Change struct {
	Digest *models.Digest
	Rule   *models.Rule
	Person *models.Person
}

func (t *talk) change(ctx context.Context, r *Reply) error {
	switch t.read.Intent {
	case words.ToDigest:
		return t.digest(ctx, r)
	case words.ToAlert:
		return t.alert(ctx, r)
	case words.ToPeople:
		return t.people(ctx, r)
	}
	return t.settings(ctx, r)
}

func say(texts ...card.Text) card.Card {
	var c card.Card
	for _, x := range texts {
		c.Blocks = append(c.Blocks, card.Line{Text: x})
	}
	return c
}

// dry notes that a trial changes nothing.
func (t *talk) dry(c card.Card) card.Card {
	if !t.q.Apply {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("command.dry_run")})
	}
	return c
}

func (t *talk) digest(ctx context.Context, r *Reply) error {
	d := t.read.Digest
	switch d.Action {
	case "add":
		return t.addDigest(ctx, r, d)
	case "stop":
		return t.stopDigest(ctx, r, d)
	case "send":
		return t.sendDigest(ctx, r)
	}
	list, err := t.Office.Digests(ctx, t.q.Person.Key)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		r.Card = say(card.T("digest.empty"))
		return nil
	}
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("digest.title")}}}
	table := card.Table{Numbered: true}
	for _, x := range list {
		row := card.Row{Cells: []card.Value{t.wording(x.Ask), card.Said(t.when(x))}}
		if x.FromFile {
			row.Detail = card.T("digest.fixed_mark")
		}
		table.Rows = append(table.Rows, row)
	}
	c.Blocks = append(c.Blocks, table, card.Note{Text: card.T("digest.zone", "zone", card.Name(t.personZone().Name()))}, card.Note{Text: card.T("digest.stop_hint")})
	r.Card = c
	return nil
}

// when says how often a digest comes.
func (t *talk) when(d models.Digest) card.Text {
	zone := t.personZone()
	clock := card.Clock(zone.Start(zone.DayOf(t.q.Now)) + int64(d.At)*60_000)
	switch {
	case d.MonthDay > 0:
		return card.T("digest.when.monthly", "day", card.Count(d.MonthDay), "time", clock)
	case len(d.Days) == 0 || len(d.Days) == 7:
		return card.T("digest.when.daily", "time", clock)
	case slices.Equal(d.Days, []int{1, 2, 3, 4, 5}):
		return card.T("digest.when.workdays", "time", clock)
	}
	var days card.List
	for _, w := range d.Days {
		days = append(days, card.Word("weekday.plural."+strconv.Itoa(w)))
	}
	return card.T("digest.when.days", "days", days, "time", clock)
}

func (t *talk) addDigest(ctx context.Context, r *Reply, d *words.DigestDetail) error {
	if d.At == "" {
		r.Card = say(card.T("digest.need_time"))
		return nil
	}
	x := models.Digest{Person: t.q.Person.Key, MonthDay: d.MonthDay, Ask: d.Ask, Language: d.Language, Since: t.q.Now}
	if x.Ask == "" {
		x.Ask = "stats yesterday"
	}
	var h, m int
	if n, err := fmt.Sscanf(d.At, "%d:%d", &h, &m); err != nil || n != 2 {
		r.Card = say(card.T("digest.need_time"))
		return nil
	}
	x.At = h*60 + m
	for _, day := range d.Days {
		if w := slices.Index([]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, day); w >= 0 {
			x.Days = append(x.Days, w+1)
		}
	}
	slices.Sort(x.Days)
	key := "digest.would_add"
	if t.q.Apply {
		var err error
		if x, err = t.Office.AddDigest(ctx, x); err != nil {
			return err
		}
		key = "digest.added"
	}
	r.Change = &Change{Digest: &x}
	r.Card = t.dry(say(card.T(key, "ask", t.wording(x.Ask), "when", card.Said(t.when(x))),
		card.T("digest.next", "at", t.dayAndTime(t.Office.Next(x, t.personZone(), t.q.Now)))))
	return nil
}

// dayAndTime says a moment with its day, today included.
func (t *talk) dayAndTime(at int64) card.Value {
	if zone := t.personZone(); zone.DayOf(at) != zone.DayOf(t.q.Now) {
		return card.Instant(at)
	}
	return card.Said(card.T("time.at", "day", card.Word("period.today"), "time", card.Clock(at)))
}

func (t *talk) stopDigest(ctx context.Context, r *Reply, d *words.DigestDetail) error {
	list, err := t.Office.Digests(ctx, t.q.Person.Key)
	if err != nil {
		return err
	}
	if d.ID > len(list) {
		r.Card = say(card.T("digest.not_found", "n", card.Count(d.ID)))
		return nil
	}
	if d.ID > 0 {
		list = list[d.ID-1 : d.ID]
	}
	fixed := slices.ContainsFunc(list, func(x models.Digest) bool { return x.FromFile })
	list = slices.DeleteFunc(slices.Clone(list), func(x models.Digest) bool { return x.FromFile })
	switch {
	case len(list) == 0 && fixed:
		r.Card = say(card.T("digest.fixed"))
		return nil
	case len(list) == 0:
		r.Card = say(card.T("digest.nothing_to_stop"))
		return nil
	}
	var ids []string
	var asks card.List
	for _, x := range list {
		ids, asks = append(ids, x.ID), append(asks, t.wording(x.Ask))
	}
	if !t.q.Apply {
		r.Card = t.dry(say(card.T("digest.would_stop", "ask", asks)))
		return nil
	}
	if err := t.Office.StopDigests(ctx, ids); err != nil {
		return err
	}
	r.Card = say(card.T("digest.stopped", "n", card.Count(len(ids))))
	return nil
}

// sendDigest answers with the digest itself, now.
func (t *talk) sendDigest(ctx context.Context, r *Reply) error {
	list, err := t.Office.Digests(ctx, t.q.Person.Key)
	if err != nil {
		return err
	}
	ask := "stats yesterday"
	if len(list) > 0 {
		ask = list[0].Ask
	}
	q := t.q
	q.Text, q.Previous = ask, nil
	again, err := t.Bot.Answer(ctx, q)
	if err != nil {
		return err
	}
	r.Card = again.Card
	return nil
}

func (t *talk) alert(ctx context.Context, r *Reply) error {
	d := t.read.Alert
	switch d.Action {
	case "add":
		return t.addRule(ctx, r, d)
	case "remove", "test":
		return t.removeRule(ctx, r, d)
	case "ack", "snooze":
		return t.quieten(ctx, r, d)
	case "who", "why":
		return t.blame(ctx, r, d.Action)
	}
	return t.rules(ctx, r)
}

func (t *talk) rules(ctx context.Context, r *Reply) error {
	list, err := t.visible(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		r.Card = say(card.T("alert.list.empty"))
		return nil
	}
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("alert.list.title", "n", card.Count(len(list)))}}}
	for _, g := range list {
		state := card.Value(card.Said(t.stateText(g)))
		if g.Rule.FromFile {
			state = card.List{state, card.Said(card.T("alert.list.fixed"))}
		}
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("choice.number", "n", card.Count(g.Rule.ID), "name", card.Said(t.ruleText(g.Rule)))},
			card.Note{Text: card.T("choice.ask", "ask", state)})
	}
	r.Card = c
	return nil
}

// visible are the rules that concern the person: for owners and admins all.
func (t *talk) visible(ctx context.Context) ([]Guarded, error) {
	list, err := t.Office.Rules(ctx)
	if err != nil {
		return nil, err
	}
	p := t.q.Person
	if p.Role == models.Owner || p.Role == models.Admin {
		return list, nil
	}
	return slices.DeleteFunc(list, func(g Guarded) bool { return g.Rule.Owner != p.Key && !slices.Contains(g.Rule.To, p.Key) }), nil
}

func (t *talk) stateText(g Guarded) card.Text {
	a := g.Alarm
	switch {
	case a.MutedTill > t.q.Now:
		return card.T("alert.list.state.snoozed", "at", card.Instant(a.MutedTill))
	case a.Health == models.Firing && a.AckedBy != "":
		return card.T("alert.list.state.acked", "name", card.Name(a.AckedBy))
	case a.Health == models.Firing || a.Health == models.Recovering:
		return card.T("alert.list.state.firing", "at", card.Instant(a.FiredAt))
	case a.Health == models.Pending:
		return card.T("alert.list.state.pending")
	}
	return card.T("alert.list.state.normal")
}

// ruleText says a rule in words.
func (t *talk) ruleText(r models.Rule) card.Text { return RuleText(r, t.nameOf) }

// RuleText says a rule in words: "first response above 10 min, for 15 min".
func RuleText(r models.Rule, name func(analytics.Dim, string) card.Value) card.Text {
	metric := card.Metric(r.Metric)
	var list card.List
	add := func(text card.Text) { list = append(list, card.Said(text)) }
	level := Level(r.Metric, r.Threshold)
	switch r.Op {
	case models.Above:
		add(card.T("alert.rule.above", "metric", metric, "threshold", level))
	case models.AtLeast:
		add(card.T("alert.rule.at_least", "metric", metric, "threshold", level))
	case models.Below:
		add(card.T("alert.rule.below", "metric", metric, "threshold", level))
	case models.AtMost:
		add(card.T("alert.rule.at_most", "metric", metric, "threshold", level))
	case models.Drop:
		add(card.T("alert.rule.drop", "metric", metric, "share", card.Share(r.Threshold)))
	case models.Rise:
		add(card.T("alert.rule.rise", "metric", metric, "share", card.Share(r.Threshold)))
	case models.Silence:
		add(card.T("alert.rule.silence", "metric", metric, "duration", card.Duration(r.For)))
	}
	if r.For > 0 && r.Op != models.Silence {
		add(card.T("alert.rule.for", "duration", card.Duration(r.For)))
	}
	if r.Over > 0 {
		add(card.T("alert.rule.over", "duration", card.Duration(r.Over)))
	}
	var names card.List
	for _, d := range []struct {
		dim    analytics.Dim
		values []string
	}{{analytics.ByTeam, r.Teams}, {analytics.ByChannel, r.Channels}, {analytics.ByAgent, r.Agents}} {
		for _, v := range d.values {
			names = append(names, name(d.dim, v))
		}
	}
	if len(names) > 0 {
		add(card.T("alert.rule.only", "names", names))
	}
	if r.MinN > 0 {
		add(card.T("alert.rule.min_n", "n", card.Count(r.MinN)))
	}
	return card.T("report.title_many", "metrics", list)
}

// Level is a threshold as people read it.
func Level(metric string, x float64) card.Value {
	m, _ := analytics.MetricOf(metric)
	if m.Unit == analytics.Seconds {
		x *= 1000
	}
	return card.ValueOf(m, &x)
}

func (t *talk) addRule(ctx context.Context, r *Reply, d *words.AlertDetail) error {
	m, ok := analytics.MetricOf(d.Metric)
	switch {
	case !ok:
		r.Card = say(card.T("alert.need_metric"))
		return nil
	case d.Threshold == nil && d.Op != string(models.Silence):
		r.Card = say(card.T("alert.need_threshold"))
		return nil
	}
	x := models.Rule{
		Metric: m.Key, Op: models.Op(d.Op), For: d.For.Milliseconds(), Over: d.Over.Milliseconds(), MinN: d.MinN, Repeat: d.Repeat.Milliseconds(),
		KeepFiring: (10 * time.Minute).Milliseconds(), Owner: t.q.Person.Key, To: []string{t.q.Person.Key},
		Teams: t.q.Person.Scope.Teams, Channels: t.q.Person.Scope.Channels,
	}
	if d.Threshold != nil {
		x.Threshold = *d.Threshold
		x.Clear = analytics.ClearLevel(m, x.Op, x.Threshold)
	}
	if d.Clear != nil {
		x.Clear = *d.Clear
	}
	if x.Repeat == 0 {
		x.Repeat = (4 * time.Hour).Milliseconds()
	}
	x.QuietFrom, x.QuietTo = quietOf(d.Quiet)
	if refused := scopeRule(&x, m, d.Where); refused != nil {
		r.Intent = words.Unknown
		r.Card = t.refusalCard(refused)
		return nil
	}
	x.Name = r.Ask
	key := "alert.would_add"
	if t.q.Apply {
		var err error
		if x, err = t.Office.AddRule(ctx, x); err != nil {
			return err
		}
		key = "alert.added"
	}
	r.Change = &Change{Rule: &x}
	c := say(card.T(key, "rule", card.Said(t.ruleText(x))))
	times, known, err := t.Office.Backtest(ctx, x, t.q.Now)
	if err != nil {
		return err
	}
	switch {
	case !known:
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("alert.backtest_short")})
	case times == 0:
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("alert.backtest_never")})
	default:
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("alert.backtest", "n", card.Count(times))})
		if times > 60 {
			c.Blocks = append(c.Blocks, card.Line{Text: card.T("alert.often")})
		}
	}
	r.Card = t.dry(c)
	return nil
}

// quietOf reads 22:00-07:00 as minutes of the day.
func quietOf(s string) (from, to int) {
	var a, b, c, d int
	if n, err := fmt.Sscanf(s, "%d:%d-%d:%d", &a, &b, &c, &d); err != nil || n != 4 {
		return 0, 0
	}
	return a*60 + b, c*60 + d
}

// scopeRule narrows a rule to what was named.
func scopeRule(x *models.Rule, m analytics.Metric, where []report.Filter) *report.Refusal {
	for _, f := range where {
		if !m.Fits(f.Dim) {
			return &report.Refusal{Metric: m.Key, Dim: f.Dim, Why: report.DimDoesNotFit}
		}
		switch f.Dim {
		case analytics.ByTeam:
			x.Teams = f.Values
		case analytics.ByChannel:
			x.Channels = f.Values
		case analytics.ByAgent:
			x.Agents, x.Teams = f.Values, nil
		default:
			return &report.Refusal{Metric: m.Key, Dim: f.Dim, Why: report.DimDoesNotFit}
		}
	}
	return nil
}

func (t *talk) removeRule(ctx context.Context, r *Reply, d *words.AlertDetail) error {
	list, err := t.visible(ctx)
	if err != nil {
		return err
	}
	if d.ID == 0 {
		r.Card = say(card.T("alert.need_id"))
		return nil
	}
	i := slices.IndexFunc(list, func(g Guarded) bool { return g.Rule.ID == int64(d.ID) })
	switch {
	case i < 0:
		r.Card = say(card.T("alert.not_found", "id", card.Count(d.ID)))
		return nil
	case d.Action == "test":
		return t.testRule(ctx, r, list[i].Rule)
	case list[i].Rule.FromFile:
		r.Card = say(card.T("alert.fixed"))
		return nil
	case !t.q.Apply:
		r.Card = t.dry(say(card.T("alert.would_remove", "rule", card.Said(t.ruleText(list[i].Rule)))))
		return nil
	}
	if err := t.Office.RemoveRule(ctx, int64(d.ID)); err != nil {
		return err
	}
	r.Card = say(card.T("alert.removed", "rule", card.Said(t.ruleText(list[i].Rule))))
	return nil
}

func (t *talk) testRule(ctx context.Context, r *Reply, x models.Rule) error {
	times, known, err := t.Office.Backtest(ctx, x, t.q.Now)
	if err != nil {
		return err
	}
	c := say(card.T("alert.test", "id", card.Count(x.ID)), card.T("alert.firing", "rule", card.Said(t.ruleText(x))))
	if known {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("alert.backtest", "n", card.Count(times))})
	}
	r.Card = c
	return nil
}

// firing are the alerts that are on: those of the message that the question
// answers, or else all that concern the person.
func (t *talk) firing(ctx context.Context) ([]Guarded, error) {
	list, err := t.visible(ctx)
	if err != nil {
		return nil, err
	}
	ids, all, named := AlertRules(t.q.About)
	return slices.DeleteFunc(list, func(g Guarded) bool {
		return g.Alarm.Health != models.Firing && g.Alarm.Health != models.Recovering || named && !all && !slices.Contains(ids, g.Rule.ID)
	}), nil
}

func (t *talk) quieten(ctx context.Context, r *Reply, d *words.AlertDetail) error {
	list, err := t.firing(ctx)
	if err != nil {
		return err
	}
	if d.ID > 0 {
		list = slices.DeleteFunc(list, func(g Guarded) bool { return g.Rule.ID != int64(d.ID) })
	}
	var keys []string
	for _, g := range list {
		keys = append(keys, g.Key)
	}
	if d.Action == "ack" {
		return t.ack(ctx, r, list)
	}
	until := d.Until
	if until == 0 {
		until = t.q.Now + max(d.For, time.Hour).Milliseconds()
	}
	if most := (7 * 24 * time.Hour).Milliseconds(); until-t.q.Now > most {
		r.Card = say(card.T("alert.snooze_too_long", "duration", card.Duration(most)))
		return nil
	}
	switch {
	case !t.q.Apply:
		r.Card = t.dry(say(card.T("alert.would_snooze", "at", card.Instant(until))))
		return nil
	case len(keys) == 0:
		r.Card = say(card.T("alert.snoozed_none", "at", card.Instant(until)))
	default:
		r.Card = say(card.T("alert.snoozed", "at", card.Instant(until)))
	}
	_, err = t.Office.Mute(ctx, t.q.Person, keys, until)
	return err
}

func (t *talk) ack(ctx context.Context, r *Reply, list []Guarded) error {
	var keys []string
	for _, g := range list {
		keys = append(keys, g.Key)
	}
	if len(keys) == 0 {
		r.Card = say(card.T("alert.nothing_firing"))
		return nil
	}
	if !t.q.Apply {
		r.Card = t.dry(say(card.T("alert.acked", "n", card.Count(len(keys)))))
		return nil
	}
	acked, err := t.Office.Ack(ctx, t.q.Person, keys, t.q.Now)
	if err != nil {
		return err
	}
	if first := list[0].Alarm; len(acked) == 0 && first.AckedBy != "" {
		r.Card = say(card.T("alert.acked_already", "name", card.Name(first.AckedBy), "at", card.Instant(first.AckedAt)))
		return nil
	}
	r.Card = say(card.T("alert.acked", "n", card.Count(max(len(acked), 1))))
	return nil
}

// mostBlamed is how many are named behind an alert.
const mostBlamed = 5

// blame shows what is behind the alerts that are on: the figure by agent, or by
// channel where agents do not fit.
func (t *talk) blame(ctx context.Context, r *Reply, action string) error {
	list, err := t.firing(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		r.Card = say(card.T("alert.nothing_firing"))
		return nil
	}
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("alert." + action + ".title")}}}
	for _, g := range list[:min(len(list), 3)] {
		ask := RuleAsk(g.Rule, t.q.Now, t.zone)
		m, _ := analytics.MetricOf(g.Rule.Metric)
		ask.By = []analytics.Dim{analytics.ByChannel}
		if m.Fits(analytics.ByAgent) {
			ask.By = []analytics.Dim{analytics.ByAgent}
		}
		ask.Order = report.Desc
		confine(&t.q.Person, &ask)
		answer, err := t.desk.Answer(ctx, ask, t.q.Now)
		if err != nil {
			return err
		}
		teller := t.teller(answer)
		answer.Rows = teller.leading(mostBlamed)
		c.Blocks = append(c.Blocks, teller.tableCard().Blocks...)
	}
	r.Card = c
	return nil
}

// RuleAsk is the ask of a rule's figure now: over its window, or today.
func RuleAsk(r models.Rule, now int64, zone analytics.Zone) report.Ask {
	ask := report.Ask{Metrics: []string{r.Metric}, PeriodText: "today"}
	day := zone.DayOf(now)
	ask.Period = analytics.Span{From: zone.Start(day), To: now}
	if r.Over > 0 {
		ask.Period.From = now - r.Over
	}
	if r.Op == models.Silence {
		ask.Period.From = now - r.For
	}
	for _, f := range []report.Filter{{Dim: analytics.ByTeam, Values: r.Teams}, {Dim: analytics.ByChannel, Values: r.Channels}, {Dim: analytics.ByAgent, Values: r.Agents}} {
		if len(f.Values) > 0 {
			ask.Where = append(ask.Where, f)
		}
	}
	return ask
}
