package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/bot"
	"pulso/models"
)

// diary is an agenda in memory, by the contract of a database.
type diary struct {
	mu      sync.Mutex
	alarms  map[string]models.Alarm
	slots   map[string]bool
	once    map[string]any
	sent    []*models.Outgoing
	failing int // so many writes fail
	writes  int
}

func newDiary() *diary {
	return &diary{alarms: map[string]models.Alarm{}, slots: map[string]bool{}, once: map[string]any{}}
}

func (d *diary) Once(_ context.Context, name string, v any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	have, known := d.once[name]
	switch v := v.(type) {
	case *int64:
		if !known {
			d.once[name] = *v
		} else {
			*v = have.(int64)
		}
	case *beginning:
		if !known {
			d.once[name] = *v
		} else {
			*v = have.(beginning)
		}
	}
	return nil
}

var errAway = errors.New("the database is away")

func (d *diary) states() map[string]models.Alarm {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.alarms)
}

func (d *diary) fails() bool {
	d.failing--
	return d.failing >= 0
}

func (d *diary) MoveAlarms(_ context.Context, alarms []models.Alarm, messages []*models.Outgoing) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails() {
		return errAway
	}
	for _, a := range alarms {
		if d.alarms[a.Rule].Version != a.Version {
			return models.ErrMoved
		}
	}
	for _, a := range alarms {
		a.Version++
		d.alarms[a.Rule] = a
		d.writes++
	}
	d.keep(messages)
	return nil
}

func (d *diary) keep(messages []*models.Outgoing) {
	for _, m := range messages {
		same := func(o *models.Outgoing) bool { return o.Key == m.Key && o.Part == m.Part && o.To == m.To }
		if !slices.ContainsFunc(d.sent, same) {
			d.sent = append(d.sent, m)
		}
	}
}

func (d *diary) Claimed(_ context.Context, name string, slots []string) (map[string]bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	have := map[string]bool{}
	for _, s := range slots {
		if d.slots[name+"\n"+s] {
			have[s] = true
		}
	}
	return have, nil
}

func (d *diary) ClaimSlot(_ context.Context, name, slot string, _ int64, messages []*models.Outgoing) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails() {
		return false, errAway
	}
	if d.slots[name+"\n"+slot] {
		return false, nil
	}
	d.slots[name+"\n"+slot] = true
	d.keep(messages)
	return true, nil
}

func (d *diary) Bulletins(_ context.Context, since int64) ([]Bulletin, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []Bulletin
	for _, o := range d.sent {
		if o.CreatedAt >= since && strings.HasPrefix(o.Key, "alert/") {
			list = append(list, Bulletin{o.Person, o.CreatedAt, o.Key})
		}
	}
	return list, nil
}

// printer writes messages whose payload says what is new of which rule.
type printer struct{}

func (printer) Digest(_ context.Context, x bot.Issue, key string) ([]*models.Outgoing, error) {
	return []*models.Outgoing{{Key: key, Part: 1, To: x.Person.Phone, Person: x.Person.Key, State: models.Planned}}, nil
}

func (printer) Alert(_ context.Context, p models.Person, list []bot.Tiding, key string, _ int64, _ bool) ([]*models.Outgoing, error) {
	var says []string
	for _, t := range list {
		says = append(says, fmt.Sprintf("%s %d", []string{"began", "unsteady", "still", "ended", "passed"}[t.News], t.Rule.ID))
	}
	return []*models.Outgoing{{Key: key, Part: 1, To: p.Phone, Person: p.Key, State: models.Planned, Payload: []byte(strings.Join(says, ", "))}}, nil
}

func (printer) Headline(_ context.Context, p models.Person, h Headline, key string) ([]*models.Outgoing, error) {
	return []*models.Outgoing{{Key: key, Part: 1, To: p.Phone, Person: p.Key, State: models.Planned}}, nil
}

// stage is a diary, a clock that is set by hand, and any number of processes.
type stage struct {
	*diary
	t       *testing.T
	now     time.Time
	people  []models.Person
	digests []models.Digest
	rules   []models.Rule
	values  map[int64]float64 // of rules; one that is missing is unknown
	trial   bool
	news    []Headline
}

var ana = models.Person{Key: "+573001112233", Phone: "+573001112233", Name: "Ana", Role: models.Owner, Zone: "America/Bogota"}

