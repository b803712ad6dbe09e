package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"pulso/models"
)

// parameters is how many values one statement may carry: a long list costs
// SQLite more to parse than it spares, MySQL wants few large statements.
func (s *Store) parameters() int {
	if s.dialect == "sqlite" {
		return 300
	}
	return 30_000
}

// chunks calls do with pieces of list that a statement with width values for
// each element can carry.
func chunks[T any](s *Store, list []T, width int, do func([]T) error) error {
	size := max(1, s.parameters()/width)
	for len(list) > 0 {
		n := min(size, len(list))
		if err := do(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// put writes rows whole, in the caller's transaction: those whose primary key
// exists are replaced.
func put[T any](s *Store, tx *gorm.DB, rows []T) error {
	return write(s, tx, rows, true)
}

// add writes new rows, in the caller's transaction.
func add[T any](s *Store, tx *gorm.DB, rows []T) error { return write(s, tx, rows, false) }

func write[T any](s *Store, tx *gorm.DB, rows []T, replace bool) error {
	if len(rows) == 0 {
		return nil
	}
	st := &gorm.Statement{DB: tx}
	if err := st.Parse(new(T)); err != nil {
		return fmt.Errorf("shape of a row: %w", err)
	}
	if s.dialect == "sqlite" && len(rows) > 1 {
		return tx.AddError(oneByOne(tx, st.Schema, insertion(st.Schema, replace), st.Schema.DBNames, rows))
	}
	return chunks(s, rows, len(st.Schema.DBNames), func(part []T) error {
		for len(part) > 0 {
			n := fitting(part)
			now := part[:n]
			if part = part[n:]; replace {
				tx := tx.Clauses(clause.OnConflict{UpdateAll: true})
				if err := tx.Create(&now).Error; err != nil {
					return err
				}
			} else if err := tx.Create(&now).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// statementBytes bounds what one statement carries: a server refuses more than
// its max_allowed_packet, 16 MiB where nobody set it, and bytes are written
// escaped, which can double them.
const statementBytes = 6 << 20

// fitting returns how many of the first rows one statement can carry; at least one.
func fitting[T any](rows []T) int {
	bytes := 0
	for i := range rows {
		if bytes += weight(&rows[i]); bytes > statementBytes && i > 0 {
			return i
		}
	}
	return len(rows)
}

// weight is how many bytes the long values of a row have.
func weight(row any) int {
	switch r := row.(type) {
	case *models.Delivery:
		return len(r.Body)
	case *cellRow:
		return len(r.Body)
	case *textRow:
		return len(r.Body)
	case *faultRow:
		return len(r.Body)
	case *models.Contact:
		return len(r.State)
	case *conversationRow:
		return len(r.Summary) + 64*(len(r.Assignments)+len(r.Handlers)+len(r.Missed))
	case *factRow:
		return len(r.Text) + len(r.Summary) + len(r.Details)
	}
	return 0
}

// patch writes rows that exist, but for columns that are known to stand as they
// are: SQLite would enter a row anew in every index over a column that is set.
func patch[T any](s *Store, tx *gorm.DB, rows []T, but ...string) error {
	if len(rows) == 0 || s.dialect != "sqlite" {
		return put(s, tx, rows)
	}
	st := &gorm.Statement{DB: tx}
	if err := st.Parse(new(T)); err != nil {
		return fmt.Errorf("shape of a row: %w", err)
	}
	var columns, set []string
	for _, name := range st.Schema.DBNames {
		if !st.Schema.FieldsByDBName[name].PrimaryKey && !slices.Contains(but, name) {
			columns, set = append(columns, name), append(set, "`"+name+"` = ?")
		}
	}
	key := st.Schema.PrimaryFieldDBNames
	sql := fmt.Sprintf("UPDATE `%s` SET %s WHERE `%s` = ?", st.Schema.Table, strings.Join(set, ", "), strings.Join(key, "` = ? AND `"))
	return tx.AddError(oneByOne(tx, st.Schema, sql, append(columns, key...), rows))
}

// oneByOne writes rows by one statement that stays prepared, with the values of
// columns: an embedded database has no round trips to spare, and parsing is most
// of a statement.
func oneByOne[T any](tx *gorm.DB, shape *schema.Schema, sql string, columns []string, rows []T) error {
	p, ok := tx.Statement.ConnPool.(*pinned)
	if !ok {
		return gorm.ErrInvalidTransaction
	}
	ctx := context.Background()
	fields := make([]*schema.Field, len(columns))
	for i, name := range columns {
		fields[i] = shape.FieldsByDBName[name]
	}
	return p.each(sql, len(fields), len(rows), func(i int, into []any) {
		row := reflect.ValueOf(&rows[i]).Elem()
		for j, f := range fields {
			into[j], _ = f.ValueOf(ctx, row)
		}
	})
}

// insertion is the statement that writes one row of a shape.
func insertion(shape *schema.Schema, replace bool) string {
	var set []string
	for _, name := range shape.DBNames {
		if !shape.FieldsByDBName[name].PrimaryKey {
			set = append(set, fmt.Sprintf("`%s` = excluded.`%[1]s`", name))
		}
	}
	sql := fmt.Sprintf("INSERT INTO `%s` (`%s`) VALUES (?%s)", shape.Table,
		strings.Join(shape.DBNames, "`, `"), strings.Repeat(", ?", len(shape.DBNames)-1))
	switch {
	case replace && len(set) == 0:
		return sql + " ON CONFLICT DO NOTHING"
	case replace:
		return sql + " ON CONFLICT (`" + strings.Join(shape.PrimaryFieldDBNames, "`, `") + "`) DO UPDATE SET " + strings.Join(set, ", ")
	}
	return sql
}
