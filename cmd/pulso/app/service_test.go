package app

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models/store"
	"pulso/models/store/storetest"
)

// A client that hangs and a database that answers nobody do not keep the service
// for longer than whoever sent the signal waits.
func TestStopsInTime(t *testing.T) {
	dsn := storetest.SQLite(t)
	w := smallWorld(t, dsn)
	w.says(olga, "recibidos hoy")

	client, err := net.Dial("tcp", strings.TrimPrefix(w.base, "http://"))
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Write([]byte("POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: x\r\nContent-Length: 100\r\n\r\n{"))
	require.NoError(t, err)

	other, err := store.Open(dsn)
	require.NoError(t, err)
	defer other.Close()
	db, err := other.SQL()
	require.NoError(t, err)
	held, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer held.Close()
	_, err = held.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	time.Sleep(100 * time.Millisecond) // the request is under way

	began := time.Now()
	w.halt()
	assert.Less(t, time.Since(began), 12*time.Second)
	_, err = held.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
}
