package benchmark

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// question is one of the reference's five, in every tongue it is asked in.
type question struct {
	name  string
	ask   report.Ask
	sql   string
	args  []any
	loop  func(*columns) answer
	parse func(*report.Answer) answer
}

func hourKey(hour, weekday int) string { return fmt.Sprintf("%d/%d", weekday, hour) }

// questions are the five of docs/performance.md, asked at the end of a history.
func questions(tb testing.TB, h *history) []question {
	z := rules(tb).Zone
	today := z.DayOf(h.end)
	last := func(n analytics.Day) analytics.Span { return z.Days(today-n+1, today+1) }
	march, err := analytics.ParseDay("2026-03-01")
	require.NoError(tb, err)
	month := z.Days(march, march+31)
	responses := func(q bool) func(*columns) answer {
		return func(c *columns) answer { return c.responses(h.agents, last(30).From, h.end, q) }
	}
	byAgent := report.Ask{Metrics: []string{"first_response"}, Period: last(30), By: []analytics.Dim{analytics.ByAgent}}
	return []question{
		{
			"status counts today", report.Ask{Metrics: []string{"messages_sent", "messages_delivered", "messages_read", "messages_failed"}, Period: last(1)},
			`SELECT '' AS name, COUNT(*), COALESCE(SUM(delivered_at > 0 OR read_at > 0), 0), COALESCE(SUM(read_at > 0), 0), COALESCE(SUM(failed_at > 0 AND delivered_at = 0 AND read_at = 0), 0)
			 FROM messages WHERE dir = 2 AND at >= ? AND at < ?`, []any{last(1).From, h.end},
			func(c *columns) answer { return c.statuses(last(1).From, h.end) }, counts,
		}, {
			"mean first response per agent, 30 days", byAgent,
			`SELECT first_reply_by AS name, COUNT(*), AVG(first_reply_at - first_customer_at) FROM conversations WHERE first_reply_at >= ? AND first_reply_at < ? GROUP BY first_reply_by`,
			[]any{last(30).From, h.end}, responses(false), durations(false),
		}, {
			"mean + p90 per agent, 30 days", byAgent,
			`SELECT name, MAX(n), AVG(wait), MIN(CASE WHEN k * 10 >= n * 9 THEN wait END) FROM (
			 SELECT first_reply_by AS name, first_reply_at - first_customer_at AS wait,
			 ROW_NUMBER() OVER (PARTITION BY first_reply_by ORDER BY first_reply_at - first_customer_at) AS k, COUNT(*) OVER (PARTITION BY first_reply_by) AS n
			 FROM conversations WHERE first_reply_at >= ? AND first_reply_at < ?) AS w GROUP BY name`,
			[]any{last(30).From, h.end}, responses(true), durations(true),
		}, {
			"hour × weekday, 90 days", report.Ask{Metrics: []string{"messages_received"}, Period: last(90), By: []analytics.Dim{analytics.ByWeekday, analytics.ByHour}},
			hoursSQL, []any{last(90).From, h.end},
			func(c *columns) answer { return c.hours(last(90).From, h.end) }, byHour,
		}, {
			"new vs returning, a month", report.Ask{Metrics: []string{"contacts_new", "contacts_returning"}, Period: month},
			`SELECT '' AS name, COALESCE(SUM(prev_opened_at = 0), 0), COUNT(DISTINCT CASE WHEN prev_opened_at > 0 AND prev_opened_at < ? THEN contact END) FROM conversations WHERE opened_at >= ? AND opened_at < ?`,
			[]any{month.From, month.From, h.end}, func(c *columns) answer { return c.comers(month.From, h.end) }, counts,
		},
	}
}

// hoursSQL tells local hours apart by arithmetic, which is what both dialects
// can do; DIV is MySQL's word for it.
const hoursSQL = `SELECT slot, COUNT(*) FROM (SELECT (at - 18000000) %s 3600000 %% 168 AS slot FROM messages WHERE dir = 1 AND at >= ? AND at < ?) AS m GROUP BY slot`

// counts reads the total's values.
func counts(a *report.Answer) answer {
	var list []float64
	for _, f := range a.Total.Figures {
		list = append(list, *f.Value)
	}
	return answer{"": list}
}

// durations reads n and mean of each row, and the p90 if wanted.
func durations(quantile bool) func(*report.Answer) answer {
	return func(a *report.Answer) answer {
		out := answer{}
		for _, r := range a.Rows {
			f := r.Figures[0]
			if f.N == 0 {
				continue // has been waited for only
			}
			row := []float64{float64(f.N), *f.Mean}
			if quantile {
				row = append(row, *f.P90)
			}
			out[r.Values[0]] = row
		}
		return out
	}
}

func byHour(a *report.Answer) answer {
	out := answer{}
	for _, r := range a.Rows {
		weekday, _ := strconv.Atoi(r.Values[0])
		hour, _ := strconv.Atoi(r.Values[1])
		if v := *r.Figures[0].Value; v > 0 {
			out[hourKey(hour, weekday)] = []float64{v}
		}
	}
	return out
}

// plain asks the database itself.
func (q question) plain(tb testing.TB, s *store.Store) answer {
	db, err := s.SQL()
	require.NoError(tb, err)
	text := q.sql
	if text == hoursSQL {
		text = fmt.Sprintf(hoursSQL, map[string]string{"sqlite": "/", "mysql": "DIV"}[s.Dialect()])
	}
	rows, err := db.Query(text, q.args...)
	require.NoError(tb, err)
	defer rows.Close()
	out := answer{}
	for rows.Next() {
		name, row := scan(tb, rows)
		out[name] = row
	}
	require.NoError(tb, rows.Err())
	if q.sql == hoursSQL {
		return weekdays(out)
	}
	return out
}

func scan(tb testing.TB, rows *sql.Rows) (string, []float64) {
	columns, err := rows.Columns()
	require.NoError(tb, err)
	var name string
	row := make([]float64, len(columns)-1)
	into := []any{&name}
	for i := range row {
		into = append(into, &row[i])
	}
	require.NoError(tb, rows.Scan(into...))
	return name, row
}

// product asks Pulso.
func (q question) product(tb testing.TB, d *report.Desk, now int64) answer {
	a, err := d.Answer(context.Background(), q.ask, now)
	require.NoError(tb, err)
	return q.parse(a)
}

// agree compares answers: counts and means exactly, quantiles (the third of a
// row) within 1 %.
func agree(tb testing.TB, what string, want, got answer) {
	tb.Helper()
	if !assert.Len(tb, got, len(want), what) {
		return
	}
	for name, row := range want {
		if !assert.Len(tb, got[name], len(row), "%s %s", what, name) {
			return
		}
		for i, v := range row {
			within := 1e-6 * max(v, 1) // databases round means to four digits
			if len(row) == 3 && i == 2 {
				within = 0.01 * v
			}
			if len(row) > 1 && i == 1 {
				within = max(within, 1e-3)
			}
			assert.InDelta(tb, v, got[name][i], within, "%s %s [%d]", what, name, i)
		}
	}
}

// TestQuestionsAgree holds the three tongues to the same answers.
func TestQuestionsAgree(t *testing.T) {
	h := standard(6_000)
	h.agents = 20
	c := newColumns(h)
	for name, dsn := range server.Databases(t) {
		t.Run(name, func(t *testing.T) {
			s := open(t, dsn)
			bulk(t, s, h)
			for _, q := range questions(t, h) {
				want := q.loop(c)
				require.NotEmpty(t, want)
				agree(t, q.name+" (Pulso)", want, q.product(t, desk(t, s), h.end))
				agree(t, q.name+" (SQL)", want, q.plain(t, s))
			}
		})
	}
}

