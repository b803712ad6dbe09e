package benchmark

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/analytics/ledger"
	"pulso/bot/inbox/cloudapi"
	"pulso/models"
	"pulso/models/store/storetest"
)

// BenchmarkFold folds webhooks of one message each, decoded before, in pages of
// several sizes: what the fold writer costs by itself, and what to profile.
func BenchmarkFold(b *testing.B) {
	for _, dialect := range []string{"sqlite", "mysql"} {
		for _, size := range []int{64, 1000, 4000} {
			b.Run(fmt.Sprintf("%s/page=%d", dialect, size), func(b *testing.B) {
				dsn := storetest.SQLite(b)
				if dialect == "mysql" {
					dsn = server.MySQL(b)
				}
				s := open(b, dsn)
				now := time.Now()
				lease, err := s.Seize(b.Context(), "fold", "benchmark", now.UnixMilli(), time.Hour.Milliseconds())
				require.NoError(b, err)
				l := ledger.New(rules(b), nil)
				n, events := 0, 0
				spent := cpu(b)
				for b.Loop() {
					for range max(1, 12_000/size) {
						batch := ledger.Batch{Now: now.UnixMilli(), Events: decoded(n, size, now)}
						n += size
						require.NoError(b, s.Fold(context.Background(), lease, func(page ledger.Page) error {
							out, err := l.Absorb(page, batch)
							events += out.New
							return err
						}))
					}
				}
				require.Equal(b, n, events)
				b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64((cpu(b)-spent).Microseconds())/float64(n), "cpu-µs/event")
			})
		}
	}
}

// cpu is the time that this process has spent on processors: unlike what passes on
// the wall it does not depend on the neighbours.
func cpu(tb testing.TB) time.Duration {
	var u syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// foldRate is how many messages a second of the measured business holds.
const foldRate = 1000

// decoded returns the events of a stretch of the load.
func decoded(from, n int, now time.Time) []models.Event {
	var list []models.Event
	decode := cloudapi.Decoder()
	for i := from; i < from+n; i++ {
		list = append(list, decode(webhook("fold", customerText, i, now.Unix()-3600+int64(i/foldRate)), now.UnixMilli()).Events...)
	}
	return list
}
