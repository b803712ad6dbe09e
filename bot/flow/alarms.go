package flow

import (
	"context"
	"fmt"
	"slices"

	"pulso/analytics"
	"pulso/bot"
	"pulso/models"
)

// MostBulletins is how many messages about alarms a person gets in 24 hours.
const MostBulletins = 30

const (
	groupWait = 60_000 // what becomes news meanwhile goes into the same message
	fewTime   = 30 * 60_000
	fewMost   = 3 // messages to a person within fewTime
	dayTime   = 24 * 3_600_000
	unheard   = 15 * 60_000    // a critical alert that nobody acknowledges meanwhile goes to the owners too
	newsReach = 25 * 3_600_000 // older news is no news
)

// watchman is one judgement of all rules.
type watchman struct {
	*Pulse
	now   int64
	rules []bot.Guarded   // with the states that follow
	moved map[string]bool // keys of states to be written
}

// judge judges every rule at a moment and makes the messages that follow. The
// states are read before what people were told: whoever tells of an alarm moves
// its row, so that nobody tells it again from what they read earlier.
func (p *Pulse) judge(ctx context.Context, now int64) error {
	rules, err := p.Rules(ctx)
	if err != nil || len(rules) == 0 {
		return err
	}
	w := &watchman{Pulse: p, now: now, rules: rules, moved: map[string]bool{}}
	if err := w.samples(ctx); err != nil {
		return err
	}
	messages, told, err := w.messages(ctx)
	if err != nil {
		return err
	}
	var alarms []models.Alarm
	for _, g := range w.rules {
		if w.moved[g.Key] {
			alarms = append(alarms, g.Alarm)
		}
	}
	if len(alarms) == 0 && len(messages) == 0 {
		return nil
	}
	if err := p.Agenda.MoveAlarms(ctx, alarms, messages); err != nil {
		return err
	}
	for key := range told {
		p.known[key] = now
	}
	if len(messages) > 0 {
		p.Wrote()
	}
	return nil
}

// samples takes the figures and moves the alarms. Silences come first: what a
// source that is silent would have told cannot be judged.
func (w *watchman) samples(ctx context.Context) error {
	sample, err := w.Sampler(ctx, w.Clock.Now().UnixMilli())
	if err != nil {
		return err
	}
	for _, silences := range []bool{true, false} {
		for i := range w.rules {
			g := &w.rules[i]
			if (g.Rule.Op == models.Silence) != silences {
				continue
			}
			s, err := sample(ctx, &g.Rule)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil { // the last state stays
				w.Log.Error("pulse: rule not judged", "rule", g.Rule.ID, "error", err)
				continue
			}
			if w.inhibited(&g.Rule) {
				s.Known = false
			}
			w.move(g, s)
		}
	}
	return nil
}

// inhibited reports whether the rule's figure comes from a source that an alert
// says is silent. What stands now, such as those who wait, is judged all the same.
func (w *watchman) inhibited(r *models.Rule) bool {
	m, ok := analytics.MetricOf(r.Metric)
	if !ok || m.Stock || r.Op == models.Silence {
		return false
	}
	return slices.ContainsFunc(w.rules, func(g bot.Guarded) bool {
		if g.Rule.Op != models.Silence || g.Rule.Metric != "messages_received" || !on(&g.Alarm) {
			return false
		}
		of := g.Rule.Channels
		return len(of) == 0 || len(r.Channels) > 0 && !slices.ContainsFunc(r.Channels, func(c string) bool { return !slices.Contains(of, c) })
	})
}

func on(a *models.Alarm) bool { return a.Health == models.Firing || a.Health == models.Recovering }

// move judges one rule. A rule at rest costs no write, nor does one that goes on
// as it was.
func (w *watchman) move(g *bot.Guarded, s analytics.Sample) {
	was := g.Alarm
	next, notice := analytics.Judge(&g.Rule, was, s, w.now)
	next.Rule = g.Key
	g.Alarm = next
	timed := next.JudgedAt != was.JudgedAt && (next.Health == models.Pending || next.Health == models.Recovering)
	resting := was.Health == "" && next.Health == models.Normal
	if notice != analytics.NoNotice || timed || !resting && (next.Health != was.Health || next.Worst != was.Worst || !slices.Equal(next.Flaps, was.Flaps)) {
		w.moved[g.Key] = true
	}
}

// messages makes a message to everybody for whom there is news and whose time
// it is. told names the persons and rules that it tells of.
func (w *watchman) messages(ctx context.Context) (list []*models.Outgoing, told map[string]bool, err error) {
	if !slices.ContainsFunc(w.rules, func(g bot.Guarded) bool { return w.recent(&g.Alarm) }) {
		return nil, nil, nil
	}
	people, err := w.People(ctx)
	if err != nil {
		return nil, nil, err
	}
	readers := w.readers(people)
	if !slices.ContainsFunc(readers, func(r *reader) bool { return len(r.news(w)) > 0 }) {
		return nil, nil, nil
	}
	if err := w.remember(ctx, readers); err != nil {
		return nil, nil, err
	}
	told = map[string]bool{}
	for _, r := range readers {
		news := r.news(w)
		if !r.ready(w, news) {
			continue
		}
		made, err := w.Press.Alert(ctx, r.person, news, bot.AlertKey(w.now, news), w.now, r.count(w.now-dayTime)+1 >= MostBulletins)
		if err != nil {
			w.Log.Error("pulse: alert not written", "error", err)
			continue
		}
		for _, o := range made {
			o.CreatedAt, o.DueAt = w.now, w.now
		}
		stamp(made, models.Must, w.now)
		list = append(list, made...)
		for _, t := range news {
			told[pair(r.person.Key, t.Rule.ID)] = true
			w.moved[t.Key] = true
		}
	}
	return list, told, nil
}

// recent reports whether there was news of an alarm that may not have reached
// everybody yet.
func (w *watchman) recent(a *models.Alarm) bool { return a.ToldAt > w.now-newsReach }

// reader is a person to whom alarms are told.
type reader struct {
	person models.Person
	zone   analytics.Zone
	rules  []*bot.Guarded
	told   map[int64]int64 // rules: told up to then
	times  []int64         // of their messages
}

// readers are the persons to whom rules are told: those that a rule names, or
// every owner and admin.
func (w *watchman) readers(people []models.Person) []*reader {
	var list []*reader
	for _, p := range people {
		if !p.May(w.now) {
			continue
		}
		r := &reader{person: p, zone: w.Zone(p), told: map[int64]int64{}}
		for i := range w.rules {
			g := &w.rules[i]
			if !w.concerns(g, &p) {
				continue
			}
			r.rules = append(r.rules, g)
			r.told[g.Rule.ID] = max(w.known[pair(p.Key, g.Rule.ID)], w.now-newsReach)
		}
		if len(r.rules) > 0 {
			list = append(list, r)
		}
	}
	return list
}

// concerns reports whether a rule is told to a person: one that it names, or
// without such every owner and admin; and every owner once it escalates.
func (w *watchman) concerns(g *bot.Guarded, p *models.Person) bool {
	owner := p.Role == models.Owner
	switch {
	case slices.Contains(g.Rule.To, p.Key):
		return true
	case len(g.Rule.To) == 0:
		return owner || p.Role == models.Admin
	}
	return owner && g.Rule.Critical && w.escalated(&g.Alarm)
}

// escalated reports whether a firing was left to itself for too long.
func (w *watchman) escalated(a *models.Alarm) bool {
	if a.FiredAt == 0 {
		return false
	}
	until := w.now
	if !on(a) {
		until = a.ClearAt
	}
	if a.AckedBy != "" {
		until = min(until, a.AckedAt)
	}
	return until-a.FiredAt >= unheard
}

// remember reads what the readers were told.
func (w *watchman) remember(ctx context.Context, readers []*reader) error {
	sent, err := w.Agenda.Bulletins(ctx, w.now-newsReach)
	if err != nil {
		return err
	}
	for _, b := range sent {
		i := slices.IndexFunc(readers, func(r *reader) bool { return r.person.Key == b.Person })
		ids, all, ok := bot.AlertRules(b.Key)
		if i < 0 || !ok {
			continue
		}
		r := readers[i]
		r.times = append(r.times, b.At)
		for id, at := range r.told {
			if all || slices.Contains(ids, id) {
				r.told[id] = max(at, b.At)
				w.known[pair(b.Person, id)] = r.told[id]
			}
		}
	}
	return nil
}

// news is what the reader has not been told yet and may be told now.
func (r *reader) news(w *watchman) []bot.Tiding {
	var list []bot.Tiding
	for _, g := range r.rules {
		if n, ok := newsOf(&g.Alarm, r.told[g.Rule.ID], w.now); ok && !r.resting(&g.Rule, w.now) {
			list = append(list, bot.Tiding{Guarded: *g, News: n})
		}
	}
	return list
}

// newsOf says what is new of an alarm to somebody who was told of it last at
// told. Whoever was told that it fires hears that it is over; whoever could not
// be told while it did hears both at once.
func newsOf(a *models.Alarm, told, now int64) (bot.News, bool) {
	if a.ToldAt <= told || a.MutedTill > now {
		return 0, false
	}
	switch {
	case on(a) && a.AckedBy != "":
		return 0, false
	case on(a) && slices.ContainsFunc(a.Flaps, func(at int64) bool { return -at > told }):
		return bot.Unsteady, true
	case on(a) && a.FiredAt > told:
		return bot.Began, true
	case on(a):
		return bot.Still, true
	case a.ClearAt == 0 || a.ToldAt <= a.ClearAt:
		return 0, false
	case a.FiredAt <= told:
		return bot.Ended, true
	}
	return bot.Passed, a.ClearAt-a.FiredAt > groupWait
}

// resting reports whether a rule keeps quiet at this time of the reader's day.
func (r *reader) resting(rule *models.Rule, now int64) bool {
	if rule.Critical || rule.QuietFrom == rule.QuietTo {
		return false
	}
	t := r.zone.Time(now)
	minute := t.Hour()*60 + t.Minute()
	if rule.QuietFrom < rule.QuietTo {
		return rule.QuietFrom <= minute && minute < rule.QuietTo
	}
	return minute >= rule.QuietFrom || minute < rule.QuietTo
}

// ready reports whether it is time for a message: the oldest news has waited
// for others to join it, and the reader has not had too many.
func (r *reader) ready(w *watchman, news []bot.Tiding) bool {
	if len(news) == 0 {
		return false
	}
	oldest := w.now
	for _, t := range news {
		oldest = min(oldest, t.Alarm.ToldAt)
	}
	return w.now-oldest >= groupWait && r.count(w.now-groupWait) == 0 && r.count(w.now-fewTime) < fewMost && r.count(w.now-dayTime) < MostBulletins
}

// count is how many messages the reader was sent from a moment on.
func (r *reader) count(from int64) int {
	n := 0
	for _, at := range r.times {
		if at >= from {
			n++
		}
	}
	return n
}

// pair names a person and a rule.
func pair(person string, rule int64) string { return fmt.Sprint(person, " ", rule) }
