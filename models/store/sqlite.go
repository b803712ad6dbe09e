package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	modernc "modernc.org/sqlite"
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
	db.ConnPool = pinning{pool}
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses: []string{"INSERT", "VALUES", "ON CONFLICT"},
		UpdateClauses: []string{"UPDATE", "SET", "WHERE"},
		DeleteClauses: []string{"DELETE", "FROM", "WHERE"},
	})
	return nil
}

// pinning is a pool whose transactions know their connection.
type pinning struct{ *sql.DB }

// BeginTx begins a transaction.
func (p pinning) BeginTx(ctx context.Context, opt *sql.TxOptions) (gorm.ConnPool, error) {
	conn, err := p.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, opt)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &pinned{tx, conn, ctx}, nil
}

// GetDBConn returns the pool.
func (p pinning) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// pinned is a transaction and its connection.
type pinned struct {
	*sql.Tx
	conn *sql.Conn
	ctx  context.Context // when it ends, the transaction is undone
}

// Commit ends the transaction.
func (p *pinned) Commit() error {
	defer p.conn.Close()
	return p.Tx.Commit()
}

// Rollback undoes the transaction.
func (p *pinned) Rollback() error {
	defer p.conn.Close()
	return p.Tx.Rollback()
}

// each runs a statement with the values that fill puts in its places, n times. It
// speaks to the driver itself: what database/sql allocates for a row costs as much
// as the row.
func (p *pinned) each(text string, places, n int, fill func(i int, into []any)) error {
	ctx := context.Background() // a watch over each row costs more than the row
	return p.conn.Raw(func(c any) (err error) {
		if err := p.ctx.Err(); err != nil { // what is written after the transaction would stay
			return err
		}
		defer func() { // the connection would wait for its transaction for ever
			if r := recover(); r != nil {
				err = fmt.Errorf("write rows: %v", r)
			}
		}()
		stmt, err := c.(driver.ConnPrepareContext).PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		defer stmt.Close()
		run := stmt.(driver.StmtExecContext)
		values, args := make([]any, places), make([]driver.NamedValue, places)
		for i := range n {
			fill(i, values)
			for j, v := range values {
				args[j].Ordinal = j + 1
				if args[j].Value, err = driver.DefaultParameterConverter.ConvertValue(v); err != nil {
					return err
				}
			}
			if _, err := run.ExecContext(ctx, args); err != nil {
				return err
			}
		}
		return nil
	})
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
	var e *modernc.Error
	if errors.As(err, &e) && (e.Code() == codes.SQLITE_CONSTRAINT_UNIQUE || e.Code() == codes.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return gorm.ErrDuplicatedKey
	}
	return err
}
