package benchmark

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/models/store/storetest"
)

// BenchmarkReplay times `pulso import` of raw bodies of one message each, from
// files to figures, and then `pulso rebuild` of the same record.
//
//	BENCH_BODIES   how many bodies (100000)
//	BENCH_DATABASE sqlite, mysql; else both
func BenchmarkReplay(b *testing.B) {
	n := number(b, "BENCH_BODIES", 100_000)
	for _, dialect := range dialects() {
		b.Run(dialect, func(b *testing.B) {
			for range b.N {
				replay(b, dialect, n)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func replay(b *testing.B, dialect string, n int) {
	dsn := storetest.SQLite(b)
	if dialect == "mysql" {
		dsn = server.MySQL(b)
	}
	now := time.Now()
	a := appOn(b, dsn, now)
	file := bodies(b, n, now.Add(-time.Hour))
	began, spent := time.Now(), cpu(b)
	r, err := a.Import(context.Background(), "", []string{file}, func(int64, int64) {})
	require.NoError(b, err)
	require.Equal(b, n, r.New)
	say("%s: imported %d events, %.0f events/s, %.0f µs of processor each", dialect, n, float64(n)/time.Since(began).Seconds(), float64((cpu(b)-spent).Microseconds())/float64(n))
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), "import-events/s")
	began = time.Now()
	require.NoError(b, a.Rebuild(context.Background(), func(string, ...any) {}))
	say("%s: rebuilt them, %.0f events/s", dialect, float64(n)/time.Since(began).Seconds())
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), "rebuild-events/s")
}

// bodies writes canonical events as JSON lines, a turn of traffic after the other: a
// customer's message, an agent's answer and its two receipts.
func bodies(b *testing.B, n int, from time.Time) string {
	path := filepath.Join(b.TempDir(), "events.jsonl")
	f, err := os.Create(path)
	require.NoError(b, err)
	defer f.Close()
	w := bufio.NewWriter(f)
	for i := range n {
		turn := i / 4
		at := from.Add(time.Duration(i) * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
		head := fmt.Sprintf(`{"id":"e%d","at":%q,"channel":"whatsapp:1060","contact":{"phone":"+5730%08d"}`, i, at, turn%(n/40+1))
		switch i % 4 {
		case 0:
			fmt.Fprintf(w, `%s,"type":"message.received","message":{"id":"in%d","kind":"text","text":"hola, sigue disponible?"}}`+"\n", head, turn)
		case 1:
			agent := turn % 20
			fmt.Fprintf(w, `%s,"type":"message.sent","agent":{"id":"a-%d","name":"Agente %d"},"message":{"id":"out%d","kind":"text","text":"buenos dias","sender":"agent"}}`+"\n", head, agent, agent, turn)
		default:
			fmt.Fprintf(w, `%s,"type":%q,"message":{"id":"out%d"}}`+"\n", head, []string{"message.delivered", "message.read"}[i%4-2], turn)
		}
	}
	require.NoError(b, w.Flush())
	return path
}
