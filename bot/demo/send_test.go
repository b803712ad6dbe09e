package demo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/inbox"
)

// TestPostProvesItself holds what is posted against what the sources demand.
func TestPostProvesItself(t *testing.T) {
	proved := map[string]bool{}
	status := http.StatusOK
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		for _, s := range inbox.Sources() {
			if s.Path == r.URL.Path {
				proved[s.Name] = s.Verify(body, r.Header.Get(s.Header), []string{setup().AppSecret, setup().EventsToken})
			}
		}
		w.WriteHeader(status)
	}))
	defer service.Close()
	post := setup().Post(service.Client(), service.URL)
	require.NoError(t, post(demo.CloudAPI, []byte(`{"entry":[]}`)))
	require.NoError(t, post(demo.Events, []byte(`{"events":[]}`)))
	assert.Equal(t, map[string]bool{"cloudapi": true, "events": true}, proved)
	status = http.StatusServiceUnavailable
	assert.ErrorContains(t, post(demo.Events, nil), "503")
	service.Close()
	assert.Error(t, post(demo.Events, nil))
	assert.Error(t, setup().Post(http.DefaultClient, "::")(demo.Events, nil))
}
