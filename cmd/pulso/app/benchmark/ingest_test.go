package benchmark

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// BenchmarkIngest loads the real service with signed webhooks beside a bare
// handler and a bare multi-row insert, all in one run, on both databases.
//
//	BENCH_BURST    how long a burst lasts (10s)
//	BENCH_DATABASE sqlite, mysql; else both
//	BENCH_SUSTAIN  how long the steady load lasts (30s; the target is said for 10m)
func BenchmarkIngest(b *testing.B) {
	bin := build(b)
	info, err := os.Stat(bin)
	require.NoError(b, err)
	say("\nbinary %.1f MB", float64(info.Size())/1e6)
	for _, dialect := range dialects() {
		b.Run(dialect, func(b *testing.B) {
			for range b.N {
				ingest(b, bin, dialect)
			}
		})
	}
}

func ingest(b *testing.B, bin, dialect string) {
	dsn := storetest.SQLite(b)
	if dialect == "mysql" {
		dsn = server.MySQL(b)
	}
	burst := length(b, "BENCH_BURST", 10*time.Second)
	db := open(b, dsn)
	bare := bareServer(b)
	pulso := serve(b, bin, dsn)
	idle, _ := pulso.resident(b)
	say("\n## %s: webhooks of one message\n\n| | connections | acked/s | × bare handler | p50 | p99 | backlog gone after |\n|---|--:|--:|--:|--:|--:|--:|", dialect)
	limit := map[int]float64{}
	for _, n := range []int{32, 64} {
		o := load{addr: bare.addr, run: "bare", clients: n, span: burst}.do(b)
		limit[n] = o.perSecond()
		sayLoad("bare handler, nothing stored", n, o, limit[n], "")
	}
	bare.stop(b)

	free := holdFold(b, db) // the fold waits: what an acknowledgement alone costs
	o := load{addr: pulso.addr, run: "held", clients: 64, span: burst}.do(b)
	free()
	drain := pulso.drained(b)
	sayLoad("Pulso, fold held back", 64, o, limit[64], drain.Round(100*time.Millisecond).String())
	b.ReportMetric(o.perSecond()/limit[64], "ack-alone-ratio")
	fold := float64(o.acked) / drain.Seconds()

	for _, n := range []int{32, 64} {
		o := load{addr: pulso.addr, run: fmt.Sprintf("burst%dx", n), clients: n, span: burst}.do(b)
		require.Zero(b, o.refused)
		drain := pulso.drained(b)
		require.Equal(b, o.acked, stored(b, db, fmt.Sprintf("burst%dx", n)), "acknowledged, but not in the record once")
		sayLoad("Pulso, burst", n, o, limit[n], drain.Round(100*time.Millisecond).String())
		through := float64(o.acked) / (o.took + drain).Seconds()
		say("| … acked and folded | %d | %.0f | %.2f | | | |", n, through, through/limit[n])
		if n == 64 {
			b.ReportMetric(o.perSecond()/limit[n], "burst-ratio")
			b.ReportMetric(through/limit[n], "through-ratio")
			b.ReportMetric(float64(o.quantile(0.99).Microseconds())/1000, "p99-ms")
		}
	}
	inserts(b, dialect, db, fold)
	steady(b, pulso, db)
	_, most := pulso.resident(b)
	say("\nresident: %d MB idle at the start, at most %d MB under load; ready %s after the start", idle, most, pulso.up.Round(time.Millisecond))
	b.ReportMetric(float64(most), "peak-MB")
	again := restart(b, bin, dsn, pulso)
	say("with this record: ready %s after the start, %d MB idle", again.up.Round(time.Millisecond), idleMB(b, again))
	b.ReportMetric(0, "ns/op")
}

// stored counts the messages of a run.
func stored(b *testing.B, s *store.Store, run string) (n int) {
	db, err := s.SQL()
	require.NoError(b, err)
	require.NoError(b, db.QueryRow("SELECT COUNT(*) FROM messages WHERE wamid LIKE ?", "wamid."+run+"%").Scan(&n))
	return n
}

