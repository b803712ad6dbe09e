package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const daysMost = 1100

// History tells the last days of the shop, up to now, in deliveries as the
// sources would have made them: source is CloudAPI or Events, at when the body
// came, in order. The same seed, days and now give the same deliveries. An
// error of yield ends it and is returned. Afterwards the shop stands as its
// history leaves it, and a Live goes on from there.
func (s *Shop) History(days int, now time.Time, yield func(source string, at time.Time, body []byte) error) error {
	if days < 1 || days > daysMost {
		return fmt.Errorf("demo: a history of %d days: want 1 to %d", days, daysMost)
	}
	if yield == nil {
		return errors.New("demo: nobody hears the history")
	}
	now = now.UTC().Truncate(time.Millisecond)
	w := &world{shop: s, random: rand.New(rand.NewPCG(s.seed, 0xca5a)), begin: s.day(now, -days, 0).UTC(), end: now}
	for _, a := range s.staff {
		a.given = time.Time{}
	}
	w.post.deliver, w.post.lost = yield, w.outage()
	w.at(w.begin, w.daily)
	w.at(w.begin, func(t time.Time) { w.arrive(t, w.stream) })
	w.plant()
	if err := w.run(now); err != nil {
		return err
	}
	w.live, w.post.lost = true, nil
	s.world = w
	return nil
}

// outage returns the hours of the bad day, in which nobody heard the webhooks
// and everything told is lost: the latest plain weekday that is at least nine
// days before the end, in a history that knows what such a day is like.
func (w *world) outage() func(t time.Time) bool {
	from := w.shop.day(w.end, -9, 9*60+40)
	for w.shop.holiday(from) || from.Weekday() == time.Saturday || from.Weekday() == time.Sunday {
		from = w.shop.day(from, -1, 9*60+40)
	}
	if from.Before(w.begin.AddDate(0, 0, 29)) {
		return nil
	}
	to := from.Add(3*time.Hour + 35*time.Minute)
	return func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
}

// arrive is a moment at which somebody may begin to write; of more such moments
// than customers, as many are taken as the hour deserves.
func (w *world) arrive(t time.Time, stream int) {
	if stream != w.stream {
		return
	}
	rate, most := w.shop.rate(t, w.progress(t)), rateMost
	if w.watched() {
		rate = min(max(rate*liveMore, liveLeast), liveMost)
		most = liveMost
	}
	next := t.Add(time.Duration(w.random.ExpFloat64() / most * float64(time.Hour)))
	w.at(next, func(t time.Time) { w.arrive(t, stream) })
	if w.chance(rate / most) {
		w.customer(t)
	}
}

// customer lets somebody begin to write.
func (w *world) customer(t time.Time) {
	about := w.topic(t)
	l := w.shop.lines[service]
	switch {
	case w.chance(0.13):
		l = w.shop.lines[instagram]
	case about.team == ventas:
		l = w.shop.lines[sales]
	}
	c := w.known(l)
	if c == nil {
		c = w.meet(l)
		c.ad = l == w.shop.lines[sales] && w.chance(0.22)
	}
	w.talk(t, c, l, about, content{})
}

// topic returns what somebody writes about at t.
func (w *world) topic(t time.Time) *topic {
	weight := func(x *topic) float64 {
		if w.shop.local(t).Weekday() == time.Friday {
			return x.weight * x.friday
		}
		return x.weight
	}
	sum := 0.0
	for _, x := range topics {
		sum += weight(x)
	}
	at := w.random.Float64() * sum
	for _, x := range topics {
		if at -= weight(x); at < 0 {
			return x
		}
	}
	return topics[0]
}

// returning is the share of conversations of customers who are known.
const returning = 0.38

// known returns a customer who writes again, nil when a new one does.
func (w *world) known(l *line) *customer {
	if !w.chance(returning) || len(w.customers) == 0 {
		return nil
	}
	for range 8 {
		c := w.customers[w.random.IntN(len(w.customers))]
		if !c.busy && c.instant != l.whatsApp() {
			return c
		}
	}
	return nil
}

// meet returns a new customer.
func (w *world) meet(l *line) *customer {
	c := newcomer(w.random, len(w.customers), l)
	w.customers = append(w.customers, c)
	return c
}

