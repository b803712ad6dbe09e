package store

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
)

//go:embed migrations
var migrations embed.FS

// migrateLease is how long one process may take to migrate before another one
// may try; every later migration is written so that it can be run again.
const migrateLease = 5 * time.Minute

// ErrNewer is returned for a database that a newer program has migrated: this
// one cannot know what it may write there.
var ErrNewer = errors.New("the database was made by a newer program")

// Migrate brings the schema up to date and returns how many steps it took.
// Several processes may call it at once on an empty database: one migrates, the
// others wait for it. A newer schema is refused with ErrNewer. Now is the wall clock.
func (s *Store) Migrate(ctx context.Context, now func() time.Time) (int, error) {
	provider, err := s.provider()
	if err != nil {
		return 0, err
	}
	if current, err := s.current(ctx, provider); current || err != nil {
		return 0, err
	}
	release, err := s.lockMigration(ctx, now)
	if err != nil {
		return 0, err
	}
	defer release()
	if current, err := s.current(ctx, provider); current || err != nil {
		return 0, err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// current reports whether the newest migration has been applied. It looks for
// itself, because goose would make its table, unguarded, by asking.
func (s *Store) current(ctx context.Context, p *goose.Provider) (bool, error) {
	var version int64
	err := s.write.WithContext(ctx).Raw("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version).Error
	sources := p.ListSources()
	if err != nil || len(sources) == 0 {
		return false, nil // nothing was migrated yet; whatever else is wrong shows there
	}
	newest := sources[len(sources)-1].Version
	if version > newest {
		return false, fmt.Errorf("migrate: %w: it has version %d, this program knows version %d", ErrNewer, version, newest)
	}
	return version == newest, nil
}

func (s *Store) provider() (*goose.Provider, error) {
	dialect := goose.DialectMySQL
	if s.dialect == "sqlite" {
		dialect = goose.DialectSQLite3
	}
	files, err := fs.Sub(migrations, "migrations/"+s.dialect)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	db, err := s.write.DB()
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return p, nil
}

// lockMigration claims the single row of a table of its own: an insert of a
// primary key has one winner on every database we run on.
func (s *Store) lockMigration(ctx context.Context, now func() time.Time) (func(), error) {
	create := "CREATE TABLE IF NOT EXISTS migration_lock (name VARCHAR(32) NOT NULL PRIMARY KEY, owner VARCHAR(64) NOT NULL, until BIGINT NOT NULL)"
	if err := s.write.WithContext(ctx).Exec(create).Error; err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	owner := token()
	for {
		err := s.claimMigration(ctx, owner, now())
		if err == nil {
			return func() {
				s.write.Exec("DELETE FROM migration_lock WHERE name = 'schema' AND owner = ?", owner)
			}, nil
		}
		if !errors.Is(err, gorm.ErrDuplicatedKey) && !deadlocked(err) {
			return nil, fmt.Errorf("migrate: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("migrate: another process is migrating: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (s *Store) claimMigration(ctx context.Context, owner string, now time.Time) error {
	db := s.write.WithContext(ctx)
	if err := db.Exec("DELETE FROM migration_lock WHERE name = 'schema' AND until < ?", now.UnixMilli()).Error; err != nil {
		return err
	}
	err := db.Exec("INSERT INTO migration_lock (name, owner, until) VALUES ('schema', ?, ?)", owner, now.Add(migrateLease).UnixMilli()).Error
	return s.translate(err)
}

// deadlocked reports whether MySQL broke a deadlock, or a wait for a lock, at
// our expense: the same statement may do better.
func deadlocked(err error) bool {
	var e *driver.MySQLError
	return errors.As(err, &e) && (e.Number == 1213 || e.Number == 1205)
}

// translate gives statements run by Exec the error names that Create has.
func (s *Store) translate(err error) error {
	if t, ok := s.write.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		return t.Translate(err)
	}
	return err
}

func token() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	return hex.EncodeToString(b[:])
}