func sayLoad(what string, n int, o *outcome, limit float64, gone string) {
	say("| %s | %d | %.0f | %.2f | %.1f ms | %.1f ms | %s |", what, n, o.perSecond(), o.perSecond()/limit, ms(o.quantile(0.5)), ms(o.quantile(0.99)), gone)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func restart(b *testing.B, bin string, dsn store.DSN, p *process) *process {
	p.stop(b)
	return serve(b, bin, dsn)
}

func idleMB(b *testing.B, p *process) int {
	time.Sleep(2 * time.Second)
	now, _ := p.resident(b)
	return now
}

// holdFold keeps the fold from working, as another process that has it would.
func holdFold(b *testing.B, s *store.Store) (free func()) {
	ctx := context.Background()
	var lease models.Lease
	require.Eventually(b, func() (ok bool) { // unless its holder renews it at this moment
		var err error
		lease, err = s.Seize(ctx, "fold", "benchmark", time.Now().UnixMilli(), (10 * time.Minute).Milliseconds())
		return err == nil
	}, 5*time.Second, 10*time.Millisecond)
	return func() { require.NoError(b, s.Release(ctx, lease)) }
}

// inserts compares with writing alone: the bodies as they were received, and the
// message rows that the fold made of them, by multi-row inserts of one connection.
func inserts(b *testing.B, dialect string, s *store.Store, fold float64) {
	b.Helper()
	db, err := s.SQL()
	require.NoError(b, err)
	plain := db
	if dialect == "sqlite" { // a file of its own: one connection of the same settings
		path := filepath.Join(b.TempDir(), "bare.db")
		q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
		plain, err = sql.Open("sqlite", "file:"+path+"?"+q.Encode())
		require.NoError(b, err)
		plain.SetMaxOpenConns(1)
		defer plain.Close()
	}
	say("\n| multi-row insert, one connection | rows a commit | rows/s |\n|---|--:|--:|")
	var rows float64
	for _, table := range []string{"deliveries", "messages"} {
		copyTable(b, dialect, db, plain, table)
		list := sample(b, db, table, 20_000)
		for _, size := range []int{64, 500} {
			_, err := plain.Exec("DELETE FROM bare_" + table)
			require.NoError(b, err)
			rate := insertAll(b, plain, "bare_"+table, list, size)
			say("| %s | %d | %.0f |", table, size, rate)
			rows = rate
		}
	}
	say("\nfold alone (the backlog drains): %.0f messages/s, %.2f × the bare insert of the same rows, 500 a commit", fold, fold/rows)
	b.ReportMetric(fold, "fold-events/s")
	b.ReportMetric(fold/rows, "stored-rows-ratio")
}

// copyTable makes bare_<table> with the columns and indexes of table.
func copyTable(b *testing.B, dialect string, from, to *sql.DB, table string) {
	b.Helper()
	if dialect == "mysql" {
		_, err := to.Exec("CREATE TABLE bare_" + table + " LIKE " + table)
		require.NoError(b, err)
		return
	}
	rows, err := from.Query("SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", table)
	require.NoError(b, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		require.NoError(b, rows.Scan(&text))
		_, err := to.Exec(strings.ReplaceAll(text, "`"+table, "`bare_"+table))
		require.NoError(b, err, text)
	}
	require.NoError(b, rows.Err())
}

// sample reads rows to be written elsewhere.
func sample(b *testing.B, db *sql.DB, table string, most int) [][]any {
	b.Helper()
	rows, err := db.Query(fmt.Sprintf("SELECT * FROM %s LIMIT %d", table, most))
	require.NoError(b, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(b, err)
	var list [][]any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(b, rows.Scan(into...))
		list = append(list, row)
	}
	require.NoError(b, rows.Err())
	require.NotEmpty(b, list)
	return list
}

// insertAll writes rows by statements of size rows, each its own transaction,
// and returns rows a second. SQLite gets them one by one within the
// transaction, which is its fastest way.
func insertAll(b *testing.B, db *sql.DB, table string, list [][]any, size int) float64 {
	b.Helper()
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(list[0])), ",") + ")"
	began := time.Now()
	for part := range slices.Chunk(list, size) {
		if strings.Contains(fmt.Sprintf("%T", db.Driver()), "sqlite") {
			insertEach(b, db, "INSERT INTO "+table+" VALUES "+one, part)
			continue
		}
		args := slices.Concat(part...)
		_, err := db.Exec("INSERT INTO "+table+" VALUES "+strings.Repeat(one+",", len(part)-1)+one, args...)
		require.NoError(b, err)
	}
	return float64(len(list)) / time.Since(began).Seconds()
}

