package store

import (
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// sqlite tells GORM how SQLite speaks, over modernc's own driver: it keeps a
// statement prepared, which the drivers that come with a dialect for GORM do
// not. It makes no tables: migrations do.
type sqlite struct{ dsn string }

func (sqlite) Name() string { return "sqlite" }

// Initialize opens the pool.
func (d sqlite) Initialize(db *gorm.DB) error {
	pool, err := sql.Open("sqlite", d.dsn)
	if err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	db.ConnPool = pool
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses: []string{"INSERT", "VALUES", "ON CONFLICT"},
		UpdateClauses: []string{"UPDATE", "SET", "WHERE"},
		DeleteClauses: []string{"DELETE", "FROM", "WHERE"},
	})
	return nil
}

func (d sqlite) Migrator(db *gorm.DB) gorm.Migrator {
	return migrator.Migrator{Config: migrator.Config{DB: db, Dialector: d}}
}

func (sqlite) DataTypeOf(f *schema.Field) string { return string(f.DataType) }

func (sqlite) DefaultValueOf(*schema.Field) clause.Expression { return clause.Expr{SQL: "NULL"} }

func (sqlite) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _ = w.WriteByte('?') }

// QuoteTo quotes a name; a dot parts a table from its column.
func (sqlite) QuoteTo(w clause.Writer, name string) {
	_ = w.WriteByte('`')
	for _, c := range []byte(name) {
		switch c {
		case '.':
			_, _ = w.WriteString("`.`")
		case '`':
			_, _ = w.WriteString("``")
		default:
			_ = w.WriteByte(c)
		}
	}
	_ = w.WriteByte('`')
}

func (sqlite) Explain(sql string, vars ...any) string {
	return logger.ExplainSQL(sql, nil, `'`, vars...)
}

// Translate names the failures that the store tells apart.
func (sqlite) Translate(err error) error {
	var e *driver.Error
	if errors.As(err, &e) && (e.Code() == codes.SQLITE_CONSTRAINT_UNIQUE || e.Code() == codes.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return gorm.ErrDuplicatedKey
	}
	return err
}
