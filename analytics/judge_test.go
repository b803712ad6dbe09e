package analytics

import (
	"math"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/models"
)

// watch judges a rule once a minute and collects what is told.
type watch struct {
	rule  models.Rule
	alarm models.Alarm
	now   int64 // minutes
	told  []string
	at    []int64
}

func (w *watch) step(s Sample) Notice {
	w.now++
	a, n := Judge(&w.rule, w.alarm, s, w.now*minute)
	w.alarm = a
	if n != NoNotice {
		w.told, w.at = append(w.told, string(n)), append(w.at, w.now)
	}
	return n
}

func (w *watch) hold(value float64, minutes int) *watch {
	for range minutes {
		w.step(Sample{Value: value, N: 100, Known: true})
	}
	return w
}

func waitingRule() models.Rule {
	return models.Rule{Metric: "conversations_waiting", Op: models.Above, Threshold: 20, Clear: 16, For: 5 * minute, Repeat: 240 * minute, KeepFiring: 10 * minute}
}

func TestJudgeTellsOfAnEpisode(t *testing.T) {
	w := watch{rule: waitingRule()}
	w.hold(10, 3)
	assert.Equal(t, models.Normal, w.alarm.Health)
	w.hold(25, 5)
	assert.Equal(t, models.Pending, w.alarm.Health)
	w.hold(30, 1)
	require.Equal(t, []string{"fire"}, w.told)
	assert.Equal(t, models.Firing, w.alarm.Health)
	assert.Equal(t, w.now*minute, w.alarm.FiredAt)
	w.hold(18, 30) // between the levels: not over
	assert.Equal(t, models.Firing, w.alarm.Health)
	w.hold(15, 10)
	assert.Equal(t, models.Recovering, w.alarm.Health)
	w.hold(15, 1)
	assert.Equal(t, models.Normal, w.alarm.Health)
	assert.Equal(t, []string{"fire", "resolve"}, w.told)
	assert.EqualValues(t, 30, w.alarm.Worst)
	assert.EqualValues(t, 1, w.alarm.Episode)
	w.hold(5, 600)
	assert.Len(t, w.told, 2)
}

func TestJudgeRepeatsUntilSomebodyAcks(t *testing.T) {
	w := watch{rule: waitingRule()}
	w.hold(25, 6+480)
	assert.Equal(t, []string{"fire", "repeat", "repeat"}, w.told)
	assert.EqualValues(t, []int64{6, 246, 486}, w.at)
	w.alarm.AckedBy, w.alarm.AckedAt = "+573001112233", w.now*minute
	w.hold(25, 600)
	assert.Len(t, w.told, 3)
	w.hold(0, 11)
	assert.Equal(t, []string{"fire", "repeat", "repeat", "resolve"}, w.told)
	w.hold(25, 6)
	assert.Equal(t, "fire", w.told[4], "an ack holds for its episode")
	assert.Empty(t, w.alarm.AckedBy)
}

func TestJudgeNeverRepeatsWithoutARepeat(t *testing.T) {
	w := watch{rule: waitingRule()}
	w.rule.Repeat = 0
	assert.Equal(t, []string{"fire"}, w.hold(25, 3000).told)
}

func TestJudgeIsSilentWhileMuted(t *testing.T) {
	t.Run("a snooze ends with a reminder", func(t *testing.T) {
		w := watch{rule: waitingRule()}
		w.hold(25, 6)
		w.alarm.MutedTill = (w.now + 60) * minute
		w.hold(25, 59)
		assert.Len(t, w.told, 1)
		w.hold(25, 1)
		assert.Equal(t, []string{"fire", "repeat"}, w.told)
	})
	t.Run("the end of an episode is told when the mute ends", func(t *testing.T) {
		w := watch{rule: waitingRule()}
		w.hold(25, 6)
		w.alarm.MutedTill = (w.now + 60) * minute
		w.hold(0, 59)
		assert.Equal(t, models.Normal, w.alarm.Health)
		assert.Len(t, w.told, 1)
		w.hold(0, 60)
		assert.Equal(t, []string{"fire", "resolve"}, w.told)
	})
	t.Run("what began and ended in it is not told", func(t *testing.T) {
		w := watch{rule: waitingRule()}
		w.alarm.MutedTill = 60 * minute
		w.hold(25, 10).hold(0, 200)
		assert.Empty(t, w.told)
		assert.EqualValues(t, 1, w.alarm.Episode)
	})
}

