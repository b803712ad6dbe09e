package report

import (
	"context"
	"slices"
	"sync"

	"pulso/analytics"
)

// Memory is a Reader that reads everything once, for questions asked at one
// moment: an overview compares many figures over the same few spans. It is safe
// for concurrent use.
type Memory struct {
	Reader
	mu       sync.Mutex // of what follows
	standing *Standing
	open     map[bool][]analytics.OpenConversation
	cells    map[shelf][]encoded
	moments  map[analytics.Span]excerpt
}

// excerpt is what was read of a span for some groups.
type excerpt struct {
	groups []analytics.Group
	rows   *analytics.Rows
}

// shelf is a stretch of cells that are read together.
type shelf struct {
	group    analytics.Group
	tier     analytics.Tier
	from, to analytics.Day
}

// encoded is a cell as the record holds it.
type encoded struct {
	key  analytics.CellKey
	body []byte
}

// Remember returns a reader that reads everything once.
func Remember(r Reader) *Memory {
	return &Memory{
		Reader: r, open: map[bool][]analytics.OpenConversation{},
		cells: map[shelf][]encoded{}, moments: map[analytics.Span]excerpt{},
	}
}

// Standing says how far the record had come when it was first asked.
func (m *Memory) Standing(ctx context.Context, now int64) (Standing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.standing != nil {
		return *m.standing, nil
	}
	s, err := m.Reader.Standing(ctx, now)
	if err == nil {
		m.standing = &s
	}
	return s, err
}

// Open returns the conversations that were open when it was first asked.
func (m *Memory) Open(ctx context.Context, now int64, waiting bool) ([]analytics.OpenConversation, error) {
	m.mu.Lock()
	list, known := m.open[waiting]
	m.mu.Unlock()
	if known {
		return slices.Clone(list), nil
	}
	list, err := m.Reader.Open(ctx, now, waiting)
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.open[waiting] = slices.Clone(list)
	}
	return list, err
}

// fewCells is how many cells of one stretch are remembered: what asks for more is not
// asked twice.
const fewCells = 4000

// Cells yields the cells of a group and tier on the days [from, to).
func (m *Memory) Cells(ctx context.Context, g analytics.Group, t analytics.Tier, from, to analytics.Day, yield func(analytics.CellKey, []byte) error) error {
	key := shelf{g, t, from, to}
	m.mu.Lock()
	list, known := m.cells[key]
	m.mu.Unlock()
	if known {
		for _, x := range list {
			if err := yield(x.key, x.body); err != nil {
				return err
			}
		}
		return nil
	}
	err := m.Reader.Cells(ctx, g, t, from, to, func(k analytics.CellKey, body []byte) error {
		if len(list) <= fewCells {
			list = append(list, encoded{k, slices.Clone(body)})
		}
		return yield(k, body)
	})
	if err == nil && len(list) <= fewCells {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.cells[key] = list
	}
	return err
}

// Moments returns the rows of a span. Bare ones of less than a quarter hour, which a
// question cuts off at an end, are read once for the groups of several questions.
func (m *Memory) Moments(ctx context.Context, want analytics.Moments) (*analytics.Rows, error) {
	if !want.Bare || want.Span.To-want.Span.From >= analytics.SlotMS {
		return m.Reader.Moments(ctx, want)
	}
	m.mu.Lock()
	seen := m.moments[want.Span]
	m.mu.Unlock()
	fresh := slices.DeleteFunc(slices.Clone(want.Groups), func(g analytics.Group) bool { return slices.Contains(seen.groups, g) })
	if seen.rows == nil || len(fresh) > 0 {
		want.Groups = append(fresh, seen.groups...)
		rows, err := m.Reader.Moments(ctx, want)
		if err != nil {
			return nil, err
		}
		seen = excerpt{want.Groups, rows}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.moments[want.Span] = seen
	}
	part := *seen.rows // its lists are not written to, but replaced
	return &part, nil
}
