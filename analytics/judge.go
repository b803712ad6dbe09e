package analytics

import (
	"slices"

	"pulso/models"
)

// Sample is what a rule's figure comes to at one moment, in the unit of its
// threshold. For drop and rise it is the share of change in that direction, for
// silence the number of things that happened within For.
type Sample struct {
	Value float64
	N     int  // what the value rests on
	Known bool // false: there is nothing to judge, which is neither good nor bad
}

// Notice is what people are to be told of an alarm.
type Notice string

// The notices. Unsteady says once that the figure keeps going up and down;
// then nothing more is said until it is calm, but for the end.
const (
	NoNotice Notice = ""
	Fire     Notice = "fire"
	Repeat   Notice = "repeat"
	Resolve  Notice = "resolve"
	Unsteady Notice = "unsteady"
)

const (
	minute = int64(60_000)
	// JudgeEvery is how often rules are judged, in ms.
	JudgeEvery = minute
	// Between two judgements no more than mostCredit counts towards For and
	// KeepFiring; after staleAfter without any both begin anew.
	mostCredit = 3 * minute
	staleAfter = 15 * minute
	// More than mostFlaps changes within flapTime are flapping.
	flapTime  = hour
	mostFlaps = 4
)

// Judge moves an alarm by one sample and says what people are to be told of it;
// a notice is taken to be told, and ToldAt is when. It is a function of its
// arguments: judging the same moment twice changes nothing.
//
// A sample that is unknown, or rests on fewer than MinN, is no judgement: the
// alarm stays as it is, so that a night without customers neither sets off nor
// ends anything. What lies between two judgements was not seen: of a gap only
// three minutes count, and after a long one the waiting begins anew.
func Judge(rule *models.Rule, was models.Alarm, sample Sample, now int64) (models.Alarm, Notice) {
	a := was
	if a.Health == "" {
		a.Health, a.Since = models.Normal, now
	}
	if !sample.Known || sample.N < rule.MinN {
		a.Known = false
		return a, NoNotice
	}
	if now <= a.JudgedAt {
		return was, NoNotice
	}
	j := judge{rule: rule, a: &a, now: now, value: sample.Value}
	j.crossing(was)
	j.move(was.JudgedAt)
	a.Value, a.Known, a.JudgedAt = sample.Value, true, now
	return a, j.notice()
}

// judge is one judgement under way.
type judge struct {
	rule  *models.Rule
	a     *models.Alarm
	now   int64
	value float64
}

// move takes the alarm to the state that follows.
func (j *judge) move(judged int64) {
	a := j.a
	switch a.Health {
	case models.Normal:
		if Breaches(j.rule, j.value) {
			j.enter(models.Pending)
			j.ripen()
		}
	case models.Pending:
		if !Breaches(j.rule, j.value) {
			j.enter(models.Normal)
			return
		}
		a.Since = credited(a.Since, judged, j.now)
		j.ripen()
	case models.Firing:
		if clears(j.rule, j.value) {
			j.enter(models.Recovering)
			a.ClearAt = j.now
			j.calm()
		}
	case models.Recovering:
		if !clears(j.rule, j.value) {
			j.enter(models.Firing)
			a.ClearAt = 0
			break
		}
		a.Since = credited(a.Since, judged, j.now)
		j.calm()
	}
	if a.Health == models.Firing || a.Health == models.Recovering {
		a.Worst = worse(j.rule.Op, a.Worst, j.value)
	}
}

func (j *judge) enter(h models.Health) { j.a.Health, j.a.Since = h, j.now }

// ripen begins an episode when the rule has been true for long enough.
func (j *judge) ripen() {
	a := j.a
	if j.now-a.Since < hold(j.rule) {
		return
	}
	j.enter(models.Firing)
	a.Episode++
	a.FiredAt, a.ClearAt, a.Worst = j.now, 0, j.value
	a.AckedBy, a.AckedAt = "", 0
}

// calm ends an episode when the rule has been clear for long enough.
func (j *judge) calm() {
	if j.now-j.a.Since >= j.rule.KeepFiring {
		j.enter(models.Normal)
	}
}