func TestJudgeTakesNothingFromTooLittle(t *testing.T) {
	few := Sample{Value: 25, N: 4, Known: true}
	for name, s := range map[string]Sample{"too few": few, "unknown": {Value: 25, N: 100}} {
		t.Run(name, func(t *testing.T) {
			w := watch{rule: waitingRule()}
			w.rule.MinN = 5
			for range 60 {
				w.step(s)
			}
			assert.Equal(t, models.Normal, w.alarm.Health)
			w.hold(25, 6)
			require.Equal(t, []string{"fire"}, w.told)
			s.Value = 0
			for range 600 {
				w.step(s)
			}
			assert.Equal(t, models.Firing, w.alarm.Health, "nor does it end anything")
			assert.Len(t, w.told, 1)
		})
	}
}

func TestJudgeCountsNoUnseenTime(t *testing.T) {
	t.Run("a short stop neither begins anew nor fires early", func(t *testing.T) {
		w := watch{rule: waitingRule()}
		w.hold(25, 4)
		w.now += 2
		w.hold(25, 1)
		assert.Equal(t, []int64{7}, w.at)
	})
	t.Run("a longer one counts three minutes", func(t *testing.T) {
		w := watch{rule: waitingRule()}
		w.hold(25, 2) // one minute seen
		w.now += 9    // ten more, of which three count
		w.hold(25, 2)
		assert.Equal(t, []int64{13}, w.at)
	})
	t.Run("a long one begins anew", func(t *testing.T) {
		w := watch{rule: waitingRule()}
		w.hold(25, 5)
		w.now += 120
		w.hold(25, 5)
		assert.Empty(t, w.told)
		w.hold(25, 1)
		assert.Equal(t, []string{"fire"}, w.told)
	})
}

func TestJudgeEveryOperator(t *testing.T) {
	for _, c := range []struct {
		op                     models.Op
		threshold, clear       float64
		breach, between, clean float64
	}{
		{models.Above, 20, 16, 21, 20, 16},
		{models.AtLeast, 20, 16, 20, 16, 15},
		{models.Below, 0.8, 0.9, 0.79, 0.8, 0.9},
		{models.AtMost, 0.8, 0.9, 0.8, 0.9, 0.91},
		{models.Drop, 0.3, 0.24, 0.3, 0.25, 0.1},
		{models.Rise, 1, 0.8, 1, 0.9, -0.5},
		{models.Silence, 0, 0, 0, math.NaN(), 1},
	} {
		t.Run(string(c.op), func(t *testing.T) {
			w := watch{rule: waitingRule()}
			w.rule.Op, w.rule.Threshold, w.rule.Clear, w.rule.For = c.op, c.threshold, c.clear, 0
			w.hold(c.clean, 2)
			require.Empty(t, w.told)
			w.hold(c.breach, 1)
			require.Equal(t, []string{"fire"}, w.told)
			if !math.IsNaN(c.between) {
				w.hold(c.between, 30)
				require.Equal(t, models.Firing, w.alarm.Health)
			}
			w.hold(c.clean, 11)
			assert.Equal(t, []string{"fire", "resolve"}, w.told)
		})
	}
}

func TestJudgeASilenceHasLastedAlready(t *testing.T) {
	w := watch{rule: waitingRule()}
	w.rule.Op, w.rule.For = models.Silence, 45*minute
	assert.Equal(t, []string{"fire"}, w.hold(0, 1).told)
}