func newStage(t *testing.T, now string) *stage {
	at, err := time.Parse(time.RFC3339, now)
	require.NoError(t, err)
	return &stage{diary: newDiary(), t: t, now: at, people: []models.Person{ana}, values: map[int64]float64{}}
}

func (s *stage) guarded(context.Context) ([]bot.Guarded, error) {
	states := s.states()
	var list []bot.Guarded
	for _, r := range s.rules {
		key := fmt.Sprintf("rule/%d", r.ID)
		list = append(list, bot.Guarded{Rule: r, Key: key, Alarm: states[key]})
	}
	return list, nil
}

func (s *stage) process() *Pulse {
	clock := &Clock{Wall: func() time.Time { return s.now }}
	if s.trial {
		clock.Start, clock.Anchor, clock.Speed = s.now, s.now, 1
	}
	p := s.pulse(clock)
	p.began, p.handled, p.known = s.now, map[string]int64{}, map[string]int64{}
	return p
}

func (s *stage) pulse(clock *Clock) *Pulse {
	return &Pulse{
		Agenda: s, Press: printer{}, Clock: clock, Log: quiet(), Wrote: func() {}, Channel: "whatsapp:1060", Rules: s.guarded,
		People:  func(context.Context) ([]models.Person, error) { return s.people, nil },
		Digests: func(context.Context) ([]models.Digest, error) { return slices.Clone(s.digests), nil },
		News:    func(context.Context, int64) ([]Headline, error) { return slices.Clone(s.news), nil },
		Zone:    func(p models.Person) analytics.Zone { return analytics.MustZone(p.Zone) },
		Sampler: func(context.Context, int64) (Sampler, error) {
			return func(_ context.Context, r *models.Rule) (analytics.Sample, error) {
				v, known := s.values[r.ID]
				return analytics.Sample{Value: v, N: 100, Known: known}, nil
			}, nil
		},
	}
}

// run lets a process look every minute.
func (s *stage) run(p *Pulse, minutes int) {
	for range minutes {
		s.now = s.now.Add(time.Minute)
		require.NoError(s.t, p.Step(s.t.Context()))
	}
}

func (s *stage) keys() []string {
	var list []string
	for _, o := range s.sent {
		list = append(list, o.Key)
	}
	return list
}

// said lists what a person was told, with the minutes since start.
func (s *stage) said(person string, start time.Time) []string {
	var list []string
	for _, o := range s.sent {
		if o.Person == person {
			list = append(list, fmt.Sprintf("%d: %s", (o.CreatedAt-start.UnixMilli())/60_000, o.Payload))
		}
	}
	return list
}

func TestDigestsAreSentOnceALocalDay(t *testing.T) {
	for _, zone := range []string{"America/Bogota", "America/Santiago", "Europe/Madrid", "Australia/Lord_Howe", "Pacific/Apia"} {
		t.Run(zone, func(t *testing.T) {
			s := newStage(t, "2026-01-01T12:00:00Z")
			s.people[0].Zone = zone
			s.digests = []models.Digest{{ID: "daily", Person: ana.Key, At: 150, FromFile: true}, {ID: "chat-1", Person: ana.Key, At: 1439, Since: s.now.UnixMilli()}}
			processes := []*Pulse{s.process(), s.process(), s.process()}
			for day := 0; day < 370*24*2; day++ {
				s.now = s.now.Add(30 * time.Minute)
				i := rand.IntN(3)
				if rand.IntN(50) == 0 {
					processes[i] = s.process() // killed and started again
				}
				require.NoError(t, processes[i].Step(t.Context()))
			}
			keys := s.keys()
			slices.Sort(keys)
			require.Equal(t, len(keys), len(slices.Compact(slices.Clone(keys))), "no date twice")
			assert.Equal(t, []int{370, 370}, []int{count(keys, "digest/daily/"), count(keys, "digest/chat-1/")})
			for _, o := range s.sent {
				assert.Equal(t, []any{models.Once, models.Planned}, []any{o.Class, o.State}, o.Key)
			}
		})
	}
}

func count(keys []string, prefix string) int {
	n := 0
	for _, k := range keys {
		if strings.HasPrefix(k, prefix) {
			n++
		}
	}
	return n
}

