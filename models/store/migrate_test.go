package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models/store"
	"pulso/models/store/storetest"
)

func opened(t *testing.T, dsn store.DSN) (*store.Store, *sql.DB) {
	s, err := store.Open(dsn)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	db, err := s.SQL()
	require.NoError(t, err)
	return s, db
}

// scan reads all rows of a query as text; NULL is "".
func scan(t *testing.T, db *sql.DB, query string, args ...any) [][]string {
	rows, err := db.Query(query, args...)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var all [][]string
	for rows.Next() {
		row, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(t, rows.Scan(into...))
		list := make([]string, len(row))
		for i := range row {
			list[i] = row[i].String
		}
		all = append(all, list)
	}
	require.NoError(t, rows.Err())
	return all
}

// class names what a column holds in terms that both dialects share.
func class(kind string) string {
	switch kind = strings.ToLower(kind); {
	case strings.Contains(kind, "int"):
		return "number"
	case kind == "real" || kind == "double":
		return "real"
	case strings.Contains(kind, "blob") || kind == "text" || strings.HasPrefix(kind, "var") || kind == "binary":
		return "text"
	}
	return kind
}

// required words whether a column must hold something.
func required(always bool) string {
	if always {
		return "required"
	}
	return "optional"
}

// schema maps "table.column" and "table/index" to what they are.
func sqliteSchema(t *testing.T, db *sql.DB) map[string]string {
	found := map[string]string{}
	for _, c := range scan(t, db, `SELECT m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`) {
		found[c[0]+"."+c[1]] = class(c[2]) + ", " + required(c[3] == "1" || c[4] != "0")
		if c[4] != "0" {
			found[c[0]+"/key "+c[4]] = c[1]
		}
	}
	for _, i := range scan(t, db, `SELECT m.name, l.name, l."unique", i.name FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
		WHERE m.type = 'table' AND l.origin = 'c' ORDER BY m.name, l.name, i.seqno`) {
		found[i[0]+"/"+i[1]] += i[2] + " " + i[3] + ", "
	}
	return found
}

func mysqlSchema(t *testing.T, db *sql.DB) map[string]string {
	found := map[string]string{}
	for _, c := range scan(t, db, "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = DATABASE()") {
		found[c[0]+"."+c[1]] = class(c[2]) + ", " + required(c[3] == "NO")
	}
	for _, i := range scan(t, db, `SELECT table_name, index_name, 1 - non_unique, column_name, seq_in_index FROM information_schema.statistics
		WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index`) {
		if i[1] == "PRIMARY" {
			found[i[0]+"/key "+i[4]] = i[3]
		} else {
			found[i[0]+"/"+i[1]] += i[2] + " " + i[3] + ", "
		}
	}
	return found
}

// ours leaves out the tables of the migration tool.
func ours(schema map[string]string) map[string]string {
	for key := range schema {
		if strings.HasPrefix(key, "goose_") || strings.HasPrefix(key, "sqlite_") {
			delete(schema, key)
		}
	}
	return schema
}

func TestSchemasAgree(t *testing.T) {
	lite, liteDB := opened(t, storetest.SQLite(t))
	my, myDB := opened(t, server.MySQL(t))
	for _, s := range []*store.Store{lite, my} {
		_, err := s.Migrate(t.Context(), time.Now)
		require.NoError(t, err)
	}
	a, b := ours(sqliteSchema(t, liteDB)), ours(mysqlSchema(t, myDB))
	assert.Greater(t, len(a), 200, "the schema was read")
	assert.Contains(t, a, "outgoing/outgoing_by_hash")
	assert.Equal(t, a, b)
	for _, c := range scan(t, myDB, "SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND collation_name <> ''") {
		if !strings.HasPrefix(c[0], "goose_") && c[0] != "migration_lock" {
			assert.Equal(t, "utf8mb4_bin", c[2], "%s.%s", c[0], c[1])
		}
	}
}

// steps is how many migrations a dialect has.
func steps(t *testing.T, dialect string) int {
	files, err := os.ReadDir("migrations/" + dialect)
	require.NoError(t, err)
	return len(files)
}

func TestReplicasMigrateTogether(t *testing.T) {
	for name, dsn := range server.Databases(t) {
		t.Run(name, func(t *testing.T) {
			var running sync.WaitGroup
			taken, failed := make([]int, 8), make([]error, 8)
			for i := range taken {
				s, _ := opened(t, dsn)
				running.Go(func() { taken[i], failed[i] = s.Migrate(t.Context(), time.Now) })
			}
			running.Wait()
			sum := 0
			for i, n := range taken {
				require.NoError(t, failed[i])
				assert.True(t, n == 0 || n == steps(t, name), "one does it all, not %d", n)
				sum += n
			}
			assert.Equal(t, steps(t, name), sum)
			s, db := opened(t, dsn)
			n, err := s.Migrate(t.Context(), time.Now)
			require.NoError(t, err)
			assert.Zero(t, n)
			assert.Empty(t, scan(t, db, "SELECT version_id FROM goose_db_version GROUP BY version_id HAVING COUNT(*) > 1"))
			assert.Empty(t, scan(t, db, "SELECT name FROM migration_lock"), "the lock is given back")
		})
	}
}

func TestMigrationGoesOnAfterAReplicaDied(t *testing.T) {
	for name, dsn := range server.Databases(t) {
		t.Run(name, func(t *testing.T) {
			s, db := opened(t, dsn)
			_, err := db.Exec("CREATE TABLE migration_lock (name VARCHAR(32) NOT NULL PRIMARY KEY, owner VARCHAR(64) NOT NULL, until BIGINT NOT NULL)")
			require.NoError(t, err)
			died := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
			_, err = db.Exec("INSERT INTO migration_lock VALUES ('schema', 'dead', ?)", died.Add(time.Minute).UnixMilli())
			require.NoError(t, err)
			soon := died.Add(time.Minute - 100*time.Millisecond)
			began := time.Now()
			n, err := s.Migrate(t.Context(), func() time.Time { return soon.Add(time.Since(began)) })
			require.NoError(t, err)
			assert.Equal(t, steps(t, name), n)
			assert.GreaterOrEqual(t, time.Since(began), 100*time.Millisecond, "its time is waited for")
		})
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	for name, dsn := range server.Databases(t) {
		t.Run(name, func(t *testing.T) {
			s, db := opened(t, dsn)
			_, err := s.Migrate(t.Context(), time.Now)
			require.NoError(t, err)
			newest := steps(t, name)
			_, err = db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)", newest+3, true)
			require.NoError(t, err)
			again, _ := opened(t, dsn)
			n, err := again.Migrate(t.Context(), time.Now)
			assert.Zero(t, n)
			require.ErrorIs(t, err, store.ErrNewer)
			assert.ErrorContains(t, err, fmt.Sprintf("version %d", newest+3))
			assert.ErrorContains(t, err, fmt.Sprintf("version %d", newest))
		})
	}
}