func TestJudgeStaysQuietAroundAThreshold(t *testing.T) {
	for seed := range int64(40) {
		r := rand.New(rand.NewSource(seed))
		w := watch{rule: waitingRule()}
		w.rule.For = []int64{0, 2 * minute, 15 * minute}[seed%3]
		w.rule.Threshold, w.rule.Clear = 1000, 800
		for range 24 * 60 {
			w.hold(1000*(0.99+0.02*r.Float64()), 1)
		}
		assert.LessOrEqual(t, len(w.told), 2, "seed %d: %v", seed, w.told)
	}
}

func TestJudgeSaysOnceThatItFlaps(t *testing.T) {
	w := watch{rule: waitingRule()}
	w.rule.For, w.rule.KeepFiring, w.rule.Clear = 0, 2*minute, 20
	for range 40 {
		w.hold(25, 5).hold(0, 5)
	}
	assert.Equal(t, []string{"fire", "resolve", "fire", "resolve", "fire", "resolve", "unsteady", "resolve"}, w.told)
	n := len(w.told)
	w.hold(0, 120).hold(25, 3)
	assert.Equal(t, "fire", w.told[n], "calm again")
}

func TestJudgingAMomentTwiceChangesNothing(t *testing.T) {
	w := watch{rule: waitingRule()}
	w.hold(25, 6)
	again, n := Judge(&w.rule, w.alarm, Sample{Value: 25, N: 9, Known: true}, w.now*minute)
	assert.Equal(t, w.alarm, again)
	assert.Equal(t, NoNotice, n)
}

// reference is the same automaton written with run lengths instead of moments.
type reference struct {
	rule                         models.Rule
	on, recovering, waiting      bool
	trueFor, clearFor            int64 // ms seen so far
	episodes                     int64
	acked, announced, owed       bool
	silence                      int64 // ms since the last notice
	mute                         int64
	changes                      []int64
	flapping, flapTold, lastTrue bool
	gap                          int64
}

func (r *reference) breach(v float64) (bad, good bool) {
	t, c := r.rule.Threshold, r.rule.Clear
	switch r.rule.Op {
	case models.Above:
		return v > t, v <= c && v <= t
	case models.AtLeast:
		return v >= t, v < c && v < t
	case models.Below:
		return v < t, v >= c && v >= t
	case models.AtMost:
		return v <= t, v > c && v > t
	}
	panic("operator")
}

func (r *reference) health() models.Health {
	switch {
	case r.on && r.recovering:
		return models.Recovering
	case r.on:
		return models.Firing
	case r.waiting:
		return models.Pending
	}
	return models.Normal
}

// step judges a value after elapsed ms; known says whether it could be judged.
func (r *reference) step(v float64, known bool, elapsed, now int64) Notice {
	r.gap += elapsed
	r.silence += elapsed
	if !known {
		return NoNotice
	}
	seen, stale := min(r.gap, 3*minute), r.gap > 15*minute
	r.gap = 0
	bad, good := r.breach(v)
	r.flaps(bad, now)
	if r.on {
		r.during(good, seen, stale)
	} else {
		r.before(bad, seen, stale)
	}
	return r.tell(now)
}

func (r *reference) before(bad bool, seen int64, stale bool) {
	switch {
	case !bad:
		r.waiting = false
		return
	case !r.waiting || stale:
		r.waiting, r.trueFor = true, 0
	default:
		r.trueFor += seen
	}
	if r.trueFor >= r.rule.For {
		r.on, r.recovering, r.waiting = true, false, false
		r.episodes++
		r.acked, r.announced, r.owed = false, false, false
	}
}

func (r *reference) during(good bool, seen int64, stale bool) {
	switch {
	case !good:
		r.recovering = false
		return
	case !r.recovering || stale:
		r.recovering, r.clearFor = true, 0
	default:
		r.clearFor += seen
	}
	if r.clearFor >= r.rule.KeepFiring {
		r.on, r.recovering, r.owed = false, false, r.announced
	}
}

