package render

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/card"
)

// FuzzTable puts names into tables that are told as a block and as a list, and
// reads the rows back: no name adds, moves or hides one.
func FuzzTable(f *testing.F) {
	v := testRenderer(f).Voice(Locale{Language: "es", Region: "CO"})
	f.Fuzz(func(t *testing.T, a, b, c string, n uint16) {
		names := []string{a, b, c}
		block := card.Table{Numbered: true, Head: []card.Text{card.T("dim.agent.name"), card.T("stat.n.short"), card.T("stat.p50.short")}}
		list := card.Table{Numbered: true, First: int(n) + 1}
		for i, name := range names {
			block.Rows = append(block.Rows, card.Row{Cells: []card.Value{card.Name(name), card.Count(n), card.Duration(i) * card.Duration(minute)}, Strong: i == 2})
			list.Rows = append(list.Rows, card.Row{Cells: []card.Value{card.Name(name), card.Count(n)}, Detail: card.T("drill.customer_said", "text", card.Name(name))})
		}
		readBlock(t, v, v.Text(card.Card{Blocks: []card.Block{block}}), n)
		readList(t, v, v.Text(card.Card{Blocks: []card.Block{list}}), names, int(n))
	})
}

var columns = regexp.MustCompile(`^([12 ]) (.+?) {2,}([0-9.]+) {2,}(0s|60s|2min)$`)

func readBlock(t *testing.T, v *Voice, s string, n uint16) {
	body, ok := strings.CutPrefix(s, fence)
	body, end := strings.CutSuffix(body, fence)
	lines := strings.Split(body, "\n")
	if !ok || !end || strings.Contains(body, fence) || len(lines) != 4 {
		t.Fatalf("not a block of a head and three rows:\n%s", s)
	}
	for i, line := range lines[1:] {
		m := columns.FindStringSubmatch(line)
		if m == nil || m[1] != []string{"1", "2", " "}[i] || m[3] != v.count(int64(n)) || m[4] != []string{"0s", "60s", "2min"}[i] {
			t.Fatalf("row %d reads %q", i+1, line)
		}
		if got := wide(line); got > widest {
			t.Fatalf("%q is %d wide", line, got)
		}
		checkVisible(t, strings.TrimPrefix(m[2], "▸"))
	}
}

func readList(t *testing.T, v *Voice, s string, names []string, n int) {
	lines := strings.Split(s, "\n")
	if len(lines) != 2*len(names) {
		t.Fatalf("not three rows with a second line:\n%s", s)
	}
	for i, name := range names {
		number, rest, _ := strings.Cut(lines[2*i], ". ")
		who, count, ok := strings.Cut(rest, " · ")
		if !ok || number != strconv.Itoa(n+1+i) || who != v.name(name) || count != v.count(int64(n)) {
			t.Fatalf("row %d reads %q", i+1, lines[2*i])
		}
		if want := "    _Cliente: " + v.name(name) + "_"; lines[2*i+1] != want {
			t.Fatalf("its second line reads %q, not %q", lines[2*i+1], want)
		}
	}
}

func TestTables(t *testing.T) {
	v := voice(t, "en", "")
	row := func(cells ...card.Value) card.Row { return card.Row{Cells: cells} }
	for name, x := range map[string]struct {
		table card.Table
		want  string
	}{
		"one column of figures is a list": {
			card.Table{Rows: []card.Row{row(card.Name("ana"), card.Count(3)), row(card.DimValue{Dim: 0}, nil)}},
			"• ana · 3\n• No agent · –",
		},
		"several make a block": {
			card.Table{Rows: []card.Row{row(card.Name("Ana"), card.Count(3), card.Share(0.5)), row(card.Name("Luis"), card.Count(12), nil)}},
			"```Ana    3  50%\nLuis  12    –```",
		},
		"too wide for a phone": {
			card.Table{
				Head: []card.Text{card.T("dim.team.name"), card.T("stat.n.short"), card.T("stat.p50.short"), card.T("stat.p90.short"), card.T("stat.max.short")},
				Rows: []card.Row{row(card.Name("support"), card.Count(12345), card.Duration(5*hour), card.Duration(6*hour+minute), card.Duration(70*hour))},
			},
			"• support · n 12,345 · med. 5 h · p90 6 h 1 min · max 2 d 22 h",
		},
		"numbered from the second page": {
			card.Table{Numbered: true, First: 9, Rows: []card.Row{row(card.Name("Ana"), card.Count(3), card.Count(4)), row(card.Name("Luis"), card.Count(5), card.Count(6))}},
			"```9  Ana   3  4\n10 Luis  5  6```",
		},
		"a row that stands out": {
			card.Table{Rows: []card.Row{{Cells: []card.Value{card.Word("report.team"), card.Count(1)}, Strong: true}}},
			"• *Team* · 1",
		},
		"a row without cells": {card.Table{Rows: []card.Row{{}}}, "• –"},
		"no rows":             {card.Table{Head: []card.Text{card.T("dim.team.name")}}, ""},
	} {
		assert.Equal(t, x.want, v.Text(card.Card{Blocks: []card.Block{x.table}}), name)
	}
}

func TestWideLetters(t *testing.T) {
	for s, n := range map[string]int{"abc": 3, "": 0, "ñe\u0301": 2, "日本": 4, "🌻": 2, firstStrong + "ab" + popIsolate: 2} {
		assert.Equal(t, n, wide(s), "%q", s)
	}
	assert.Equal(t, "abcd…", narrowed("abcdefgh", 5))
	assert.Equal(t, "ab…", narrowed("ab cdefgh", 4))
	assert.Equal(t, firstStrong+"אב…"+popIsolate, narrowed(firstStrong+"אבגדהו"+popIsolate, 3))
	require.Equal(t, "日…", narrowed("日本語", 4))
}