func TestDigestsLateAreSentAndLaterAreMissed(t *testing.T) {
	s := newStage(t, "2026-03-01T12:00:00Z")
	s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: 8 * 60, FromFile: true}}
	require.NoError(t, s.process().Step(t.Context()))
	s.now = time.Date(2026, 3, 4, 13, 59, 0, 0, time.UTC) // 08:59 in Bogotá, three slots later
	require.NoError(t, s.process().Step(t.Context()))
	states := map[string]string{}
	for _, o := range s.sent {
		states[o.Key] = string(o.State) + " " + o.Reason
		assert.Equal(t, ana.Phone, o.To)
	}
	assert.Equal(t, map[string]string{"digest/d/2026-03-04": "planned ", "digest/d/2026-03-03": "dead missed", "digest/d/2026-03-02": "dead missed", "digest/d/2026-03-01": "dead missed"}, states)
}

func TestDigestsAreNotMadeUpFor(t *testing.T) {
	t.Run("what lay before the first start", func(t *testing.T) {
		s := newStage(t, "2026-03-01T14:00:00Z")
		s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: 8 * 60, FromFile: true}}
		s.run(s.process(), 60)
		assert.Empty(t, s.sent)
	})
	t.Run("what lay before a digest of the file was added", func(t *testing.T) {
		s := newStage(t, "2026-03-01T14:00:00Z")
		s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: 8 * 60, FromFile: true}}
		s.run(s.process(), 1)
		s.now = s.now.Add(5 * 24 * time.Hour)
		s.digests = append(s.digests, models.Digest{ID: "new", Person: ana.Key, At: 7 * 60, FromFile: true})
		s.run(s.process(), 1)
		assert.Equal(t, []int{5, 0}, []int{count(s.keys(), "digest/d/"), count(s.keys(), "digest/new/")})
	})
	t.Run("but a trial begins with its clock", func(t *testing.T) {
		s := newStage(t, "2026-03-01T13:00:00Z") // 08:00 in Bogotá
		s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: 8 * 60, FromFile: true}}
		s.trial = true
		p := s.process()
		s.now = s.now.Add(20 * time.Minute)
		p.began = s.now
		require.NoError(t, p.Step(t.Context()))
		assert.Equal(t, []string{"digest/d/2026-03-01"}, s.keys())
	})
	t.Run("nor do the suspended get any", func(t *testing.T) {
		s := newStage(t, "2026-03-01T12:00:00Z")
		s.people[0].Suspended = "left"
		s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: 8 * 60, FromFile: true}}
		s.run(s.process(), 120)
		assert.Empty(t, s.sent)
	})
}

func TestDigestsSurviveAFailingDatabase(t *testing.T) {
	s := newStage(t, "2026-03-01T12:59:00Z")
	s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: 8 * 60, Since: 1}}
	p := s.process()
	require.NoError(t, p.Step(t.Context()))
	s.sent = nil
	s.failing = 3
	for range 5 {
		s.now = s.now.Add(time.Minute)
		_ = p.Step(t.Context())
	}
	assert.Equal(t, []string{"digest/d/2026-03-01"}, s.keys())
}

func crowd(id int64) models.Rule {
	return models.Rule{ID: id, Metric: "conversations_waiting", Op: models.Above, Threshold: 20, Clear: 16, For: 5 * 60_000, Repeat: 4 * 3_600_000, KeepFiring: 10 * 60_000}
}

func TestAlertsTellAnEpisode(t *testing.T) {
	for name, restarts := range map[string]bool{"by one process": false, "by one that is killed every minute": true} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "2026-03-02T15:00:00Z")
			s.rules = []models.Rule{crowd(7)}
			start, p := s.now, s.process()
			step := func(minutes int, value float64) {
				for range minutes {
					s.values[7] = value
					if restarts {
						p = s.process()
					}
					s.run(p, 1)
				}
			}
			step(10, 3)
			assert.Zero(t, s.writes, "a rule at rest costs nothing")
			step(260, 30) // true at minute 11: fires at 16, told at 17; again at 256
			step(60, 1)   // clear at 271, over at 281
			assert.Equal(t, []string{"17: began 7", "257: still 7", "282: ended 7"}, s.said(ana.Key, start))
			for _, o := range s.sent {
				assert.Equal(t, models.Must, o.Class)
			}
		})
	}
}

