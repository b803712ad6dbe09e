package store_test

import (
	"testing"

	"pulso/models/store/storetest"
)

func TestSuiteOnSQLite(t *testing.T) { storetest.Exercise(t, storetest.SQLite) }

func TestSuiteOnMySQL(t *testing.T) { storetest.Exercise(t, server.MySQL) }
