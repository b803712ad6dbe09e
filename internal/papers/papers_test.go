package papers

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	inline  = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\[[^\]\n]*\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// pages returns every page of the manual, by its path from the root.
func pages(t *testing.T) map[string]string {
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "testdata" || e.Name() == "bin" || strings.HasPrefix(e.Name(), ".") && path != root):
			return filepath.SkipDir
		case e.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all[filepath.ToSlash(rel)] = string(body)
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 20)
	return all
}

// links returns where a page points, code left out.
func links(body string) []string {
	var list []string
	for _, m := range link.FindAllStringSubmatch(inline.ReplaceAllString(fence.ReplaceAllString(body, ""), ""), -1) {
		list = append(list, m[1])
	}
	return list
}

// anchors returns the headings of a page as links name them.
func anchors(body string) []string {
	var list []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(body, ""), -1) {
		list = append(list, anchor(m[1]))
	}
	return list
}

var dropped = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)

func anchor(title string) string {
	return strings.ReplaceAll(strings.ToLower(dropped.ReplaceAllString(strings.TrimSpace(title), "")), " ", "-")
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	seen := 0
	for page, body := range all {
		for _, to := range links(body) {
			if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
				continue
			}
			seen++
			path, at, _ := strings.Cut(to, "#")
			target := page
			if path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(page), path))
				_, err := os.Stat(filepath.Join(root, target))
				assert.NoError(t, err, "%s points at %s", page, to)
			}
			if at != "" {
				assert.Contains(t, anchors(all[target]), at, "%s points at %s", page, to)
			}
		}
	}
	assert.Greater(t, seen, 30)
}

// TestEveryPageIsFound walks the links from the README.
func TestEveryPageIsFound(t *testing.T) {
	all := pages(t)
	reached := map[string]bool{"README.md": true}
	for queue := []string{"README.md"}; len(queue) > 0; queue = queue[1:] {
		for _, to := range links(all[queue[0]]) {
			path, _, _ := strings.Cut(to, "#")
			target := filepath.ToSlash(filepath.Join(filepath.Dir(queue[0]), path))
			if _, ok := all[target]; ok && !reached[target] {
				reached[target] = true
				queue = append(queue, target)
			}
		}
	}
	for page := range all {
		assert.True(t, reached[page], "no link leads to %s", page)
	}
}

var required = regexp.MustCompile(`(?m)^\t([^\s/]+\.[^\s]+) v[^\s]+$`)

// TestEveryModuleHasAReason holds docs/dependencies.md against go.mod, both ways.
func TestEveryModuleHasAReason(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	page := pages(t)["docs/dependencies.md"]
	var modules []string
	for _, m := range required.FindAllStringSubmatch(string(mod), -1) { // lines marked indirect do not match
		modules = append(modules, m[1])
		assert.Contains(t, page, "| `"+m[1]+"` |", "docs/dependencies.md does not say why %s", m[1])
	}
	require.Greater(t, len(modules), 10)
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(page, -1) {
		assert.True(t, slices.Contains(modules, m[1]), "go.mod does not require %s", m[1])
	}
}

// TestPicturesAreSmall keeps the README quick to load on a phone.
func TestPicturesAreSmall(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs/pictures/*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Less(t, info.Size(), int64(250_000), file)
	}
}