func TestAlertsComeTogether(t *testing.T) {
	s := newStage(t, "2026-03-02T15:00:00Z")
	s.people = append(s.people, models.Person{Key: "+573001112244", Phone: "+573001112244", Role: models.Admin, Zone: "America/Bogota"},
		models.Person{Key: "+573001112255", Phone: "+573001112255", Role: models.Manager, Zone: "America/Bogota"})
	for id := range int64(500) {
		r := crowd(id + 1)
		r.For = (id % 3) * 60_000
		s.rules = append(s.rules, r)
		s.values[id+1] = 30
	}
	start, p := s.now, s.process()
	s.run(p, 30)
	for _, who := range s.people[:2] {
		said := s.said(who.Key, start)
		require.LessOrEqual(t, len(said), 3)
		told := 0
		for _, x := range said {
			told += strings.Count(x, "began")
		}
		assert.Equal(t, 500, told, "each once")
	}
	assert.Empty(t, s.said(s.people[2].Key, start), "a manager only where a rule says so")
}

func TestAlertsAreFewInHalfAnHour(t *testing.T) {
	s := newStage(t, "2026-03-02T15:00:00Z")
	for id := range int64(29) {
		r := crowd(id + 1)
		r.For = 0
		s.rules = append(s.rules, r)
	}
	start, p := s.now, s.process()
	for id := range int64(29) {
		s.values[id+1] = 30 // one more every minute
		s.run(p, 1)
	}
	s.run(p, 10)
	said := s.said(ana.Key, start)
	require.Len(t, said, 4)
	var at []int
	for _, x := range said {
		var m int
		fmt.Sscanf(x, "%d:", &m)
		at = append(at, m)
	}
	assert.Greater(t, at[3]-at[0], 30)
	assert.Equal(t, 29, strings.Count(strings.Join(said, " "), "began"))
}

func TestAlertsWaitForTheEndOfQuietHours(t *testing.T) {
	s := newStage(t, "2026-03-03T03:30:00Z") // 22:30 in Bogotá
	calm, loud, short := crowd(1), crowd(2), crowd(3)
	calm.QuietFrom, calm.QuietTo = 22*60, 7*60
	short.QuietFrom, short.QuietTo = 22*60, 7*60
	loud.QuietFrom, loud.QuietTo, loud.Critical = 22*60, 7*60, true
	s.rules = []models.Rule{calm, loud, short}
	start, p := s.now, s.process()
	s.values = map[int64]float64{1: 30, 2: 30, 3: 30}
	s.run(p, 30)
	assert.Equal(t, []string{"7: began 2"}, s.said(ana.Key, start))
	s.values[3] = 0
	s.values[2] = 0
	s.run(p, 12*60)
	said := s.said(ana.Key, start)
	require.Len(t, said, 4, "%v", said)
	assert.Equal(t, "42: ended 2", said[1])
	assert.Equal(t, "510: began 1, passed 3", said[2], "at 07:00, together")
}

func TestAlertsAckedAndMuted(t *testing.T) {
	s := newStage(t, "2026-03-02T15:00:00Z")
	s.rules = []models.Rule{crowd(1), crowd(2)}
	s.values = map[int64]float64{1: 30, 2: 30}
	start, p := s.now, s.process()
	s.run(p, 10)
	a := s.alarms["rule/1"]
	a.AckedBy, a.AckedAt = "Ana", s.now.UnixMilli()
	b := s.alarms["rule/2"]
	b.MutedTill = s.now.Add(2 * time.Hour).UnixMilli()
	require.NoError(t, s.MoveAlarms(t.Context(), []models.Alarm{a, b}, nil))
	s.run(p, 5*60)
	s.values = map[int64]float64{1: 0, 2: 0}
	s.run(p, 30)
	assert.Equal(t, []string{"7: began 1, began 2", "131: still 2", "322: ended 1, ended 2"}, s.said(ana.Key, start))
}

