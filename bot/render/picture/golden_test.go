package picture

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// What may differ from a golden: rasterizers round otherwise on other processors.
const (
	tolerance = 24       // of 255, in a channel
	outliers  = 1 / 2e3  // share of the pixels beyond it
	goldenMax = 60 << 10 // bytes
)

func TestGoldens(t *testing.T) {
	r := newRenderer(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			got, err := r.Render(s.picture)
			require.NoError(t, err)
			file := filepath.Join("testdata", s.name+".png")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(file, got, 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			requireAlike(t, want, got)
			require.LessOrEqual(t, len(got), goldenMax)
		})
	}
}

func newRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New()
	require.NoError(t, err)
	return r
}

func decode(t testing.TB, b []byte) *image.Paletted {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	p, ok := img.(*image.Paletted)
	require.True(t, ok, "a palette picture")
	return p
}

func requireAlike(t *testing.T, want, got []byte) {
	t.Helper()
	w, g := decode(t, want), decode(t, got)
	require.Equal(t, w.Rect, g.Rect)
	off := 0
	for i := range w.Pix {
		if apart(rgba(w, i), rgba(g, i)) > tolerance {
			off++
		}
	}
	require.LessOrEqual(t, float64(off)/float64(len(w.Pix)), outliers, "%d pixels differ; look at them, then run with -update", off)
}
