package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// replica is one of several processes on one database.
type replica struct {
	app     *App
	service *Service
	stop    context.CancelFunc
	ended   chan struct{}
}

// fleet is a world with several replicas, and one address in front of them.
type fleet struct {
	*world
	mu       sync.Mutex
	replicas []*replica
}

const replicaCount = 3

func newFleet(t *testing.T, dsn store.DSN, start time.Time, yaml func(demo.Setup) string) *fleet {
	f := &fleet{world: newWorld(t, dsn, start, []graph.Number{{ID: demo.Bot, WABA: "2060", Display: "+57 601 5550100", Name: "Casa"}}, yaml)}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		s := f.replicas[rand.IntN(len(f.replicas))].service
		f.mu.Unlock()
		s.server.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	f.graph.SetWebhook(front.URL + "/webhooks/whatsapp")
	for range replicaCount {
		f.add()
	}
	t.Cleanup(func() {
		for _, r := range f.replicas {
			r.stop()
			<-r.ended
			require.NoError(t, r.app.Close())
		}
	})
	f.until("everybody is ready", func() bool {
		return !slices.ContainsFunc(f.replicas, func(r *replica) bool { return !r.service.ready(t.Context()).Ready })
	})
	f.approve()
	f.until("somebody looks at the digests", func() bool {
		var began struct{ Began int64 }
		known, err := f.app.Store.Setting(t.Context(), "digests", &began)
		require.NoError(t, err)
		return known
	})
	f.step = 6 * time.Second
	return f
}

// add starts another replica.
func (f *fleet) add() {
	a := f.open()
	_, err := a.reader() // while the clock stands: on a slow machine it would be past all grace when they are made
	require.NoError(f.t, err)
	_, err = a.renderer()
	require.NoError(f.t, err)
	s, err := a.NewService("127.0.0.1:0", nil)
	require.NoError(f.t, err)
	ctx, stop := context.WithCancel(context.Background())
	r := &replica{a, s, stop, make(chan struct{})}
	go func() {
		defer close(r.ended)
		if err := s.Run(ctx); err != nil {
			f.t.Error(err)
		}
	}()
	f.until("the replica is ready", func() bool { return s.ready(f.t.Context()).Ready })
	f.mu.Lock()
	f.replicas = append(f.replicas, r)
	f.mu.Unlock()
}

// kill takes the database from a replica in the middle of whatever it does: it
// can finish nothing, and gives back nothing that it holds.
func (f *fleet) kill() {
	f.mu.Lock()
	i := rand.IntN(len(f.replicas))
	r := f.replicas[i]
	f.replicas = slices.Delete(f.replicas, i, i+1)
	f.mu.Unlock()
	require.NoError(f.t, r.app.Close())
	r.stop()
	<-r.ended
}

// anew returns an empty database.
func anew(t *testing.T, dialect string) store.DSN {
	if dialect == "sqlite" {
		return storetest.SQLite(t)
	}
	return server.MySQL(t)
}

// rows returns what was planned under keys that begin so.
func (f *fleet) rows(prefix string) []*models.Outgoing { return f.rowsSince(prefix, f.clock.Start) }

func (f *fleet) rowsSince(prefix string, since time.Time) []*models.Outgoing {
	var list []*models.Outgoing
	require.NoError(f.t, f.app.Store.ListOutgoing(f.t.Context(), store.List{From: since.UnixMilli()}, func(o *models.Outgoing) error {
		if strings.HasPrefix(o.Key, prefix) {
			list = append(list, o)
		}
		return nil
	}))
	return list
}

func digestYAML(people int, more string) func(demo.Setup) string {
	return func(set demo.Setup) string {
		var b strings.Builder
		fmt.Fprintf(&b, "business: {name: Casa, timezone: America/Bogota, language: es}\nwhatsapp:\n  - {phone_number_id: %q, waba_id: \"2060\", name: Casa, access_token: %q, app_secrets: [%q], verify_token: %q, graph_url: %q, bot: true}\n",
			demo.Bot, set.Token, set.AppSecret, set.VerifyToken, set.GraphURL)
		b.WriteString("people:\n")
		for i := range people {
			fmt.Fprintf(&b, "  - {name: P%02d, phone: \"+5730055502%02d\", role: owner, language: es, digests: [{id: d%02d, at: \"08:%02d\"}]}\n", i, i, i, i%3)
		}
		return b.String() + more
	}
}

