package benchmark

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/models/store"
)

// process is a server under measurement, in a process of its own.
type process struct {
	addr string
	cmd  *exec.Cmd
	up   time.Duration // from its start until it was ready
}

// freeAddr returns an address on loopback that nobody listens on.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	defer l.Close()
	return l.Addr().String()
}

// launch starts a server and waits until it is ready; it ends with the benchmark.
func launch(tb testing.TB, addr string, cmd *exec.Cmd) *process {
	tb.Helper()
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	began := time.Now()
	require.NoError(tb, cmd.Start())
	p := &process{addr: addr, cmd: cmd}
	tb.Cleanup(func() { p.stop(tb) })
	for time.Since(began) < 30*time.Second {
		if _, err := p.ready(); err == nil {
			p.up = time.Since(began)
			return p
		}
		time.Sleep(5 * time.Millisecond)
	}
	require.Fail(tb, "the server did not become ready")
	return nil
}

func (p *process) stop(tb testing.TB) {
	if p.cmd.ProcessState != nil {
		return
	}
	require.NoError(tb, p.cmd.Process.Signal(syscall.SIGTERM))
	_ = p.cmd.Wait() // the bare server ends by the signal itself
}

// readiness is what a server says of itself.
type readiness struct {
	Backlog int `json:"backlog"`
	Oldest  int `json:"oldest_backlog_seconds"`
}

func (p *process) ready() (r readiness, err error) {
	answer, err := http.Get("http://" + p.addr + "/readyz")
	if err != nil {
		return r, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return r, fmt.Errorf("readyz: %s", answer.Status)
	}
	return r, json.NewDecoder(answer.Body).Decode(&r)
}

// drained waits until nothing received is missing in the figures.
func (p *process) drained(tb testing.TB) time.Duration {
	tb.Helper()
	began := time.Now()
	for {
		r, err := p.ready()
		require.NoError(tb, err)
		if r.Backlog == 0 {
			return time.Since(began)
		}
		require.Less(tb, time.Since(began), 10*time.Minute, "the backlog does not shrink")
		time.Sleep(100 * time.Millisecond)
	}
}

// resident returns how much memory the process holds, and the most it held, in MB.
func (p *process) resident(tb testing.TB) (now, most int) {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(tb, err)
	for _, line := range strings.Split(string(text), "\n") {
		w := strings.Fields(line)
		if len(w) < 2 {
			continue
		}
		kb, _ := strconv.Atoi(w[1])
		switch w[0] {
		case "VmRSS:":
			now = kb / 1024
		case "VmHWM:":
			most = kb / 1024
		}
	}
	return now, most
}

// bareServer starts the handler that stores nothing.
func bareServer(tb testing.TB) *process {
	addr := freeAddr(tb)
	self, err := os.Executable()
	require.NoError(tb, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), bareEnv+"="+addr)
	return launch(tb, addr, cmd)
}

// build compiles the program as it is shipped and returns its path.
func build(tb testing.TB) string {
	tb.Helper()
	bin := filepath.Join(tb.TempDir(), "pulso")
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "pulso/cmd/pulso").CombinedOutput()
	require.NoError(tb, err, string(out))
	return bin
}

// settings of the business that is measured; the other keys keep their defaults.
const settings = `business: {name: Bench, timezone: America/Bogota, store_text: false}
server: {listen: %q}
database: {dsn: %q}
whatsapp: [{phone_number_id: %q, waba_id: "200000000000001", name: Centro, app_secrets: [%q], verify_token: word}]
`

// serve starts the service on a database.
func serve(tb testing.TB, bin string, dsn store.DSN) *process {
	tb.Helper()
	addr := freeAddr(tb)
	file := filepath.Join(tb.TempDir(), "config.yaml")
	require.NoError(tb, os.WriteFile(file, fmt.Appendf(nil, settings, addr, dsn.Full(), numberID, appSecret), 0o600))
	cmd := exec.Command(bin, "serve", "--config", file, "--log-level", "error")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "PULSO_") }) // nobody else's settings
	return launch(tb, addr, cmd)
}

// open opens a migrated database beside the service.
func open(tb testing.TB, dsn store.DSN) *store.Store {
	tb.Helper()
	s, err := store.Open(dsn)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	_, err = s.Migrate(context.Background(), time.Now)
	require.NoError(tb, err)
	return s
}
