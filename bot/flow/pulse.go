package flow

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"pulso/analytics"
	"pulso/bot"
	"pulso/models"
)

// Agenda is where it is written what was sent on schedule and how alarms stand.
type Agenda interface {
	// Once keeps v under a name unless something is kept there already, which it
	// then reads into v.
	Once(ctx context.Context, name string, v any) error
	MoveAlarms(ctx context.Context, alarms []models.Alarm, messages []*models.Outgoing) error
	Claimed(ctx context.Context, name string, slots []string) (map[string]bool, error)
	ClaimSlot(ctx context.Context, name, slot string, now int64, messages []*models.Outgoing) (bool, error)
	// Bulletins returns the messages about alarms made since.
	Bulletins(ctx context.Context, since int64) ([]Bulletin, error)
}

// Bulletin is a message about alarms that somebody was sent.
type Bulletin struct {
	Person string
	At     int64
	Key    string // of the message: says of which rules
}

// Press makes messages of what there is to say, without storing them.
type Press interface {
	Digest(ctx context.Context, x bot.Issue, key string) ([]*models.Outgoing, error)
	// Alert tells of alarms; capped is set when it is the last of the day.
	Alert(ctx context.Context, p models.Person, list []bot.Tiding, key string, now int64, capped bool) ([]*models.Outgoing, error)
	Headline(ctx context.Context, p models.Person, h Headline, key string) ([]*models.Outgoing, error)
}

// Sampler returns the figure of a rule at one moment.
type Sampler func(context.Context, *models.Rule) (analytics.Sample, error)

// Pulse speaks first: it sends digests when their time comes, and alerts when a
// rule says so. Any number of processes may run one on the same database: an
// occurrence of a digest is claimed together with its messages, and alarms
// move together with what tells of them, so that each is told once. There is no
// leader whose end others would have to wait for.
type Pulse struct {
	Agenda Agenda
	Press  Press
	Clock  *Clock
	Log    *slog.Logger
	Wrote  func() // called when messages wait to be sent

	People  func(context.Context) ([]models.Person, error)
	Digests func(context.Context) ([]models.Digest, error)
	Rules   func(context.Context) ([]bot.Guarded, error)
	Sampler func(ctx context.Context, now int64) (Sampler, error)
	News    func(ctx context.Context, now int64) ([]Headline, error) // of the account, of late
	Zone    func(models.Person) analytics.Zone
	Channel string // the number that messages leave from

	began   time.Time        // when this process began to watch
	handled map[string]int64 // digests: occurrences up to then are done with
	known   map[string]int64 // "person rule": told up to then, as far as is known
	judged  int64            // the last moment that was judged
}

const pulseWait = 15 * time.Second

