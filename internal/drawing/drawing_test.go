package drawing

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root   = "../.."
	module = "pulso/"
	edges  = 5 // level from which the clock, logs and the network may be used
)

// drawing is docs/layers.txt.
type drawing struct {
	level  map[string]int
	may    map[string]bool
	test   map[string]bool
	owners map[string][]string // module prefix → packages
}

func read(t *testing.T) drawing {
	f, err := os.Open(filepath.Join(root, "docs/layers.txt"))
	require.NoError(t, err)
	defer f.Close()
	d := drawing{map[string]int{}, map[string]bool{}, map[string]bool{}, map[string][]string{}}
	for s := bufio.NewScanner(f); s.Scan(); {
		line, _, _ := strings.Cut(s.Text(), "#")
		w := strings.Fields(line)
		switch {
		case len(w) == 0:
		case w[0] == "may":
			d.may[w[1]+" "+w[2]] = true
		case w[0] == "test":
			d.test[w[1]] = true
		case w[0] == "owner":
			d.owners[w[1]] = w[2:]
		default:
			n, err := strconv.Atoi(w[0])
			require.NoError(t, err, line)
			d.level[w[1]] = n
		}
	}
	return d
}

// source is one parsed Go file that is no test.
type source struct {
	path, pkg string
	file      *ast.File
	set       *token.FileSet
}

func sources(t *testing.T) []source {
	var all []source
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); e.IsDir() && path != root && err == nil {
			return filepath.SkipDir // a module of its own
		}
		if e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all = append(all, source{rel, filepath.ToSlash(filepath.Dir(rel)), file, set})
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

func imports(s source) []string {
	var list []string
	for _, i := range s.file.Imports {
		list = append(list, strings.Trim(i.Path.Value, `"`))
	}
	return list
}

func TestImportsGoDown(t *testing.T) {
	d := read(t)
	seen := map[string]bool{}
	for _, s := range sources(t) {
		seen[s.pkg] = true
		if d.test[s.pkg] {
			continue
		}
		level, drawn := d.level[s.pkg]
		if !assert.True(t, drawn, "%s is not in docs/layers.txt", s.pkg) {
			continue
		}
		for _, path := range imports(s) {
			to, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			assert.False(t, d.test[to], "%s imports %s, which is for tests", s.path, to)
			assert.True(t, d.level[to] < level || d.may[s.pkg+" "+to], "%s (level %d) imports %s (level %d)", s.path, level, to, d.level[to])
		}
	}
	for pkg := range d.level {
		assert.True(t, seen[pkg], "docs/layers.txt draws %s, which does not exist", pkg)
	}
}

func TestModulesHaveOneOwner(t *testing.T) {
	d := read(t)
	for _, s := range sources(t) {
		if d.test[s.pkg] {
			continue
		}
		for _, path := range imports(s) {
			for prefix, owners := range d.owners {
				if strings.HasPrefix(path, prefix) {
					assert.Contains(t, owners, s.pkg, "%s imports %s", s.path, path)
				}
			}
		}
	}
}

// TestEdgesOnly keeps the clock, logs and the network out of what must be a
// function of its arguments.
func TestEdgesOnly(t *testing.T) {
	d := read(t)
	for _, s := range sources(t) {
		level := d.level[s.pkg]
		if d.test[s.pkg] || level >= edges {
			continue
		}
		for _, path := range imports(s) {
			assert.NotContains(t, []string{"log", "log/slog", "net/http", "net", "os", "os/exec", "database/sql"}, path, "%s", s.path)
			if level < 3 {
				assert.NotEqual(t, "context", path, "%s", s.path)
			}
		}
	}
}

// TestOneClock allows time.Now in cmd/pulso only.
func TestOneClock(t *testing.T) {
	d := read(t)
	for _, s := range sources(t) {
		if d.test[s.pkg] || s.pkg == "cmd/pulso" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && (call.Sel.Name == "Now" || call.Sel.Name == "Since" || call.Sel.Name == "Until") {
					t.Errorf("%s: time.%s", s.set.Position(call.Pos()), call.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestEveryPackageOpensWithASentence holds every package to a doc comment.
func TestEveryPackageOpensWithASentence(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		documented[s.pkg] = documented[s.pkg] || s.file.Doc != nil
	}
	for pkg, ok := range documented {
		assert.True(t, ok, "%s has no package comment", pkg)
	}
}

// TestNoHiddenState forbids init functions everywhere.
func TestNoHiddenState(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				assert.NotEqual(t, "init", f.Name.Name, "%s", s.path)
			}
		}
	}
}

var left = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)

func TestNothingIsLeftToDo(t *testing.T) {
	for _, s := range sources(t) {
		for _, group := range s.file.Comments {
			assert.False(t, left.MatchString(group.Text()), "%s: %s", s.set.Position(group.Pos()), group.Text())
		}
	}
}
