package benchmark

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"pulso/models/store/storetest"
)

// server is set up as docs/operate.md says.
var server = storetest.Server{Flags: []string{"--innodb-buffer-pool-size=512M", "--innodb-log-file-size=1G", "--innodb-io-capacity=2000"}}

// bareEnv makes this test binary the bare server of the comparison.
const bareEnv = "BENCH_BARE"

func TestMain(m *testing.M) {
	if os.Getenv(bareEnv) != "" {
		serveBare()
		return
	}
	storetest.Run(m, &server)
}

// length is how long a phase takes: the environment's word, else the usual.
func length(tb testing.TB, name string, usual time.Duration) time.Duration {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return d
}

// number is a size: the environment's word, else the usual.
func number(tb testing.TB, name string, usual int) int {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return n
}

// dialects are the databases to be measured.
func dialects() []string {
	if only := os.Getenv("BENCH_DATABASE"); only != "" {
		return []string{only}
	}
	return []string{"sqlite", "mysql"}
}

// say prints a line of a table as it is measured.
func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }
