package words

import (
	"slices"
	"strings"

	"pulso/analytics"
)

// Names lists what a business calls its own things. Categories, templates,
// types, sources, platforms and error codes are written as figures show them.
type Names struct {
	Agents     []analytics.Agent
	Teams      []string
	Channels   []Channel
	Platforms  []string
	Categories []string
	Templates  []string
	Types      []string
	Sources    []string
	Errors     []string
	People     []Person
}

// Channel is a number or inbox: whatsapp:1060, Tienda Centro.
type Channel struct{ ID, Name string }

// Person is one who may write to the bot. Phone is E.164.
type Person struct{ Phone, Name, Role string }

// Contact is a customer, as a look-up returns them.
type Contact struct{ ID, Name, Phone string }

// what says what a name is a name of.
type what struct {
	dim    analytics.Dim
	person bool
}

// ref is one thing that a name may mean.
type ref struct {
	what
	value string // what a filter holds: an agent's key, a channel's id, a name
	name  string // as people call it
}

// Book finds the names of a business in a line. It is read only once made.
type Book struct {
	lexicon *lexicon
	full    map[string][]ref // whole names and ids, folded
	longest int              // tokens of the longest
	parts   map[string][]ref // single words of names of several words
	words   []entryRef       // every word of a name, for prefixes and spelling
	phones  []string         // of people, E.164
	agents  []analytics.Agent
}

type entryRef struct {
	word string
	refs []ref
}

// Book returns the index of a business's names. Make one when they change.
func (r *Reader) Book(n Names) *Book {
	b := &Book{lexicon: r.lexicon, full: map[string][]ref{}, parts: map[string][]ref{}, agents: n.Agents}
	for _, a := range n.Agents {
		x := ref{what{dim: analytics.ByAgent}, a.Key, a.Name}
		b.whole(x, append([]string{a.Name, a.ID}, a.IDs...)...)
		b.pieces(x)
	}
	for _, c := range n.Channels {
		x := ref{what{dim: analytics.ByChannel}, c.ID, c.Name}
		if c.Name == "" {
			x.name = c.ID
		}
		_, id, _ := strings.Cut(c.ID, ":")
		b.whole(x, c.Name, c.ID, id)
		b.pieces(x)
	}
	b.plain(analytics.ByTeam, n.Teams)
	b.plain(analytics.ByCategory, n.Categories)
	b.plain(analytics.ByTemplate, n.Templates)
	b.plain(analytics.ByError, n.Errors)
	for _, p := range n.People {
		x := ref{what{person: true}, p.Phone, p.Name}
		b.whole(x, p.Name)
		b.pieces(x)
		if p.Phone != "" {
			b.phones = append(b.phones, p.Phone)
		}
	}
	b.collect()
	return b
}

// plain enters things that have no id beside their name.
func (b *Book) plain(dim analytics.Dim, list []string) {
	for _, v := range list {
		x := ref{what{dim: dim}, v, v}
		b.whole(x, v)
		b.aliases(x)
		b.pieces(x)
	}
}

// key folds a name to the words that tokens give.
func key(name string) (string, int) {
	var list []string
	for _, t := range tokens(name) {
		if t.kind != aMark {
			list = append(list, t.word)
		}
	}
	return strings.Join(list, " "), len(list)
}

// whole enters a thing under each of its full names; a name of several words
// also as one word.
func (b *Book) whole(x ref, names ...string) {
	for _, name := range names {
		k, n := key(name)
		if n == 0 {
			continue
		}
		b.longest = max(b.longest, n)
		b.enter(b.full, k, x)
		if n > 1 {
			b.enter(b.full, strings.ReplaceAll(k, " ", ""), x)
		}
	}
}

// aliases enters a team or category under the words of the other languages
// that mean the same ("ventas", "sales", "vendas").
func (b *Book) aliases(x ref) {
	if x.dim != analytics.ByTeam && x.dim != analytics.ByCategory {
		return
	}
	k, _ := key(x.name)
	for _, word := range b.lexicon.alike(k) {
		if _, taken := b.full[word]; !taken {
			b.enter(b.parts, word, x)
		}
	}
}

func (b *Book) enter(m map[string][]ref, k string, x ref) {
	if !slices.Contains(m[k], x) {
		m[k] = append(m[k], x)
	}
}

