package card

import "pulso/analytics"

// ValueOf is a figure of a metric as a value: in the metric's own unit, nil when
// it is not known. Durations are in ms, shares 0..1.
func ValueOf(m analytics.Metric, v *float64) Value {
	switch {
	case v == nil:
		return nil
	case m.Key == "reply_ratio":
		return Ratio(*v)
	case m.Unit == analytics.Share:
		return Share(*v)
	case m.Unit == analytics.Seconds:
		return Duration(*v)
	case *v != float64(int64(*v)):
		return Number(*v)
	}
	return Count(*v)
}
