package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"pulso/analytics/ledger"
	"pulso/bot/flow"
	"pulso/bot/inbox"
	"pulso/bot/inbox/cloudapi"
	"pulso/bot/inbox/events"
	"pulso/models"
)

// ImportReport is what an import says at its end (interfaces.md, `import`).
type ImportReport struct {
	Deliveries int           `json:"deliveries"`
	Events     int           `json:"events"`
	New        int           `json:"new"`
	Duplicates int           `json:"duplicates"`
	Kept       int           `json:"kept"` // understood, recorded, not a figure
	Faulty     int           `json:"faulty"`
	Faults     []ImportFault `json:"faults"`
	NoJSON     []string      `json:"-"` // files that are no JSON
}

// ImportFault is one element that could not be understood.
type ImportFault struct {
	File    string `json:"file"`
	Element string `json:"element"`
	Error   string `json:"error"`
}

// Import reads history: files or directories of raw bodies of a source, or
// canonical events as JSON lines. It returns when every figure includes what it
// read. The same again changes nothing; what was cut off goes on where it
// stopped. Progress is told how many bytes of how many are done.
func (a *App) Import(ctx context.Context, source string, paths []string, progress func(done, total int64)) (*ImportReport, error) {
	if _, ok := inbox.Named(source); source != "" && !ok {
		return nil, wrong("--source %s: want one of %s", source, strings.Join(inbox.Names(), ", "))
	}
	files, total, err := importFiles(paths)
	if err != nil {
		return nil, err
	}
	in := a.intake()
	in.PageTime = time.Second
	im := &importer{App: a, ctx: ctx, source: source, intake: in, report: &ImportReport{Faults: []ImportFault{}}, progress: progress, total: total}
	in.Folded = im.folded
	fold := in.Reading
	in.Reading = func(ctx context.Context) (func(models.Delivery) ledger.Batch, error) {
		var err error
		im.decode, err = fold(ctx)
		return im.read, err
	}
	if im.reading, err = a.reading(ctx); err != nil {
		return nil, err
	}
	_, give, err := flow.Seize(ctx, a.Store, a.Clock, a.owner)
	if err != nil {
		return nil, err
	}
	defer give()
	defer in.Release()
	for _, f := range files {
		if err := im.file(f); err != nil {
			return im.report, fmt.Errorf("import %s: %w", f, err)
		}
	}
	if err := im.flush(); err != nil {
		return im.report, err
	}
	return im.report, a.sweep(ctx, func(time.Duration) {}) // no service may ever run on this database
}

func importFiles(paths []string) ([]string, int64, error) {
	var files []string
	var total int64
	for _, p := range paths {
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path != p && strings.HasPrefix(d.Name(), ".") {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			files = append(files, path)
			total += info.Size()
			return nil
		})
		if err != nil {
			return nil, 0, fmt.Errorf("import: %w", err)
		}
	}
	return files, total, nil
}

const (
	importEvents = 1000     // canonical events in one delivery
	importBytes  = 16 << 20 // bytes stored before they are folded
	importBatch  = 2000     // deliveries stored before they are folded
)

type importer struct {
	*App
	ctx      context.Context
	source   string
	intake   *flow.Intake
	decode   func(models.Delivery) ledger.Batch // of the page being folded
	reading  *reading                           // of what was imported before
	report   *ImportReport
	progress func(done, total int64)

	batch       []*models.Delivery
	origins     []origin // of the batch
	bytes       int64
	done, total int64
	from        map[int64]origin // of the deliveries being folded, by id

	mu sync.Mutex // deliveries are decoded on several cores
}

// origin is the file of a delivery, and for canonical events their lines.
type origin struct {
	file  string
	lines []int
}

func (im *importer) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	if head, _ := r.Peek(len(mark)); string(head) == mark {
		n, _ := r.Discard(len(mark)) // it is there
		im.done += int64(n)
	}
	if im.isLines(path, r) {
		return im.lines(path, r)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return im.body(path, body)
}

// mark is the byte order mark with which Windows begins files.
const mark = "\uFEFF"

// isLines reports whether a file holds canonical events as JSON lines. Without
// a source, a file that starts with an object that ends on its first line does.
func (im *importer) isLines(path string, r *bufio.Reader) bool {
	if im.source != "" {
		return false
	}
	switch filepath.Ext(path) {
	case ".jsonl", ".ndjson":
		return true
	}
	head, _ := r.Peek(64 << 10)
	line, _, more := bytes.Cut(head, []byte("\n"))
	return more && json.Valid(line)
}