// daily plans what happens on a day beside customers who write.
func (w *world) daily(t time.Time) {
	w.at(w.shop.day(t, 1, 0), w.daily)
	at := func(minute int) time.Time { return w.shop.day(t, 0, minute).Add(w.upTo(40 * time.Minute)) }
	local := w.shop.local(t)
	if _, week := local.ISOWeek(); local.Weekday() == time.Thursday && week%2 == 0 {
		w.at(at(10*60+30), func(t time.Time) { w.campaign(t, week/2) })
	}
	if n := int(t.Sub(w.begin).Hours()/24 + 0.5); n == 3 || n > 0 && n%45 == 0 {
		w.at(at(16*60), w.fair)
	}
	w.extras(at)
}

// fair brings the list of those who left their number at a stand.
func (w *world) fair(t time.Time) {
	for range 60 {
		w.bring(t, "import", nil)
	}
}

// extras are small things that happen now and then.
func (w *world) extras(at func(minute int) time.Time) {
	now := func(share float64, minute int, do func(t time.Time)) {
		if w.chance(share) {
			w.at(at(minute), do)
		}
	}
	now(0.5, 9*60+30, w.enter)
	now(0.3, 15*60, w.enter)
	now(0.4, 11*60, func(t time.Time) { w.bring(t, "api", nil) })
	now(0.3, 14*60, w.atTheCounter)
	now(0.35, 10*60, func(t time.Time) { w.someone(func(c *customer) { w.call(t, c) }) })
	now(0.12, 17*60, func(t time.Time) { w.someone(func(c *customer) { w.leaves(t, c) }) })
	now(0.06, 13*60, w.quality)
}

// someone hands over a customer on WhatsApp who is in no conversation.
func (w *world) someone(do func(c *customer)) {
	for range 8 {
		if len(w.customers) == 0 {
			return
		}
		if c := w.customers[w.random.IntN(len(w.customers))]; !c.busy && !c.instant {
			do(c)
			return
		}
	}
}

// leaves has a customer deleted from the inbox, on their wish.
func (w *world) leaves(t time.Time, c *customer) {
	w.post.event(t, w.event(t, "contact.deleted", w.shop.lines[sales], c))
	c.busy, c.opted = true, true
}

// quality is Meta's news of how a template is liked.
func (w *world) quality(t time.Time) {
	p := promotions[w.random.IntN(len(promotions))]
	scores := []string{"GREEN", "YELLOW"}
	n := w.random.IntN(2)
	w.post.hook(update{field: "message_template_quality_update", at: t, element: object{
		"previous_quality_score": scores[n], "new_quality_score": scores[1-n], "message_template_id": 806312974732579,
		"message_template_name": p.template, "message_template_language": "es_CO",
	}})
}

// planted are conversations in which a customer waits at the end of the
// history: how long they have, and for how much longer nobody answers.
var planted = []struct {
	ago, more time.Duration
	category  string
}{
	{23*time.Hour + 38*time.Minute, 48 * time.Hour, "garantía"},
	{23*time.Hour + 14*time.Minute, 9 * time.Minute, "soporte técnico"},
	{5*time.Hour + 20*time.Minute, 14 * time.Minute, "devolución"},
	{2*time.Hour + 45*time.Minute, 25 * time.Minute, "soporte técnico"},
	{96 * time.Minute, 6 * time.Minute, "envío"},
	{58 * time.Minute, 12 * time.Minute, "instalación"},
	{41 * time.Minute, 4 * time.Minute, "cotización"},
	{23 * time.Minute, 7 * time.Minute, "pagos"},
	{12 * time.Minute, 3 * time.Minute, "garantía"},
	{5 * time.Minute, 2 * time.Minute, "cotización"},
	{2 * time.Minute, time.Minute, "compra"},
}

// plant has somebody wait at the end, whatever the hour.
func (w *world) plant() {
	for _, p := range planted {
		at := w.end.Add(-p.ago)
		if at.Before(w.begin) {
			continue
		}
		w.at(at, func(t time.Time) {
			about := topicOf(p.category)
			l := w.shop.lines[service]
			if about.team == ventas {
				l = w.shop.lines[sales]
			}
			k := w.talk(t, w.meet(l), l, about, content{})
			k.held, k.mute, k.counter = w.end.Add(p.more), false, false
		})
	}
}