func (r *reference) flaps(bad bool, now int64) {
	var recent []int64
	for _, at := range r.changes {
		if at > now-60*minute {
			recent = append(recent, at)
		}
	}
	if len(recent) == 0 || !r.flapping {
		r.flapping, r.flapTold, r.changes = false, false, recent
	}
	if bad != r.lastTrue && r.episodes > 0 {
		r.changes = append(r.changes, now)
	}
	r.flapping = r.flapping || len(r.changes) > 4
	r.lastTrue = bad
}

func (r *reference) tell(now int64) Notice {
	if r.mute > now {
		return NoNotice
	}
	n := NoNotice
	switch {
	case !r.on && r.owed:
		n, r.owed = Resolve, false
	case !r.on || r.recovering || r.acked:
	case r.flapping && r.flapTold:
	case r.flapping:
		n, r.flapTold, r.announced = Unsteady, true, true
	case !r.announced:
		n, r.announced = Fire, true
	case now-r.silence < r.mute, r.rule.Repeat > 0 && r.silence >= r.rule.Repeat:
		n = Repeat
	}
	if n != NoNotice {
		r.silence = 0
	}
	return n
}

func TestJudgeAgreesWithAnotherAutomaton(t *testing.T) {
	const series = 10_000
	for seed := range int64(series) {
		r := rand.New(rand.NewSource(seed))
		rule := models.Rule{Op: []models.Op{models.Above, models.AtLeast, models.Below, models.AtMost}[r.Intn(4)], Threshold: 10, Clear: 8,
			For: int64(r.Intn(6)) * minute, KeepFiring: int64(1+r.Intn(8)) * minute, Repeat: int64(r.Intn(3)) * 20 * minute, MinN: r.Intn(2) * 3}
		if rule.Op == models.Below || rule.Op == models.AtMost {
			rule.Clear = 12
		}
		ref := &reference{rule: rule}
		var a models.Alarm
		now, value := int64(1_000_000)*minute, 10.0
		for i := range 120 {
			elapsed := minute
			if r.Intn(12) == 0 {
				elapsed = int64(r.Intn(25)+1) * minute
			}
			now += elapsed
			if r.Intn(3) > 0 {
				value = 10 + 5*math.Round(r.NormFloat64()*10)/10
			}
			if r.Intn(30) == 0 && (a.Health == models.Firing || a.Health == models.Recovering) {
				a.AckedBy, ref.acked = "somebody", true
			}
			if r.Intn(40) == 0 {
				a.MutedTill = now + int64(r.Intn(40))*minute
				ref.mute = a.MutedTill
			}
			s := Sample{Value: value, N: r.Intn(9) + 1, Known: r.Intn(20) > 0}
			next, n := Judge(&rule, a, s, now)
			want := ref.step(value, s.Known && s.N >= rule.MinN, elapsed, now)
			require.Equal(t, want, n, "seed %d step %d: %+v", seed, i, next)
			require.Equal(t, ref.health(), next.Health, "seed %d step %d: %+v", seed, i, next)
			require.Equal(t, ref.episodes, next.Episode, "seed %d step %d", seed, i)
			a = next
		}
	}
}

// TestJudgeProperties: nothing is told twice, and no episode without its For.
func TestJudgeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := watch{rule: waitingRule()}
		w.rule.For = int64(rapid.IntRange(0, 10).Draw(t, "for")) * minute
		values := rapid.SliceOfN(rapid.Float64Range(0, 40), 1, 300).Draw(t, "values")
		open, run := false, int64(-1)
		for _, v := range values {
			if v > 20 {
				run++
			} else {
				run = -1
			}
			switch w.step(Sample{Value: v, N: 1, Known: true}) {
			case Fire, Unsteady:
				open = true
			case Resolve:
				if !open {
					t.Fatal("an end without a beginning")
				}
				open = false
			}
			if w.alarm.FiredAt == w.now*minute && run*minute < w.rule.For {
				t.Fatalf("fired after %d minutes", run)
			}
			if len(w.alarm.Flaps) > 12 {
				t.Fatal("the memory of changes grows")
			}
		}
	})
}