// BenchmarkQuestions times the five questions on a large history, beside plain
// SQL on the same rows and a loop over arrays in memory on both cores, and
// checks that all agree; then a manager's words, from question to card.
//
//	BENCH_MESSAGES   how many messages (200000)
//	BENCH_DATABASE   sqlite, mysql; else both
//	BENCH_ALONE      if set, without SQL and DuckDB, whose answers take minutes at 20M
func BenchmarkQuestions(b *testing.B) {
	h := standard(number(b, "BENCH_MESSAGES", 200_000))
	c := newColumns(h)
	var peer *duck
	if !alone() {
		peer = newDuck(b, c, h)
	}
	for _, dialect := range dialects() {
		b.Run(dialect, func(b *testing.B) {
			for range b.N {
				ask(b, h, c, peer, dialect)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func alone() bool { return os.Getenv("BENCH_ALONE") != "" }

func ask(b *testing.B, h *history, c *columns, peer *duck, dialect string) {
	dsn := storetest.SQLite(b)
	if dialect == "mysql" {
		dsn = server.MySQL(b)
	}
	s := open(b, dsn)
	began := time.Now()
	bulk(b, s, h)
	took := time.Since(began)
	say("\n## %s: %d messages, %d conversations, %d agents, %d days (written by the fold in %s, %.0f messages/s)\n", dialect, len(c.at), len(c.opened), h.agents, h.days, took.Round(time.Second), float64(len(c.at))/took.Seconds())
	if info, err := os.Stat(dsn.Path); err == nil {
		say("the database takes %.0f bytes a message, without raw bodies and texts\n", float64(info.Size())/float64(len(c.at)))
	}
	say("| ms, median, warm | Pulso | plain SQL | loop over memory, 2 cores | DuckDB, cut already | DuckDB, of messages | Pulso ÷ SQL | Pulso ÷ DuckDB, cut | Pulso ÷ DuckDB, messages |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|")
	cut, messages := ducks(b, h)
	d := desk(b, s)
	for i, q := range questions(b, h) {
		want := q.loop(c)
		agree(b, q.name+" (Pulso)", want, q.product(b, d, h.end))
		ours := median(20, func() { q.product(b, d, h.end) })
		rawMS, rawRatio := "–", "–"
		if !alone() {
			agree(b, q.name+" (SQL)", want, q.plain(b, s))
			raw := median(3, func() { q.plain(b, s) })
			rawMS, rawRatio = fmt.Sprintf("%.1f", ms(raw)), fmt.Sprintf("%.3f", ours.Seconds()/raw.Seconds())
		}
		loop := median(5, func() { q.loop(c) })
		duckMS, duckRatio := [2]string{"–", "–"}, [2]string{"–", "–"}
		for k, text := range []string{cut[i], messages[i]} {
			if peer == nil {
				break
			}
			got, took := peer.ask(b, text, []int{20, 3}[k])
			if q.sql == hoursSQL {
				got = weekdays(got)
			}
			agree(b, q.name+" (DuckDB)", want, got)
			duckMS[k], duckRatio[k] = fmt.Sprintf("%.1f", took), fmt.Sprintf("%.2f", ms(ours)/took)
		}
		say("| %s | %.1f | %s | %.1f | %s | %s | %s | %s | %s |", q.name, ms(ours), rawMS, ms(loop), duckMS[0], duckMS[1], rawRatio, duckRatio[0], duckRatio[1])
		b.ReportMetric(ms(ours), fmt.Sprintf("q%d-ms", i+1))
	}
	manager(b, dsn, h)
}

// median returns the middle of n runs.
func median(n int, do func()) time.Duration {
	var list []time.Duration
	for range n {
		began := time.Now()
		do()
		list = append(list, time.Since(began))
	}
	slices.Sort(list)
	return list[n/2]
}

// manager asks in words and takes the answer as it would be sent.
func manager(b *testing.B, dsn store.DSN, h *history) {
	a := appOn(b, dsn, time.UnixMilli(h.end))
	d, err := a.Dialogue(context.Background(), "", func() time.Time { return time.UnixMilli(h.end) }, false, false)
	require.NoError(b, err)
	say("\n| a manager's words to what is sent | p50 ms | p99 ms |\n|---|--:|--:|")
	for _, text := range []string{"stats today", "slowest agents last 30 days", "peak hours last month", "who is waiting"} {
		var list []time.Duration
		for n := range 202 {
			began := time.Now()
			_, err := d.Ask(context.Background(), text, "")
			require.NoError(b, err)
			if n > 1 { // the first ones load names and fonts
				list = append(list, time.Since(began))
			}
		}
		slices.Sort(list)
		p99 := ms(list[len(list)*99/100])
		say("| %s | %.1f | %.1f |", text, ms(list[len(list)/2]), p99)
		b.ReportMetric(p99, "words-"+strconv.Itoa(len(text))+"-p99-ms")
	}
}
