// Package store keeps the record in MySQL, MariaDB or an embedded SQLite file.
// It is the only package that knows a database, and it decides nothing about
// figures: it stores what it is given and reads it back.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"pulso/models"
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	write   *gorm.DB // SQLite: one connection, every transaction immediate
	read    *gorm.DB
	dialect string
	dsn     DSN
	ids     models.Sequence
	idle    context.Context // ends with Close
	retire  context.CancelFunc
}

// DSN is a parsed database address.
type DSN struct {
	Dialect string // "sqlite" or "mysql"
	Path    string // sqlite: the file
	config  *driver.Config
}

// ParseDSN reads "sqlite:PATH" or "mysql:user:password@tcp(host:3306)/name".
func ParseDSN(s string) (DSN, error) {
	dialect, rest, ok := strings.Cut(s, ":")
	switch {
	case ok && dialect == "sqlite" && rest != "":
		return DSN{Dialect: dialect, Path: rest}, nil
	case ok && dialect == "mysql":
		c, err := driver.ParseDSN(rest)
		if err != nil || c.DBName == "" {
			return DSN{}, fmt.Errorf("database.dsn: want mysql:user:password@tcp(host:3306)/name")
		}
		return DSN{Dialect: dialect, config: c}, nil
	}
	return DSN{}, fmt.Errorf("database.dsn: want sqlite:PATH or mysql:user:password@tcp(host:3306)/name")
}

// String returns the address without its password.
func (d DSN) String() string {
	if d.Dialect == "sqlite" {
		return "sqlite:" + d.Path
	}
	return fmt.Sprintf("mysql:%s@%s(%s)/%s", d.config.User, d.config.Net, d.config.Addr, d.config.DBName)
}

// Full returns the address as ParseDSN reads it, with its password: it is a secret.
func (d DSN) Full() string {
	if d.Dialect == "sqlite" {
		return d.String()
	}
	return "mysql:" + d.config.FormatDSN()
}

// Open connects to the database. It does not migrate it.
func Open(dsn DSN) (*Store, error) {
	if dsn.Dialect == "sqlite" {
		return openSQLite(dsn, false)
	}
	return openMySQL(dsn)
}

// OpenReadOnly connects for reading only: nothing can be written through it.
func OpenReadOnly(dsn DSN) (*Store, error) {
	if dsn.Dialect == "sqlite" {
		if _, err := os.Stat(dsn.Path); err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		return openSQLite(dsn, true)
	}
	return openMySQL(dsn)
}

// config is made anew for every connection: sharing one between dialects makes
// SQLite speak MySQL.
func config() *gorm.Config {
	return &gorm.Config{
		Logger:                   logger.Discard,
		TranslateError:           true,
		SkipDefaultTransaction:   true,
		DisableNestedTransaction: true,
		DisableAutomaticPing:     true, // a service starts before its database does
	}
}

func openSQLite(dsn DSN, readOnly bool) (*Store, error) {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-2000)", "temp_store(MEMORY)", "wal_autocheckpoint(50000)"}}
	readers := pragmas.Encode()
	if readOnly {
		readers = url.Values{"_pragma": {"busy_timeout(10000)", "query_only(1)", "cache_size(-32000)"}}.Encode()
	}
	name := "file:" + (&url.URL{Path: dsn.Path}).EscapedPath()
	read, err := gorm.Open(sqlite{name + "?" + readers}, config())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dsn, err)
	}
	s := &Store{read: read, write: read, dialect: "sqlite", dsn: dsn}
	if err := limit(read, 4); err != nil || readOnly {
		return s, err
	}
	// Writers wait for one connection here instead of failing with SQLITE_BUSY there.
	pragmas.Set("_txlock", "immediate")
	pragmas.Add("_pragma", "cache_size(-8000)")
	if s.write, err = gorm.Open(sqlite{name + "?" + pragmas.Encode()}, config()); err != nil {
		return nil, fmt.Errorf("open %s: %w", dsn, err)
	}
	s.idle, s.retire = context.WithCancel(context.Background())
	go s.checkpoint()
	return s, limit(s.write, 1)
}

const (
	checkpointEvery = 250 * time.Millisecond
	checkpointLeast = 4 << 20 // bytes of the log
)

// checkpoint moves what was committed from the log to the file from time to time,
// on a connection that readers use: where commits do it themselves, each does
// once readers have kept the log from starting anew, and is flushed three times.
func (s *Store) checkpoint() {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.idle.Done():
			return
		case <-tick.C:
		}
		if log, err := os.Stat(s.dsn.Path + "-wal"); err == nil && log.Size() > checkpointLeast {
			s.read.Exec("PRAGMA wal_checkpoint(PASSIVE)") // what fails is done next time, at the latest by a commit
		}
	}
}

func openMySQL(dsn DSN) (*Store, error) {
	c := dsn.config.Clone()
	c.ParseTime, c.InterpolateParams, c.ClientFoundRows = true, true, true
	c.Loc = time.UTC
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Second
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = 10 * time.Minute
	}
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	c.Params["time_zone"] = "'+00:00'"
	c.Params["sql_mode"] = "'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"
	// Long lists of contacts are looked up by the index. From the statistics of a table
	// that grows quickly the server would think it quicker to read all of it.
	c.Params["eq_range_index_dive_limit"] = "0"
	if err := c.Apply(driver.Charset("utf8mb4", "")); err != nil {
		return nil, fmt.Errorf("open %s: %w", dsn, err)
	}
	db, err := gorm.Open(mysql.New(mysql.Config{DSNConfig: c, SkipInitializeWithVersion: true}), config())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dsn, err)
	}
	return &Store{read: db, write: db, dialect: "mysql", dsn: dsn}, limit(db, 16)
}

func limit(db *gorm.DB, n int) error {
	sqlDB, err := db.DB()
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	sqlDB.SetMaxOpenConns(n)
	sqlDB.SetMaxIdleConns(n)
	sqlDB.SetConnMaxLifetime(30 * time.Minute)
	return nil
}

// Close releases the connections.
func (s *Store) Close() error {
	var first error
	if s.retire != nil {
		s.retire()
	}
	for _, db := range []*gorm.DB{s.write, s.read} {
		if sqlDB, err := db.DB(); err == nil {
			if err := sqlDB.Close(); err != nil && first == nil {
				first = err
			}
		}
	}
	return first
}

// Dialect returns "sqlite" or "mysql".
func (s *Store) Dialect() string { return s.dialect }

// Ping reports whether the database answers and takes writes within the context.
func (s *Store) Ping(ctx context.Context) error {
	db, err := s.write.DB()
	if err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// SQL returns the connection pool for writing, for migrations and benchmarks.
func (s *Store) SQL() (*sql.DB, error) { return s.write.DB() }

// String returns the address of the database, without its password.
func (s *Store) String() string { return s.dsn.String() }

// NewID returns a new id, in letters and digits; ids made later sort later.
func (s *Store) NewID(now int64) string { return strconv.FormatInt(s.ids.Next(now), 36) }
