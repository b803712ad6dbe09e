package benchmark

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
)

// duck is DuckDB in a process of its own, holding a history: its messages, and
// beside them its conversations and replies, cut already.
type duck struct {
	in  *json.Encoder
	out *json.Decoder
}

// newDuck builds the module in duck and loads a history into it. It is nil where
// the module cannot be built, which is said: it needs a C compiler, and DuckDB's
// library from the module proxy.
func newDuck(tb testing.TB, c *columns, h *history) *duck {
	dir := tb.TempDir()
	program := filepath.Join(dir, "duck.bin")
	if out, err := exec.Command("go", "build", "-C", "duck", "-o", program, ".").CombinedOutput(); err != nil {
		say("DuckDB is not in the comparison: %v: %.300s\n", err, out)
		return nil
	}
	cmd := exec.Command(program, c.tables(tb, dir, h)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(tb, err)
	out, err := cmd.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	tb.Cleanup(func() {
		_ = in.Close()
		assert.NoError(tb, cmd.Wait())
	})
	return &duck{json.NewEncoder(in), json.NewDecoder(out)}
}

// tables writes a history as CSV files and returns them as NAME=FILE.
func (c *columns) tables(tb testing.TB, dir string, h *history) []string {
	bit := func(f, of uint8) int { return min(int(f&of), 1) }
	return []string{
		table(tb, dir, "messages", "moment,contact,agent,sent,delivered,red,failed", len(c.at), func(w io.Writer, i int) {
			f, agent := c.flags[i], "nobody"
			if c.by[i] >= 0 {
				agent = "#" + agentID(int(c.by[i]))
			}
			fmt.Fprintf(w, "%d,%d,%s,%d,%d,%d,%d\n", c.at[i], c.who[i], agent, bit(f, flagOut), bit(f, flagDelivered), bit(f, flagRead), bit(f, flagFailed))
		}),
		table(tb, dir, "replies", "moment,wait,agent", len(c.reply), func(w io.Writer, i int) {
			fmt.Fprintf(w, "%d,%d,#%s\n", c.reply[i], c.wait[i], agentID(int(c.agent[i])))
		}),
		table(tb, dir, "conversations", "moment,contact,previous", len(c.opened), func(w io.Writer, i int) {
			fmt.Fprintf(w, "%d,%d,%d\n", c.opened[i], c.contact[i], c.previous[i])
		}),
	}
}

func table(tb testing.TB, dir, name, head string, n int, row func(w io.Writer, i int)) string {
	path := filepath.Join(dir, name+".csv")
	f, err := os.Create(path)
	require.NoError(tb, err)
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, head)
	for i := range n {
		row(w, i)
	}
	require.NoError(tb, w.Flush())
	require.NoError(tb, f.Close())
	return name + "=" + path
}

// talksSQL cuts messages into conversations, as whoever has messages only must: a
// day of silence ends one, and only people's messages begin or answer one.
const talksSQL = `WITH people AS (
 SELECT contact, moment, sent, agent, COALESCE(moment - LAG(moment) OVER (PARTITION BY contact ORDER BY moment) >= 86400000, true) AS opens
 FROM messages WHERE sent = 0 OR agent <> 'nobody'),
talks AS (SELECT *, SUM(CAST(opens AS INT)) OVER (PARTITION BY contact ORDER BY moment ROWS UNBOUNDED PRECEDING) AS talk FROM people),
asked AS (SELECT contact, talk, MIN(moment) AS asked FROM talks WHERE sent = 0 GROUP BY contact, talk),
replies AS (SELECT t.contact, t.talk, MIN(t.moment) AS moment, MIN(t.moment) - MIN(a.asked) AS wait, ARG_MIN(t.agent, t.moment) AS agent
 FROM talks t JOIN asked a ON a.contact = t.contact AND a.talk = t.talk WHERE t.sent = 1 AND t.moment > a.asked GROUP BY t.contact, t.talk),
conversations AS (SELECT contact, moment, COALESCE(LAG(moment) OVER (PARTITION BY contact ORDER BY moment), 0) AS previous FROM talks WHERE opens) `

// ducks are the five questions in DuckDB's words, in their order: of tables that
// are cut already, and of messages alone.
func ducks(tb testing.TB, h *history) (cut, raw []string) {
	z := rules(tb).Zone
	today := z.DayOf(h.end)
	since := func(n analytics.Day) int64 { return z.Start(today - n + 1) }
	march, err := analytics.ParseDay("2026-03-01")
	require.NoError(tb, err)
	within := func(from int64) string { return fmt.Sprintf("moment >= %d AND moment < %d", from, h.end) }
	cut = []string{
		"SELECT '', COUNT(*), SUM(delivered), SUM(red), SUM(failed) FROM messages WHERE sent = 1 AND " + within(since(1)),
		"SELECT agent, COUNT(*), AVG(wait) FROM replies WHERE " + within(since(30)) + " GROUP BY agent",
		"SELECT agent, COUNT(*), AVG(wait), QUANTILE_DISC(wait, 0.9) FROM replies WHERE " + within(since(30)) + " GROUP BY agent",
		"SELECT CAST((moment - 18000000) // 3600000 % 168 AS VARCHAR) AS slot, COUNT(*) FROM messages WHERE sent = 0 AND " + within(since(90)) + " GROUP BY slot",
		fmt.Sprintf("SELECT '', COUNT(*) FILTER (previous = 0), COUNT(DISTINCT contact) FILTER (previous > 0 AND previous < %d) FROM conversations WHERE %s", z.Start(march), within(z.Start(march))),
	}
	for i, text := range cut {
		if i != 0 && i != 3 {
			text = talksSQL + text
		}
		raw = append(raw, text)
	}
	return cut, raw
}

// ask returns DuckDB's answer to the i-th question, and its time in ms.
func (d *duck) ask(tb testing.TB, text string, runs int) (answer, float64) {
	require.NoError(tb, d.in.Encode(map[string]any{"sql": text, "runs": runs}))
	var r struct {
		Rows answer
		MS   float64
	}
	require.NoError(tb, d.out.Decode(&r))
	return r.Rows, r.MS
}

// weekdays gives the hours of a week since Thursday their keys.
func weekdays(a answer) answer {
	out := answer{}
	for name, row := range a {
		slot, _ := strconv.Atoi(name)
		out[hourKey(slot%24, (slot/24+3)%7+1)] = row
	}
	return out
}
