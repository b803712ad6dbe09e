package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLongListsAreLookedUp: by default MySQL and MariaDB estimate lists of 200 and more
// from statistics, which lag behind a table that grows, and then read all of it.
func TestLongListsAreLookedUp(t *testing.T) {
	_, db := opened(t, server.MySQL(t))
	var limit int
	require.NoError(t, db.QueryRow("SELECT @@eq_range_index_dive_limit").Scan(&limit))
	assert.Zero(t, limit, "every range is looked at in the index")
}