// body adds a file that is one raw body.
func (im *importer) body(path string, body []byte) error {
	if err := inbox.CheckJSON(body); err != nil {
		im.report.NoJSON = append(im.report.NoJSON, path)
		im.report.Faulty++
		im.report.Faults = append(im.report.Faults, ImportFault{path, "", err.Error()})
		im.done += int64(len(body))
		return nil
	}
	source := im.source
	if source == "" {
		source = events.Source
		if bytes.Contains(body, []byte(`"entry"`)) {
			source = cloudapi.Source
		}
	}
	name, _ := inbox.Named(source)
	return im.add(name, body, origin{file: path})
}

// lines adds canonical events, a thousand to a delivery. A line that is no JSON
// is a fault of its own; a file without a single good line is no JSON.
func (im *importer) lines(path string, r *bufio.Reader) error {
	chunk := chunk{path: path}
	bad := 0
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if inbox.CheckJSON(text) != nil {
				bad++
				im.report.Faulty++
				im.report.Faults = append(im.report.Faults, ImportFault{path, fmt.Sprintf("line %d", n), "not JSON"})
				im.done += int64(len(line))
			} else {
				chunk.add(text, n)
			}
		}
		if len(chunk.lines) == importEvents || err != nil {
			if err := im.chunk(&chunk); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			if bad > 0 && chunk.total == 0 {
				im.report.NoJSON = append(im.report.NoJSON, path)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// chunk is the lines that become one delivery.
type chunk struct {
	path  string
	body  bytes.Buffer
	lines []int
	total int // lines so far, in all chunks
}

func (c *chunk) add(text []byte, line int) {
	if len(c.lines) == 0 {
		c.body.WriteString(`{"events":[`)
	} else {
		c.body.WriteString(",\n")
	}
	c.body.Write(text)
	c.lines = append(c.lines, line)
	c.total++
}

func (im *importer) chunk(c *chunk) error {
	if len(c.lines) == 0 {
		return nil
	}
	c.body.WriteString("]}")
	err := im.add(events.Source, bytes.Clone(c.body.Bytes()), origin{c.path, c.lines})
	c.body.Reset()
	c.lines = nil
	return err
}

// add stores a delivery, unless the very same was imported before.
func (im *importer) add(source string, body []byte, from origin) error {
	d := &models.Delivery{Source: source, ReceivedAt: im.Clock.Now().UnixMilli(), Imported: true, Body: body}
	im.batch = append(im.batch, d)
	im.origins = append(im.origins, from)
	im.bytes += int64(len(body))
	if im.bytes < importBytes && len(im.batch) < importBatch {
		return nil
	}
	return im.flush()
}

// flush stores what was gathered and folds it.
func (im *importer) flush() error {
	sums := make([][32]byte, len(im.batch))
	for i, d := range im.batch {
		sums[i] = sha256.Sum256(d.Body)
	}
	fresh, err := im.Store.Import(im.ctx, im.batch, sums)
	if err != nil {
		return err
	}
	im.from = map[int64]origin{}
	for i, d := range im.batch {
		im.report.Deliveries++
		if fresh[i] {
			im.from[d.ID] = im.origins[i]
			continue
		}
		im.again(d, im.origins[i])
	}
	if _, err := im.intake.Drain(im.ctx); err != nil {
		return err
	}
	im.done += im.bytes
	if im.progress != nil {
		im.progress(im.done, im.total)
	}
	im.batch, im.origins, im.bytes = nil, nil, 0
	return nil
}

// read decodes a delivery of this import and notes its faults.
func (im *importer) read(d models.Delivery) ledger.Batch {
	b := im.decode(d)
	if from, ok := im.from[d.ID]; ok {
		im.fault(b.Faults, from)
	}
	return b
}

// again counts what was imported before: it changes nothing.
func (im *importer) again(d *models.Delivery, from origin) {
	b := im.reading.batch(*d)
	im.fault(b.Faults, from)
	for _, e := range b.Events {
		im.report.Events++
		if e.Kind.Counts() {
			im.report.Duplicates++
		} else {
			im.report.Kept++
		}
	}
}

func (im *importer) folded(o ledger.Outcome) {
	im.report.Events += o.New + o.Duplicates + o.Kept
	im.report.New += o.New
	im.report.Duplicates += o.Duplicates
	im.report.Kept += o.Kept
}

func (im *importer) fault(faults []models.Fault, from origin) {
	im.mu.Lock()
	defer im.mu.Unlock()
	for _, f := range faults {
		im.report.Faulty++
		im.report.Faults = append(im.report.Faults, ImportFault{from.file, from.element(f.Element), f.Reason})
	}
}

// element names an element by its line, for canonical events.
func (o origin) element(path string) string {
	var i int
	if n, err := fmt.Sscanf(path, "events[%d]", &i); len(o.lines) == 0 || err != nil || n != 1 || i >= len(o.lines) {
		return path
	}
	_, rest, _ := strings.Cut(path, "]")
	return fmt.Sprintf("line %d%s", o.lines[i], rest)
}
