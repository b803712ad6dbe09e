package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models/store/storetest"
)

var server storetest.Server

func TestMain(m *testing.M) { storetest.Run(m, &server) }

const killedConfig = `
server: {listen: %q}
whatsapp:
  - {phone_number_id: "1060", waba_id: "2060", app_secrets: [sesame], verify_token: v}
`

// built compiles the program once for a test.
func built(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "pulso")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// TestKilled kills the service while webhooks come in, again and again: what was
// acknowledged is in the figures afterwards.
func TestKilled(t *testing.T) {
	pulso := built(t)
	for dialect, dsn := range server.Databases(t) {
		t.Run(dialect, func(t *testing.T) {
			address := freePort(t)
			config := filepath.Join(t.TempDir(), "config.yaml")
			require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, killedConfig, address), 0o600))
			args := []string{"--config", config, "--database", dsn.Full(), "--log-level", "error"}
			acked := &sync.Map{}
			for round := range 3 {
				run := exec.Command(pulso, append([]string{"serve"}, args...)...)
				run.Stderr = os.Stderr
				require.NoError(t, run.Start())
				await(t, address, false)
				load(t, address, round, acked, func() { require.NoError(t, run.Process.Kill()) })
				_ = run.Wait() // it was killed
			}
			run := exec.Command(pulso, append([]string{"serve"}, args...)...)
			require.NoError(t, run.Start())
			await(t, address, true)
			require.NoError(t, run.Process.Signal(os.Interrupt))
			require.NoError(t, run.Wait(), "an orderly end is exit code 0")

			out, err := exec.Command(pulso, append([]string{"messages", "--json"}, args...)...).Output()
			require.NoError(t, err)
			recorded := idsOf(t, out)
			n := 0
			acked.Range(func(id, _ any) bool {
				n++
				return assert.Contains(t, recorded, id, "acknowledged and lost")
			})
			assert.Positive(t, n, "something was acknowledged")
			require.NoError(t, exec.Command(pulso, append([]string{"audit"}, args...)...).Run(), "the figures are what the record comes to")
		})
	}
}

// load posts webhooks on several connections and calls kill in the middle.
func load(t *testing.T, address string, round int, acked *sync.Map, kill func()) {
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for worker := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("wamid.%d.%d.%d", round, worker, i)
				if post(ctx, address, id) == http.StatusOK {
					acked.Store(id, true)
				}
			}
		}()
	}
	time.Sleep(400 * time.Millisecond)
	kill()
	stop()
	all.Wait()
}

func post(ctx context.Context, address, id string) int {
	body := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"2060","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"573001112233","phone_number_id":"1060"},"contacts":[{"wa_id":"573009998877","profile":{"name":"Luz"}}],`+
		`"messages":[{"from":"573009998877","id":%q,"timestamp":"%d","type":"text","text":{"body":"hola"}}]}}]}]}`, id, time.Now().Unix())
	mac := hmac.New(sha256.New, []byte("sesame"))
	mac.Write(body)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/webhooks/whatsapp", bytes.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// await waits until the service is ready; drained, until nothing is left to fold.
func await(t *testing.T, address string, drained bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + address + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		var ready struct {
			Ready   bool
			Backlog int
		}
		return json.NewDecoder(resp.Body).Decode(&ready) == nil && ready.Ready && (!drained || ready.Backlog == 0)
	}, 60*time.Second, 20*time.Millisecond)
}

func idsOf(t *testing.T, listing []byte) map[any]bool {
	var list struct{ Messages []struct{ ID string } }
	require.NoError(t, json.Unmarshal(listing, &list))
	ids := map[any]bool{}
	for _, m := range list.Messages {
		ids[m.ID] = true
	}
	return ids
}
