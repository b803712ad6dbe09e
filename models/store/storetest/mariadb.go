// Package storetest gives tests real databases: a private MariaDB (or the
// server of PULSO_TEST_MYSQL) and SQLite files, and the one suite that both
// dialects must pass. It is for tests only.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"pulso/models/store"
)

// Env names the server to use instead of a private one, as in
// "root:password@tcp(127.0.0.1:3306)/"; its user must be able to create databases.
const Env = "PULSO_TEST_MYSQL"

// Server is a MariaDB or MySQL server for the tests of one package.
type Server struct {
	Flags []string // more, for the server that is started

	mu   sync.Mutex
	dsn  *driver.Config
	dir  string
	proc *exec.Cmd
	err  error
	done bool
}

// Run is a TestMain: it ends the server that the package's tests started.
func Run(m *testing.M, s *Server) {
	code := m.Run()
	s.Stop()
	os.Exit(code)
}

// Databases returns a fresh database of each dialect, by name.
func (s *Server) Databases(t testing.TB) map[string]store.DSN {
	return map[string]store.DSN{"sqlite": SQLite(t), "mysql": s.MySQL(t)}
}

// SQLite returns the address of a new file.
func SQLite(t testing.TB) store.DSN {
	return store.DSN{Dialect: "sqlite", Path: filepath.Join(t.TempDir(), "pulso.db")}
}

// MySQL returns the address of a new database on the server, which is started
// when needed. Without a server the test fails and says what to install.
func (s *Server) MySQL(t testing.TB) store.DSN {
	t.Helper()
	root, err := s.start()
	if err != nil {
		t.Fatalf("no MySQL or MariaDB for the tests: %v\ninstall one (Debian: apt-get install mariadb-server; `make test` does it) or set %s to a server's address", err, Env)
	}
	name := "pulso_" + random()
	db, err := sql.Open("mysql", root.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.Exec("DROP DATABASE IF EXISTS " + name)
		db.Close()
	})
	if _, err := db.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	c := root.Clone()
	c.DBName = name
	dsn, err := store.ParseDSN("mysql:" + c.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

func random() string {
	var b [6]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	return hex.EncodeToString(b[:])
}

func (s *Server) start() (*driver.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		s.done = true
		s.dsn, s.err = s.launch()
	}
	return s.dsn, s.err
}

func (s *Server) launch() (*driver.Config, error) {
	if given := os.Getenv(Env); given != "" {
		return driver.ParseDSN(strings.TrimPrefix(given, "mysql:"))
	}
	install, errI := find("mariadb-install-db", "mysql_install_db")
	daemon, errD := find("mariadbd", "mysqld")
	if err := errors.Join(errI, errD); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pulso-db-") // a short path: sockets may have 108 characters
	if err != nil {
		return nil, err
	}
	s.dir = dir
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o700); err != nil {
		return nil, err
	}
	if out, err := exec.Command(install, "--no-defaults", "--datadir="+dir+"/data", "--auth-root-authentication-method=normal",
		"--skip-test-db", "--user="+user(), "--tmpdir="+dir+"/tmp").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", install, err, bytes.TrimSpace(out))
	}
	return s.serve(daemon, dir)
}

func (s *Server) serve(daemon, dir string) (*driver.Config, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.proc = exec.Command(daemon, append([]string{"--no-defaults", "--user=" + user(), "--datadir=" + dir + "/data", "--tmpdir=" + dir + "/tmp",
		"--socket=" + dir + "/s.sock", "--pid-file=" + dir + "/pid", "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", port),
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--skip-name-resolve",
		"--innodb-buffer-pool-size=256M", "--innodb-log-file-size=64M"}, s.Flags...)...)
	s.proc.Stdout, s.proc.Stderr = log, log
	if err := s.proc.Start(); err != nil {
		return nil, err
	}
	root := driver.NewConfig()
	root.User, root.Net, root.Addr = "root", "tcp", fmt.Sprintf("127.0.0.1:%d", port)
	return root, await(root, filepath.Join(dir, "log"))
}

func user() string {
	if os.Getuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}

func await(c *driver.Config, log string) error {
	db, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		return err
	}
	defer db.Close()
	for range 300 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err = db.PingContext(ctx)
		cancel()
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	said, _ := os.ReadFile(log)
	return fmt.Errorf("the server did not start: %w\n%s", err, said)
}

func find(names ...string) (string, error) {
	for _, n := range names {
		for _, dir := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} {
			if p, err := exec.LookPath(dir + n); err == nil {
				return p, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not installed", names[0])
}

// Stop ends the private server, if one was started.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil && s.proc.Process != nil {
		_ = s.proc.Process.Kill()
		_, _ = s.proc.Process.Wait()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
