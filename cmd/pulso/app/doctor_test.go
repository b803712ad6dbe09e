package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models/store"
)

func TestDurability(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		want map[string]string
	}{
		"safe": {map[string]string{"innodb_flush_log_at_trx_commit": "1", "log_bin": "1", "sync_binlog": "1", "innodb_doublewrite": "ON", "sql_mode": "STRICT_TRANS_TABLES"},
			map[string]string{"database flush": Well, "database binlog": Well, "database doublewrite": Well, "database mode": Well}},
		"fast": {map[string]string{"innodb_flush_log_at_trx_commit": "2", "log_bin": "ON", "sync_binlog": "0", "innodb_doublewrite": "0", "sql_mode": ""},
			map[string]string{"database flush": Warn, "database binlog": Warn, "database doublewrite": Warn, "database mode": Fail}},
		"no binlog": {map[string]string{"innodb_flush_log_at_trx_commit": "3", "log_bin": "0", "sync_binlog": "0", "innodb_doublewrite": "1", "sql_mode": "STRICT_ALL_TABLES"},
			map[string]string{"database flush": Well, "database binlog": Well, "database doublewrite": Well, "database mode": Well}},
	} {
		check := &checkup{}
		check.durable(c.set)
		got := map[string]string{}
		for _, f := range check.list {
			got[f.Check] = f.State
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestDoctorAsksTheDatabase(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn store.DSN) {
		a := recordOf(t, dsn, privacyNow, nil)
		up, err := a.Store.Checkup(t.Context())
		require.NoError(t, err)
		names := []string{"synchronous", "journal_mode"}
		if dsn.Dialect == "mysql" {
			names = []string{"innodb_flush_log_at_trx_commit", "sync_binlog", "innodb_doublewrite", "sql_mode", "log_bin"}
			assert.NotZero(t, up.Clock)
		}
		for _, n := range names {
			assert.NotEmpty(t, up.Settings[n], n)
		}
		states := map[string]string{}
		for _, f := range a.Doctor(t.Context()) {
			states[f.Check] = f.State
		}
		assert.Equal(t, Well, states["database"])
		if dsn.Dialect == "mysql" {
			assert.Equal(t, Well, states["database mode"], "the service asks for it itself")
			assert.Equal(t, Fail, states["clock"], "this clock stands in the past")
		}
	})
}