// Run watches until the context ends.
func (p *Pulse) Run(ctx context.Context) {
	p.began = p.Clock.Now()
	p.handled, p.known = map[string]int64{}, map[string]int64{}
	for {
		if err := p.Step(ctx); err != nil && ctx.Err() == nil {
			p.Log.Error("pulse", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-p.Clock.After(p.pause()):
		}
	}
}

// pause is how long the clock may run until there is something to look at: a
// moment of judgement, or a while. A fast clock leaves the database its breath.
func (p *Pulse) pause() time.Duration {
	now := p.Clock.Now().UnixMilli()
	wait := min(pulseWait, time.Duration(analytics.JudgeEvery-now%analytics.JudgeEvery)*time.Millisecond)
	if p.Clock.Speed > 1 {
		wait = max(wait, time.Duration(float64(leastPulse)*p.Clock.Speed))
	}
	return wait
}

const leastPulse = 10 * time.Millisecond // between looks, on the wall

// Step does what is due now.
func (p *Pulse) Step(ctx context.Context) error {
	now := p.Clock.Now().UnixMilli()
	errDigests := p.digests(ctx, now)
	slot := now - now%analytics.JudgeEvery
	if slot <= p.judged {
		return errDigests
	}
	errNews := p.headlines(ctx, now)
	err := p.judge(ctx, slot)
	if errors.Is(err, models.ErrMoved) { // another process, or an ack, was quicker: the next look sees it
		err = nil
	} else if err == nil {
		p.judged = slot
	}
	return errors.Join(errDigests, errNews, err)
}

// Missed is the reason of the trace that a digest leaves which was never sent.
const Missed = "missed"

const (
	digestGrace = 60 * 60_000        // a digest is sent so long after its time
	digestReach = 7 * 24 * 3_600_000 // older occurrences are forgotten
)

// beginning is when digests were watched for the first time.
type beginning struct{ Since, Began int64 }

// sameStart is how far apart processes begin that are started together.
const sameStart = 60 * time.Second

// since returns since when a digest is watched: what lies before is not made up
// for. One set by chat knows it; one of the file is noted at first sight, with the
// start of a trial's clock when nothing was ever watched before.
func (p *Pulse) since(ctx context.Context, d *models.Digest) (int64, error) {
	if !d.FromFile {
		return d.Since, nil
	}
	began := p.began.UnixMilli()
	first := beginning{began, began}
	if p.Clock.Trial() {
		first.Since = p.Clock.Start.UnixMilli() - 1
	}
	if err := p.Agenda.Once(ctx, "digests", &first); err != nil {
		return 0, err
	}
	at := began
	if began-first.Began <= p.Clock.Span(sameStart).Milliseconds() {
		at = first.Since
	}
	return at, p.Agenda.Once(ctx, claimOf(d), &at)
}

// claimOf names the occurrences of a digest.
func claimOf(d *models.Digest) string { return "digest/" + d.ID }

// slot is one occurrence of a digest that nobody has claimed yet.
type slot struct {
	digest models.Digest
	person models.Person
	date   string
	at     int64
}

// digests sends the digests whose time has come. They are taken in any order,
// so that several processes share the work.
func (p *Pulse) digests(ctx context.Context, now int64) error {
	list, err := p.Digests(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	list = slices.DeleteFunc(list, func(d models.Digest) bool { return p.handled[d.ID] >= now })
	open, err := p.due(ctx, list, now)
	if err != nil {
		return err
	}
	rand.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
	missed := func(s slot) bool { return now-s.at > digestGrace }
	slices.SortStableFunc(open, func(a, b slot) int { // a digest names those that were missed before it
		switch {
		case missed(a) == missed(b):
			return 0
		case missed(a):
			return -1
		}
		return 1
	})
	failed := map[string]int64{}
	var errs []error
	for _, s := range open {
		if err := p.issue(ctx, s, now); err != nil {
			errs = append(errs, err)
			if at, known := failed[s.digest.ID]; !known || s.at < at {
				failed[s.digest.ID] = s.at
			}
		}
	}
	for _, d := range list {
		p.handled[d.ID] = now
		if at, known := failed[d.ID]; known {
			p.handled[d.ID] = at - 1
		}
	}
	return errors.Join(errs...)
}

// due lists the occurrences up to now that are not claimed.
func (p *Pulse) due(ctx context.Context, list []models.Digest, now int64) ([]slot, error) {
	people, err := p.People(ctx)
	if err != nil {
		return nil, err
	}
	var open []slot
	for _, d := range list {
		i := slices.IndexFunc(people, func(x models.Person) bool { return x.Key == d.Person && x.May(now) })
		if i < 0 {
			continue
		}
		if p.handled[d.ID] == 0 {
			if p.handled[d.ID], err = p.since(ctx, &d); err != nil {
				return nil, err
			}
		}
		slots, err := p.unclaimed(ctx, d, people[i], now)
		if err != nil {
			return nil, err
		}
		open = append(open, slots...)
	}
	return open, nil
}

func (p *Pulse) unclaimed(ctx context.Context, d models.Digest, person models.Person, now int64) ([]slot, error) {
	from := max(p.handled[d.ID], now-digestReach)
	if p.Clock.Trial() {
		from = max(from, p.Clock.Start.UnixMilli()-1)
	}
	occurrences := analytics.Occurrences(&d, p.Zone(person), from, now)
	if len(occurrences) == 0 {
		return nil, nil
	}
	var dates []string
	for _, o := range occurrences {
		dates = append(dates, o.Date.String())
	}
	claimed, err := p.Agenda.Claimed(ctx, claimOf(&d), dates)
	if err != nil {
		return nil, err
	}
	var open []slot
	for k, o := range occurrences {
		if !claimed[dates[k]] {
			open = append(open, slot{d, person, dates[k], o.At})
		}
	}
	return open, nil
}

// issue claims an occurrence together with its messages, or, when it is too
// late for them, with a row that says so.
func (p *Pulse) issue(ctx context.Context, s slot, now int64) error {
	key := claimOf(&s.digest) + "/" + s.date
	var messages []*models.Outgoing
	if now-s.at > digestGrace {
		messages = []*models.Outgoing{p.dead(s.person, key, now, Missed)}
	} else {
		taken, err := p.Agenda.Claimed(ctx, claimOf(&s.digest), []string{s.date})
		if err != nil || taken[s.date] {
			return err
		}
		messages, err = p.Press.Digest(ctx, bot.Issue{Digest: s.digest, Person: s.person, Due: s.at, Now: p.Clock.Now().UnixMilli()}, key)
		if err != nil {
			return err
		}
		if len(messages) == 0 {
			messages = []*models.Outgoing{p.dead(s.person, key, now, "there was no way to send it")}
		}
	}
	stamp(messages, models.Once, p.Clock.Now().UnixMilli())
	ours, err := p.Agenda.ClaimSlot(ctx, claimOf(&s.digest), s.date, now, messages)
	if ours && err == nil {
		p.Wrote()
	}
	return err
}

// dead is the trace of a message that is never sent.
func (p *Pulse) dead(to models.Person, key string, now int64, why string) *models.Outgoing {
	address := to.Phone
	if address == "" {
		address = to.UserID
	}
	return &models.Outgoing{Key: key, Part: 1, To: address, Person: to.Key, Channel: p.Channel, Via: "text", State: models.Dead, CreatedAt: now, Reason: why}
}

// stamp dates messages where whoever made them did not.
func stamp(messages []*models.Outgoing, class models.Promise, now int64) {
	for _, o := range messages {
		o.Class = class
		if o.CreatedAt == 0 {
			o.CreatedAt = now
		}
		if o.DueAt == 0 && o.State != models.Dead {
			o.DueAt = o.CreatedAt
		}
	}
}