func TestCriticalAlertsThatNobodyAcksReachTheOwner(t *testing.T) {
	rita := models.Person{Key: "+573001112234", Phone: "+573001112234", Name: "Rita", Role: models.Manager, Zone: "America/Bogota"}
	adam := models.Person{Key: "+573001112235", Phone: "+573001112235", Name: "Adam", Role: models.Admin, Zone: "America/Bogota"}
	play := func(critical bool, after int, act func(*models.Alarm, int64)) (*stage, time.Time) {
		s := newStage(t, "2026-03-02T15:00:00Z")
		s.people = []models.Person{ana, rita, adam}
		r := crowd(1)
		r.To, r.Critical = []string{rita.Key}, critical
		s.rules, s.values = []models.Rule{r}, map[int64]float64{1: 30}
		start, p := s.now, s.process()
		s.run(p, after)
		a := s.alarms["rule/1"]
		act(&a, s.now.UnixMilli())
		require.NoError(t, s.MoveAlarms(t.Context(), []models.Alarm{a}, nil))
		s.run(p, 60-after)
		s.values[1] = 0
		s.run(p, 30)
		assert.Empty(t, s.said(adam.Key, start), "an admin who is not named is spared")
		return s, start
	}
	ack := func(a *models.Alarm, now int64) { a.AckedBy, a.AckedAt = "Rita", now }
	nothing := func(*models.Alarm, int64) {}
	for name, x := range map[string]struct {
		critical bool
		after    int
		act      func(*models.Alarm, int64)
		owner    []string
	}{
		"nobody acks":          {true, 10, nothing, []string{"21: began 1", "72: ended 1"}},
		"acked in time":        {true, 10, ack, nil},
		"acked after the call": {true, 30, ack, []string{"21: began 1", "72: ended 1"}},
		"muted for long":       {true, 10, func(a *models.Alarm, now int64) { a.MutedTill = now + 3*3_600_000 }, nil},
		"not critical":         {false, 10, nothing, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, start := play(x.critical, x.after, x.act)
			assert.Equal(t, "7: began 1", s.said(rita.Key, start)[0])
			assert.Equal(t, x.owner, s.said(ana.Key, start))
		})
	}
}

func TestAlertsOfASilentSourceAreInhibited(t *testing.T) {
	s := newStage(t, "2026-03-02T15:00:00Z")
	silent := models.Rule{ID: 1, Metric: "messages_received", Op: models.Silence, For: 30 * 60_000, Channels: []string{"whatsapp:1060"}, KeepFiring: 60_000}
	volume := models.Rule{ID: 2, Metric: "messages_received", Op: models.Below, Threshold: 5, Clear: 6, Channels: []string{"whatsapp:1060"}}
	other := models.Rule{ID: 3, Metric: "messages_received", Op: models.Below, Threshold: 5, Clear: 6, Channels: []string{"whatsapp:1061"}}
	s.rules = []models.Rule{volume, silent, other}
	s.values = map[int64]float64{1: 0, 2: 0, 3: 0}
	start := s.now
	s.run(s.process(), 5)
	assert.Equal(t, []string{"2: began 1, began 3"}, sortedWords(s.said(ana.Key, start)))
}

func sortedWords(list []string) []string {
	for i, x := range list {
		head, rest, _ := strings.Cut(x, ": ")
		words := strings.Split(rest, ", ")
		slices.Sort(words)
		list[i] = head + ": " + strings.Join(words, ", ")
	}
	return list
}

// TestAlertsOfSeveralProcesses: each episode is told once, whoever judges.
func TestAlertsOfSeveralProcesses(t *testing.T) {
	s := newStage(t, "2026-03-02T15:00:00Z")
	s.rules = []models.Rule{crowd(1), crowd(2), crowd(3)}
	var processes []*Pulse
	for range 3 {
		processes = append(processes, s.process())
	}
	var episodes int64
	for i := range 3 * 24 * 60 {
		s.now = s.now.Add(time.Minute)
		if i%90 == 0 {
			for id := range int64(3) {
				s.values[id+1] = []float64{30, 0}[rand.IntN(2)]
			}
		}
		var all sync.WaitGroup
		for _, p := range processes {
			all.Go(func() { assert.NoError(t, p.Step(t.Context())) })
		}
		all.Wait()
	}
	for id := range 3 {
		episodes += s.alarms[fmt.Sprintf("rule/%d", id+1)].Episode
	}
	began, times := 0, map[string]bool{}
	for _, o := range s.sent {
		began += strings.Count(string(o.Payload), "began")
		at := fmt.Sprint(o.Person, o.CreatedAt)
		assert.False(t, times[at], "two messages at once")
		times[at] = true
	}
	assert.EqualValues(t, episodes, began)
	assert.Greater(t, episodes, int64(10))
}

func TestHeadlinesAreToldOnceToOwnersAndAdmins(t *testing.T) {
	s := newStage(t, "2026-03-02T15:00:00Z")
	s.people = append(s.people, models.Person{Key: "+573001112244", Phone: "+573001112244", Role: models.Admin}, models.Person{Key: "+573001112255", Phone: "+573001112255", Role: models.Manager})
	s.news = []Headline{{Key: "41"}, {Key: "42"}}
	s.failing = 1
	p := s.process()
	s.now = s.now.Add(time.Minute)
	require.ErrorIs(t, p.Step(t.Context()), errAway)
	for range 3 {
		s.run(s.process(), 2)
	}
	keys := s.keys()
	slices.Sort(keys)
	assert.Equal(t, []string{"alert/health/41", "alert/health/41", "alert/health/42", "alert/health/42"}, keys)
	for _, o := range s.sent {
		assert.NotEqual(t, "+573001112255", o.To)
		assert.Equal(t, models.Must, o.Class)
	}
}

func TestPulseRunsByItsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, "2026-03-02T15:00:00Z")
		s.rules = []models.Rule{crowd(1)}
		s.values[1] = 30
		p := s.pulse(&Clock{Wall: time.Now})
		s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: 8 * 60, FromFile: true}}
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { p.Run(ctx) })
		time.Sleep(24 * time.Hour)
		stop()
		done.Wait()
		assert.Equal(t, 1, count(s.keys(), "digest/d/"))
		assert.Equal(t, 6, count(s.keys(), "alert/"), "one at first and one every four hours")
	})
}

func TestPulseOfAFastClockLeavesTheDatabaseItsBreath(t *testing.T) {
	wall := noon
	p := &Pulse{Clock: &Clock{Wall: func() time.Time { return wall }, Start: noon, Anchor: noon, Speed: 6000}}
	assert.GreaterOrEqual(t, float64(p.pause())/6000, float64(leastPulse))
}

// changesOf lists when the clocks of a zone change in a year.
func changesOf(zone analytics.Zone, year int) []int64 {
	var list []int64
	at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	offset := func(t time.Time) int { _, o := zone.Time(t.UnixMilli()).Zone(); return o }
	for ; at.Year() == year; at = at.Add(time.Hour / 2) {
		if offset(at) != offset(at.Add(time.Hour/2)) {
			list = append(list, at.Add(time.Hour/2).UnixMilli())
		}
	}
	return list
}

// TestDigestsWhenClocksChange: at whatever minute a digest is due, and however
// the two processes that look after it come and go, each local date around a
// change of the clocks gets it once, on that date, and not before its time.
func TestDigestsWhenClocksChange(t *testing.T) {
	zones := []string{
		"America/Bogota", "America/New_York", "America/Santiago", "America/Havana", "America/Asuncion", "Europe/Madrid", "Africa/Cairo",
		"Asia/Beirut", "Australia/Lord_Howe", "Pacific/Chatham",
	}
	changed := 0
	for _, name := range zones {
		zone := analytics.MustZone(name)
		changes := changesOf(zone, 2026)
		if len(changes) == 0 { // no change: any day will do
			changes = []int64{time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC).UnixMilli()}
		} else {
			changed++
		}
		t.Run(name, rapid.MakeCheck(func(rt *rapid.T) {
			change := rapid.SampledFrom(changes).Draw(rt, "change")
			at := rapid.OneOf(rapid.IntRange(0, 180), rapid.IntRange(0, 1439)).Draw(rt, "minute")
			day := zone.DayOf(change)
			s := &stage{diary: newDiary(), t: t, people: []models.Person{ana}, values: map[int64]float64{}}
			s.people[0].Zone = name
			s.now = time.UnixMilli(zone.Start(day-2) - 60_000).UTC()
			s.digests = []models.Digest{{ID: "d", Person: ana.Key, At: at, Since: s.now.UnixMilli()}}
			processes := []*Pulse{s.process(), s.process()}
			for s.now.UnixMilli() < zone.Start(day+3) {
				s.now = s.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "wait")) * time.Minute)
				i := rapid.IntRange(0, 1).Draw(rt, "process")
				if rapid.IntRange(0, 30).Draw(rt, "fate") == 0 {
					processes[i] = s.process()
				}
				require.NoError(rt, processes[i].Step(t.Context()))
			}
			dates := map[string]int{}
			for _, o := range s.sent {
				date := strings.TrimPrefix(o.Key, "digest/d/")
				dates[date]++
				require.Equal(rt, models.Planned, o.State)
				local := zone.Time(o.CreatedAt)
				if local.Format(time.DateOnly) == date {
					require.GreaterOrEqual(rt, local.Hour()*60+local.Minute(), at-60, date) // the second of two equal times
				} else {
					require.Equal(rt, zone.DayOf(o.CreatedAt-3_600_000).String(), date, "late by less than an hour")
				}
			}
			for d := day - 2; d <= day+1; d++ {
				require.Equal(rt, 1, dates[d.String()], "%s %s", d, dates)
			}
		}))
	}
	require.GreaterOrEqual(t, changed, 7, "zones whose clocks change")
}
