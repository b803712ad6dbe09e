package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with the settings. It never holds a secret or a
// phone number.
type Fault struct {
	Source string // the file, "environment" and the variable, or "--database"
	Line   int    // from 1; 0 outside a file
	Column int    // from 1, in characters
	Key    string // people[0].role; the first of a list is 0
	Text   string // what is wrong and how to mend it
}

// String returns the fault on one line: file:line:column: key: text.
func (f Fault) String() string {
	s := f.Source
	if f.Line > 0 {
		s += fmt.Sprintf(":%d:%d", f.Line, f.Column)
	}
	if f.Key != "" {
		s += ": " + f.Key
	}
	return s + ": " + f.Text
}

// Faults are all faults of the settings: those of the file in its order, then
// those of the environment by name.
type Faults []Fault

// Error returns one line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

func (f Faults) sort() {
	slices.SortStableFunc(f, func(a, b Fault) int {
		if inFile := cmp.Compare(min(b.Line, 1), min(a.Line, 1)); inFile != 0 {
			return inFile
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Source, b.Source))
	})
}

// didYouMean returns a suggestion to append, "" for none.
func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return "; did you mean " + word + "?"
}

// nearest returns the word that s most likely stands for: one a slip or two
// away, else the only one that holds s or is held by it; "" for none.
func nearest(s string, words []string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "-", "_")
	if len(s) > 64 {
		return ""
	}
	best, least := "", 1+min(len(s)/3, 3)
	var akin []string
	for _, word := range words {
		w := strings.ToLower(word)
		if d := slips(s, w); d < least {
			best, least = word, d
		}
		if len(s) >= 3 && strings.Contains(w, s) || len(w) >= 3 && strings.Contains(s, w) {
			akin = append(akin, word)
		}
	}
	if best == "" && len(akin) == 1 {
		return akin[0]
	}
	return best
}

// slips counts the letters to add, drop, change or swap with their neighbour
// that lead from a to b.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	older, old, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := old[j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			row[j] = min(change, old[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return old[len(y)]
}