// TestReplicasSendEveryDigestOnce: three processes on one database send each of
// thirty digests on each of many days exactly once, also when one of them is
// killed every day. PULSO_SLOTS says how many days.
func TestReplicasSendEveryDigestOnce(t *testing.T) {
	slots := 4
	if n, err := strconv.Atoi(os.Getenv("PULSO_SLOTS")); err == nil {
		slots = n
	}
	const people = 30
	kinds := []string{"sqlite", "mariadb"}
	if testing.Short() {
		slots, kinds = 2, kinds[:1] // the race run is long enough
	}
	for _, dialect := range kinds {
		for _, killing := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s killing %t", dialect, killing), func(t *testing.T) {
				began := time.Now()
				start := time.Date(2026, 1, 4, 12, 0, 0, 0, time.UTC) // 07:00 in Bogotá
				f := newFleet(t, anew(t, dialect), start, digestYAML(people, ""))
				for slot := range slots {
					f.at(start.AddDate(0, 0, slot).Add(59 * time.Minute))
					if killing {
						f.at(start.AddDate(0, 0, slot).Add(time.Hour))
						for range rand.IntN(30) {
							f.graph.Tick(f.clock.Now())
							f.hands.pass(time.Second)
							time.Sleep(2 * time.Millisecond)
						}
						f.kill()
						f.add()
					}
					date := "/" + start.AddDate(0, 0, slot).Format(time.DateOnly)
					f.until(fmt.Sprintf("slot %d is sent", slot), func() bool {
						done := 0
						f.step = 6 * time.Second
						for _, o := range f.rowsSince("digest/", start.AddDate(0, 0, slot)) {
							switch {
							case !strings.HasSuffix(o.Key, date):
								t.Fatalf("%s is never known to have arrived: the next day came", date)
							case o.State == models.Delivered:
								done++
							case o.State == models.Attempting: // a slow machine gets the time that a request may take
								f.step = 200 * time.Millisecond
							}
						}
						return done == people
					})
				}
				rows := f.rows("digest/")
				assert.Len(t, rows, people*slots)
				keys, twice := map[string]int{}, 0
				for _, o := range rows {
					keys[o.Key]++
				}
				for _, n := range f.graph.Accepted() {
					if n > 1 {
						twice++
					}
				}
				assert.Len(t, keys, people*slots, "a digest of a day each")
				assert.Zero(t, twice)
				shown := 0
				for i := range people {
					got := f.graph.Received(fmt.Sprintf("+5730055502%02d", i))
					assert.Len(t, got, slots)
					shown += len(got)
				}
				t.Logf("%d digests on %d days: %d rows, %d on the phones, %d accepted twice, in %s", people, slots, len(rows), shown, twice, time.Since(began).Round(time.Second))
			})
		}
	}
}

// TestReplicasTellManyAlertsInOneMessage: five hundred alerts at once are one
// message a manager in the first minute, whoever of three processes sees them.
func TestReplicasTellManyAlertsInOneMessage(t *testing.T) {
	var alerts strings.Builder
	alerts.WriteString("alerts:\n")
	for i := range 500 {
		fmt.Fprintf(&alerts, "  - {name: A%03d, when: messages_received >= 0, for: 1m}\n", i)
	}
	for dialect, dsn := range databases(t) {
		t.Run(dialect, func(t *testing.T) {
			start := time.Date(2026, 1, 4, 15, 0, 0, 0, time.UTC)
			f := newFleet(t, dsn, start, digestYAML(2, alerts.String()))
			told := func() []*models.Outgoing { return f.rows("alert/") }
			f.until("both are told", func() bool { return len(told()) >= 2 })
			first := told()[0].CreatedAt
			f.until("a minute has passed", func() bool { return f.clock.Now().UnixMilli() > first+90_000 })
			count := map[string]int{}
			for _, o := range told() {
				if o.CreatedAt <= first+60_000 {
					count[o.Person]++
				}
			}
			assert.Equal(t, map[string]int{"+573005550200": 1, "+573005550201": 1}, count)
		})
	}
}
