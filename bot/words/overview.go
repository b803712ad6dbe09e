package words

import (
	"slices"

	"pulso/analytics/report"
)

// Overall reports whether an ask is for everything at once: "stats", narrowed
// to what its filters fit.
func Overall(a report.Ask) bool {
	a.By = nil
	return len(a.Metrics) > 3 && slices.Equal(a.Metrics, fittingOverview(a))
}
