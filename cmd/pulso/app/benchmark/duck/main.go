// Command duck asks DuckDB what the benchmark asks Pulso. It stands in a module
// of its own, so that the product does not carry DuckDB. It loads the tables that
// are given as NAME=FILE.csv, then reads a question of JSON on each line of
// standard input and writes its answer, with the median of its times.
package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
)

// question is SQL whose first column is a name and whose others are numbers.
type question struct {
	SQL  string `json:"sql"`
	Runs int    `json:"runs"`
}

type reply struct {
	Rows map[string][]float64 `json:"rows"`
	MS   float64              `json:"ms"` // median of the runs
}

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "duck:", err)
		os.Exit(1)
	}
}

func serve(tables []string) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("SET threads = 2"); err != nil {
		return err
	}
	for _, t := range tables {
		name, file, _ := strings.Cut(t, "=")
		if _, err := db.Exec(fmt.Sprintf("CREATE TABLE %s AS SELECT * FROM read_csv('%s', header = true)", name, file)); err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
	}
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return err
		}
		var r reply
		var times []time.Duration
		for range q.Runs {
			began := time.Now()
			if r.Rows, err = ask(db, q.SQL); err != nil {
				return err
			}
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		r.MS = float64(times[len(times)/2].Microseconds()) / 1000
		if err := out.Encode(r); err != nil {
			return err
		}
	}
	return lines.Err()
}

func ask(db *sql.DB, text string) (map[string][]float64, error) {
	rows, err := db.Query(text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out := map[string][]float64{}
	for rows.Next() {
		var name string
		row := make([]float64, len(columns)-1)
		into := []any{&name}
		for i := range row {
			into = append(into, &row[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out[name] = row
	}
	return out, rows.Err()
}