// pieces enters the single words of a name of several words, but for words of
// the vocabulary and short ones.
func (b *Book) pieces(x ref) {
	k, n := key(x.name)
	if n < 2 || x.dim == analytics.ByTemplate && !x.person {
		return
	}
	for _, w := range strings.Fields(k) {
		if len(w) >= 3 && !b.lexicon.common(w) {
			b.enter(b.parts, w, x)
		}
	}
}

// collect lists the words that prefixes and misspellings may mean.
func (b *Book) collect() {
	all := map[string][]ref{}
	for _, m := range []map[string][]ref{b.full, b.parts} {
		for k, refs := range m {
			if strings.Contains(k, " ") || strings.ContainsAny(k, "0123456789") {
				continue
			}
			for _, x := range refs {
				b.enter(all, k, x)
			}
		}
	}
	for k, refs := range all {
		b.words = append(b.words, entryRef{k, refs})
	}
	slices.SortFunc(b.words, func(x, y entryRef) int { return strings.Compare(x.word, y.word) })
}

// exact returns what a run of words names in full.
func (b *Book) exact(words string) []ref { return b.full[words] }

// part returns what a single word is a part of.
func (b *Book) part(word string) []ref { return b.parts[word] }

// near returns what a word unknown to the vocabulary may be short for, a pet
// name of, or a misspelling of; cost is 0 for a prefix, else the distance.
func (b *Book) near(word string) (refs []ref, cost int) {
	for _, e := range b.words {
		if len(word) >= 3 && len(e.word) > len(word) && strings.HasPrefix(e.word, word) && nicks(e.refs) {
			refs = union(refs, e.refs)
		}
	}
	if len(refs) > 0 {
		return refs, 0
	}
	if refs = b.pet(word); len(refs) > 0 {
		return refs, 0
	}
	return b.spelt(word)
}

// nicks reports whether names of the kind are shortened in speech.
func nicks(refs []ref) bool {
	return slices.ContainsFunc(refs, func(x ref) bool { return x.person || x.dim == analytics.ByAgent || x.dim == analytics.ByTeam })
}

// pet returns the agents and people of a pet name: Anita, Luisinho, Sofy.
func (b *Book) pet(word string) []ref {
	for _, tail := range []string{"citas", "cito", "cita", "itos", "itas", "ito", "ita", "zinho", "zinha", "inho", "inha", "illo", "illa", "y", "i", "is"} {
		stem, ok := strings.CutSuffix(word, tail)
		if !ok || len(stem) < 2 {
			continue
		}
		for _, e := range b.words {
			root := strings.TrimRight(e.word, "aeious")
			short := len(tail) < 3 && len(stem) >= 3 && strings.HasPrefix(e.word, stem)
			if len(e.word) >= 3 && nicks(e.refs) && (e.word == stem || short || len(tail) > 2 && root == stem) {
				return e.refs
			}
		}
	}
	return nil
}

// spelt returns what a misspelt word names.
func (b *Book) spelt(word string) (refs []ref, cost int) {
	far := reach(word)
	cost = far + 1
	for _, e := range b.words {
		if len(e.word) < 3 {
			continue
		}
		d := distance(word, e.word, far)
		if d > far || d > cost || d > 1 && len(e.word) < 7 || len(e.word) < 6 && !alike(word, e.word) {
			continue
		}
		if d < cost {
			refs, cost = nil, d
		}
		refs = union(refs, e.refs)
	}
	return refs, cost
}

// alike reports whether two words sound the same, or differ by a swap: short
// names are too near to common words for any slip to count.
func alike(a, b string) bool {
	if len(a) == len(b) {
		for i := range len(a) - 1 {
			if a[:i] == b[:i] && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
				return true
			}
		}
	}
	return sound(a) == sound(b)
}

var sounds = strings.NewReplacer("sh", "x", "ch", "x", "ph", "f", "qu", "k", "th", "t", "h", "", "z", "s", "ce", "se", "ci", "si", "c", "k", "q", "k", "v", "b", "y", "i", "j", "g", "w", "u")

// sound writes a word as it is heard, letters that stand twice once.
func sound(word string) string {
	word = sounds.Replace(word)
	var b strings.Builder
	for i := range len(word) {
		if i == 0 || word[i] != word[i-1] {
			b.WriteByte(word[i])
		}
	}
	return b.String()
}

func union(a, b []ref) []ref {
	a = slices.Clip(a)
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}

// starting returns the agents and people whose name begins with the text.
func (b *Book) starting(text string) (refs []ref) {
	for k, list := range b.full {
		if strings.HasPrefix(k, text) && nicks(list) {
			refs = union(refs, list)
		}
	}
	return refs
}