func insertEach(b *testing.B, db *sql.DB, text string, part [][]any) {
	tx, err := db.Begin()
	require.NoError(b, err)
	insert, err := tx.Prepare(text)
	require.NoError(b, err)
	for _, row := range part {
		_, err := insert.Exec(row...)
		require.NoError(b, err)
	}
	require.NoError(b, tx.Commit())
}

// steady sends 4,000 webhooks a second, receipts and all, and looks meanwhile
// how long a message takes from being sent until a figure includes it.
func steady(b *testing.B, p *process, s *store.Store) {
	b.Helper()
	span := length(b, "BENCH_SUSTAIN", 30*time.Second)
	rate := number(b, "BENCH_RATE", 4000)
	stop := make(chan struct{})
	seen := make(chan watched, 1)
	go func() { seen <- watch(b, p, s, stop) }()
	o := load{addr: p.addr, run: "steady", clients: 64, span: span, rate: rate, mixed: true}.do(b)
	close(stop)
	w := <-seen
	drain := p.drained(b)
	say("\n| steady load of %d webhooks/s, one message : three receipts | |\n|---|--:|", rate)
	say("| acked | %.0f/s for %s, p50 %.1f ms, p99 %.1f ms, refused %d |", o.perSecond(), o.took.Round(time.Second), ms(o.quantile(0.5)), ms(o.quantile(0.99)), o.refused)
	say("| backlog | at most %d deliveries, gone %s after the end |", w.backlog, drain.Round(10*time.Millisecond))
	say("| sent → in a figure | p50 %.0f ms, p90 %.0f ms, longest %.0f ms (%d probes) |", ms(w.at(0.5)), ms(w.at(0.9)), ms(w.at(1)), len(w.delays))
	b.ReportMetric(float64(w.backlog), "steady-backlog")
	b.ReportMetric(ms(w.at(0.5)), "to-figure-p50-ms")
}

// watched is what was seen during a steady load.
type watched struct {
	backlog int
	delays  []time.Duration // ascending
}

func (w *watched) at(q float64) time.Duration {
	if len(w.delays) == 0 {
		return 0
	}
	return w.delays[min(len(w.delays)-1, int(q*float64(len(w.delays))))]
}

// watch sends a sticker every quarter of a second and asks for the figure of
// received stickers until it includes it.
func watch(b *testing.B, p *process, s *store.Store, stop <-chan struct{}) (w watched) {
	c, err := dial(p.addr)
	if err != nil {
		b.Error(err)
		return w
	}
	defer c.Close()
	for n := 1; ; n++ {
		select {
		case <-stop:
			slices.Sort(w.delays)
			return w
		case <-time.After(250 * time.Millisecond):
		}
		sent := time.Now()
		if status, err := c.post(webhook("probe", probe, n, sent.Unix())); err != nil || status != 200 {
			b.Error("probe:", status, err)
			return w
		}
		for stickers(b, s) < n && !b.Failed() && time.Since(sent) < time.Minute {
			time.Sleep(5 * time.Millisecond)
		}
		w.delays = append(w.delays, time.Since(sent))
		if r, err := p.ready(); err == nil {
			w.backlog = max(w.backlog, r.Backlog)
		}
	}
}