// hold is how long a rule must be true before it fires. A silence has lasted
// already when it is seen.
func hold(r *models.Rule) int64 {
	if r.Op == models.Silence {
		return 0
	}
	return r.For
}

// credited moves the beginning of a wait so that an unseen gap counts little.
func credited(since, judged, now int64) int64 {
	gap := now - judged
	if gap > staleAfter {
		return now
	}
	return since + max(0, gap-mostCredit)
}

// crossing remembers that the figure went over its threshold or back under it.
// One that flaps is calm again when it has not changed for an hour.
func (j *judge) crossing(was models.Alarm) {
	a := j.a
	a.Flaps = slices.Clone(was.Flaps)
	if Flapping(a) {
		if a.Flaps[len(a.Flaps)-1] <= j.now-flapTime {
			a.Flaps = nil
		}
	} else {
		a.Flaps = slices.DeleteFunc(a.Flaps, func(at int64) bool { return at <= j.now-flapTime })
	}
	if was.Episode > 0 && Breaches(j.rule, was.Value) != Breaches(j.rule, j.value) {
		if len(a.Flaps) > 2*mostFlaps { // the first may be the mark that people know
			a.Flaps = slices.Delete(a.Flaps, 1, 2)
		}
		a.Flaps = append(a.Flaps, j.now)
	}
	if len(a.Flaps) == 0 {
		a.Flaps = nil
	}
}

// Flapping reports whether an alarm has changed too often of late.
func Flapping(a *models.Alarm) bool { return len(a.Flaps) > mostFlaps }

// notice decides what is told. What a mute keeps back is told when it ends.
func (j *judge) notice() Notice {
	a, n := j.a, NoNotice
	told := a.FiredAt != 0 && a.ToldAt >= a.FiredAt
	switch {
	case a.MutedTill > j.now:
	case a.Health == models.Firing && a.AckedBy == "":
		n = j.firing(told)
	case (a.Health == models.Normal || a.Health == models.Pending) && told && a.ClearAt > a.ToldAt:
		n = Resolve
	}
	if n != NoNotice {
		a.ToldAt = max(j.now, a.ClearAt+1)
	}
	return n
}

// firing decides what is told of an alarm that is on. An end of a mute reminds
// of it at once.
func (j *judge) firing(told bool) Notice {
	a := j.a
	if Flapping(a) {
		if slices.ContainsFunc(a.Flaps, func(at int64) bool { return at < 0 }) {
			return NoNotice
		}
		a.Flaps = append([]int64{-j.now}, a.Flaps...) // people know
		return Unsteady
	}
	switch {
	case !told:
		return Fire
	case a.MutedTill > a.ToldAt:
		return Repeat
	case j.rule.Repeat > 0 && j.now-a.ToldAt >= j.rule.Repeat:
		return Repeat
	}
	return NoNotice
}

// Breaches reports whether a value is one that the rule warns of.
func Breaches(r *models.Rule, value float64) bool {
	if r.Op == models.Silence {
		return value <= 0
	}
	return beyond(r.Op, value, r.Threshold)
}

// clears reports whether a value lies on the far side of the clear level, and
// so is neither a breach nor close to one.
func clears(r *models.Rule, value float64) bool {
	if Breaches(r, value) {
		return false
	}
	return r.Op == models.Silence || !beyond(r.Op, value, r.Clear)
}

func beyond(op models.Op, value, level float64) bool {
	switch op {
	case models.Above:
		return value > level
	case models.Below:
		return value < level
	case models.AtMost:
		return value <= level
	}
	return value >= level // at least, and the share of a drop or rise
}

// worse returns the worse of two values under a rule.
func worse(op models.Op, a, b float64) float64 {
	if op == models.Below || op == models.AtMost || op == models.Silence {
		return min(a, b)
	}
	return max(a, b)
}

// ClearLevel is where an alert ends when nobody said: 20 % inside the threshold;
// a share that must not fall is asked for no more than half of what is missing
// to 1 (push.md §7).
func ClearLevel(m Metric, op models.Op, threshold float64) float64 {
	switch {
	case op != models.Below && op != models.AtMost:
		return threshold * 0.8
	case m.Unit == Share && threshold <= 1:
		return min(threshold*1.2, (1+threshold)/2)
	}
	return threshold * 1.2
}
