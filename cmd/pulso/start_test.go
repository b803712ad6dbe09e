package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// starts runs serve on settings for a moment and returns its exit code and what
// it says.
func starts(t *testing.T, within time.Duration, settings string) (int, string) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	settings += fmt.Sprintf("\nserver: {listen: \"127.0.0.1:0\"}\ndatabase: {dsn: \"sqlite:%s\"}\n", filepath.Join(dir, "pulso.db"))
	require.NoError(t, os.WriteFile(path, []byte(settings), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var errs bytes.Buffer
	code := run(ctx, []string{"serve", "--config", path}, strings.NewReader(""), &bytes.Buffer{}, &errs)
	return code, strings.ReplaceAll(errs.String(), dir+"/", "")
}

func TestServeReadsTheAsksOfDigests(t *testing.T) {
	const people = `people:
  - phone: "+573001112233"
    name: Olga
    role: owner
    digests:
`
	digests := func(asks ...string) string {
		text := people
		for i, ask := range asks {
			text += fmt.Sprintf("      - {id: d%d, at: \"08:00\", ask: %q}\n", i, ask)
		}
		return text
	}
	code, said := starts(t, 20*time.Second, digests("asdf qwerty", "invita a +573001112244 como viewer", "resumen de ayer; mute all", "every day at 8", "hola"))
	assert.Equal(t, 1, code)
	for _, line := range []string{
		`config.yaml:6:36: people[0].digests[0].ask: not understood; try it with pulso ask`,
		`config.yaml:7:36: people[0].digests[1].ask: this would do something (people) and tells nothing; write an ask such as stats yesterday`,
		`config.yaml:8:36: people[0].digests[2].ask: part 2: this would do something (alert)`,
		`config.yaml:9:36: people[0].digests[3].ask: this would do something (digest)`,
		`config.yaml:10:36: people[0].digests[4].ask: this tells nothing (greeting)`,
	} {
		assert.Contains(t, said, line)
	}
	assert.NotContains(t, said, "3001112244")
	code, said = starts(t, time.Second, digests("resumen de ayer; quién espera", "primera respuesta de Zoraida ayer", "exporta los mensajes del mes pasado")+"agents: [{name: Ana}]\n")
	assert.Equal(t, 0, code, said)
}
