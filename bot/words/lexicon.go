package words

import (
	"fmt"
	"io/fs"
	"maps"
	"math/bits"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// languages in the order of their index.
var languages = [...]string{"es", "en", "pt"}

type lang uint8

const (
	es lang = iota
	en
	pt
	noLang // of figures, names and catalogue keys
)

func (l lang) String() string {
	if l < noLang {
		return languages[l]
	}
	return ""
}

func langOf(tag string) lang {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	for i, t := range languages {
		if t == tag {
			return lang(i)
		}
	}
	return noLang
}

// sense is one meaning of a phrase: a class of the vocabulary such as
// "act.read", in a language.
type sense struct {
	class string
	lang  lang
}

// node is a word of the tree of phrases. Most have one that follows, a few have
// thousands.
type node struct {
	few    []step
	many   map[string]*node // instead of few, beyond fewSteps
	senses []sense
}

type step struct {
	word string
	to   *node
}

const fewSteps = 8

// next returns the node of a word that follows, or nil.
func (n *node) next(word string) *node {
	if n.many != nil {
		return n.many[word]
	}
	for _, s := range n.few {
		if s.word == word {
			return s.to
		}
	}
	return nil
}

// child is next, and makes the node where there is none.
func (n *node) child(word string) *node {
	c := n.next(word)
	if c != nil {
		return c
	}
	c = &node{}
	if n.many == nil && len(n.few) < fewSteps {
		n.few = append(n.few, step{word, c})
		return c
	}
	if n.many == nil {
		n.many = map[string]*node{}
		for _, s := range n.few {
			n.many[s.word] = s.to
		}
		n.few = nil
	}
	n.many[word] = c
	return c
}

// each calls do with every node that follows, in no order.
func (n *node) each(do func(*node)) {
	for _, s := range n.few {
		do(s.to)
	}
	for _, c := range n.many {
		do(c)
	}
}

// lexicon holds the vocabularies of all languages. It is read only once built.
type lexicon struct {
	root   *node
	known  map[string]langSet // every word of every phrase
	bySize [][]entry          // the words worth mending to, by length
	// aliases holds, for each class "alias.…", its words in all languages.
	aliases map[string][]string
	places  []string        // IANA names
	given   map[string]bool // names that people have, never to be mended

	spelt map[string]string // while it is built: each word once
}

type langSet uint8

func (s langSet) has(l lang) bool { return s&(1<<l) != 0 }

type entry struct {
	word  string
	mask  uint32 // its letters
	langs langSet
	dull  bool // means nothing by itself
}

// vocabulary is the part of a language file that this package reads.
type vocabulary struct {
	Words   map[string]map[string][]string `toml:"words"`
	Endings map[string][]string            `toml:"endings"` // of regular verbs
	Short   map[string]string              `toml:"short"`   // how words are cut short in chats
	Given   []string                       `toml:"given"`   // names that people have
}

// newLexicon reads the vocabularies of a folder of language files.
func newLexicon(dir fs.FS) (*lexicon, error) {
	x := &lexicon{root: &node{}, known: map[string]langSet{}, aliases: map[string][]string{}, given: map[string]bool{}, spelt: map[string]string{}}
	for i, tag := range languages {
		body, err := fs.ReadFile(dir, tag+".toml")
		if err != nil {
			return nil, fmt.Errorf("vocabulary of %s: %w", tag, err)
		}
		var v vocabulary
		if err := toml.Unmarshal(body, &v); err != nil {
			return nil, fmt.Errorf("vocabulary of %s: %w", tag, err)
		}
		if err := x.load(v, lang(i)); err != nil {
			return nil, fmt.Errorf("vocabulary of %s: %w", tag, err)
		}
	}
	x.spelt = nil
	x.whoIsAsked(x.root)
	x.root = shared(x.root, map[string]*node{})
	x.index()
	return x, nil
}

// shared returns a node that stands for n and everything below it: where two words
// go on alike, as the forms of a verb do, they go on by the same nodes.
func shared(n *node, seen map[string]*node) *node {
	key := fmt.Append(nil, n.senses)
	for i, s := range n.few {
		n.few[i].to = shared(s.to, seen)
		key = fmt.Appendf(key, " %s %p", s.word, n.few[i].to)
	}
	for word, to := range n.many {
		n.many[word] = shared(to, seen)
	}
	if n.many != nil {
		return n
	}
	if known := seen[string(key)]; known != nil {
		return known
	}
	n.few, n.senses = slices.Clip(n.few), slices.Clip(n.senses)
	seen[string(key)] = n
	return n
}

func (x *lexicon) load(v vocabulary, l lang) error {
	for _, name := range v.Given {
		x.given[fold(name).text] = true
	}
	for _, group := range slices.Sorted(maps.Keys(v.Words)) { // a word's first class counts: always the same
		for _, key := range slices.Sorted(maps.Keys(v.Words[group])) {
			phrases, meaning := v.Words[group][key], sense{group + "." + key, l}
			if group == "place" && !slices.Contains(x.places, key) {
				x.places = append(x.places, key)
			}
			for _, p := range phrases {
				list, err := expand(p, v.Endings)
				if err != nil {
					return fmt.Errorf("%s.%s: %w", group, key, err)
				}
				if group != "overview" {
					list = contract(list, l)
				}
				for _, text := range shortened(list, v.Short) {
					x.add(text, meaning)
				}
			}
		}
	}
	return nil
}

// contractions are what a preposition that ends a phrase becomes before an
// article: "a partir de", "a partir del".
var contractions = [noLang]map[string][]string{
	es: {"de": {"del"}, "a": {"al"}},
	pt: {"de": {"do", "da", "dos", "das"}, "a": {"ao", "aos"}, "em": {"no", "na", "nos", "nas"}, "por": {"pelo", "pela", "pelos", "pelas"}},
}

func contract(list []string, l lang) []string {
	for _, text := range list {
		k := strings.LastIndexByte(text, ' ')
		if k < 0 {
			continue
		}
		for _, other := range contractions[l][text[k+1:]] {
			list = append(list, text[:k+1]+other)
		}
	}
	return list
}

// shortened adds to phrases of several words how they are written in a hurry:
// "que puedes hacer", "q puedes hacer".
func shortened(list []string, short map[string]string) []string {
	for _, text := range list {
		forms := []string{fold(text).text}
		for cut, whole := range short {
			for _, form := range forms {
				words := strings.Fields(form)
				k := slices.Index(words, whole)
				if k < 0 || len(words) < 2 {
					continue
				}
				for ; k < len(words); k++ {
					if words[k] == whole {
						words[k] = cut
					}
				}
				forms = append(forms, strings.Join(words, " "))
			}
		}
		list = append(list, forms[1:]...)
	}
	return list
}

// add puts a phrase into the tree.
func (x *lexicon) add(text string, s sense) {
	n := x.root
	list := tokens(text)
	for _, t := range list {
		word, ok := x.spelt[t.word]
		if !ok {
			word = strings.Clone(t.word) // rather than keep the phrase
			x.spelt[word] = word
		}
		n = n.child(word)
		if t.kind == aWord {
			x.known[word] |= 1 << s.lang
		}
	}
	if len(list) == 0 {
		return
	}
	for _, old := range n.senses {
		if old == s {
			return
		}
	}
	n.senses = append(n.senses, s)
	if strings.HasPrefix(s.class, "alias.") {
		k, _ := key(text)
		x.aliases[s.class] = append(x.aliases[s.class], k)
	}
}

// whoIsAsked marks the phrases of lists that begin with "who".
func (x *lexicon) whoIsAsked(root *node) {
	root.each(func(n *node) {
		for _, s := range n.senses {
			if s.class == "ask.who" {
				inherit(n, sense{"list.who", s.lang})
			}
		}
	})
}

func inherit(n *node, s sense) {
	n.each(func(c *node) {
		if len(c.senses) > 0 && !slices.Contains(c.senses, s) && slices.ContainsFunc(c.senses, func(o sense) bool { return strings.HasPrefix(o.class, "list.") }) {
			c.senses = append(c.senses, s)
		}
		inherit(c, s)
	})
}

// starts reports whether the first word of a phrase has a class.
func (x *lexicon) starts(phrase, class string) bool {
	first, _, _ := strings.Cut(phrase, " ")
	n := x.root.next(first)
	return n != nil && slices.ContainsFunc(n.senses, func(s sense) bool { return s.class == class })
}

// ends reports whether the last word of a phrase has a class.
func (x *lexicon) ends(phrase, class string) bool {
	n := x.root.next(phrase[strings.LastIndexByte(phrase, ' ')+1:])
	return n != nil && slices.ContainsFunc(n.senses, func(s sense) bool { return s.class == class })
}

// expand writes out the alternatives of "a {b|c|} d"; {*ar} stands for the
// endings of that name.
func expand(p string, endings map[string][]string) ([]string, error) {
	open := strings.IndexByte(p, '{')
	if open < 0 {
		return []string{p}, nil
	}
	end := strings.IndexByte(p, '}')
	if end < open {
		return nil, fmt.Errorf("%q: braces do not match", p)
	}
	tails, err := expand(p[end+1:], endings)
	if err != nil {
		return nil, err
	}
	var out []string
	alts := strings.Split(p[open+1:end], "|")
	if name, ok := strings.CutPrefix(alts[0], "*"); ok {
		alts = endings[name]
	}
	for _, alt := range alts {
		for _, tail := range tails {
			out = append(out, p[:open]+alt+tail)
		}
	}
	return out, nil
}

// index sorts the words by length for mending.
func (x *lexicon) index() {
	sort.Strings(x.places)
	for w, langs := range x.known {
		n := len(w)
		for len(x.bySize) <= n {
			x.bySize = append(x.bySize, nil)
		}
		x.bySize[n] = append(x.bySize[n], entry{w, letterMask(w), langs, x.dull(w)})
	}
	for _, list := range x.bySize {
		sort.Slice(list, func(i, j int) bool { return list[i].word < list[j].word })
	}
}

// dull reports whether a word alone is only ever filler.
func (x *lexicon) dull(word string) bool {
	n := x.root.next(word)
	return n != nil && len(n.senses) > 0 && !slices.ContainsFunc(n.senses, func(s sense) bool { return s.class != "filler.filler" })
}

func letterMask(w string) uint32 {
	var m uint32
	for i := range len(w) {
		if c := w[i]; c >= 'a' && c <= 'z' {
			m |= 1 << (c - 'a')
		}
	}
	return m
}

// reach is how far a word may be from the one that was meant: 1 from four
// letters, 2 from eight, 0 for what holds a figure.
func reach(word string) int {
	switch {
	case strings.ContainsAny(word, "0123456789"):
		return 0
	case len(word) >= 8:
		return 2
	case len(word) >= 4:
		return 1
	}
	return 0
}

// mend returns the nearest known word to an unknown one, preferring those of a
// language, or "".
func (x *lexicon) mend(word string, l lang) string {
	far := reach(word)
	if far == 0 {
		return ""
	}
	mask := letterMask(word)
	best, cost := "", 100
	for n := max(3, len(word)-far); n <= len(word)+far && n < len(x.bySize); n++ {
		for i := range x.bySize[n] {
			e := &x.bySize[n][i]
			if bits.OnesCount32(e.mask^mask) > 2*far {
				continue
			}
			if c := mendCost(word, e, far, l); c < cost {
				best, cost = e.word, c
			}
		}
	}
	return best
}

// mendCost weighs a correction: first the distance, then the language, then
// whether the first letter holds.
func mendCost(word string, e *entry, far int, l lang) int {
	d := distance(word, e.word, far)
	if d > far || d >= len(e.word)-1 {
		return 1000
	}
	c := d * 10
	if !e.langs.has(l) {
		c += 4
		if d > 1 || len(word) < 7 {
			return 1000
		}
	}
	if e.word[0] != word[0] {
		c += 3
	}
	if e.dull {
		c += 2
	}
	if len(e.word) < len(word) {
		c++ // letters are left out more often than put in
	}
	return c
}

// distance counts insertions, deletions, substitutions and swaps of neighbours,
// and stops counting above limit.
func distance(a, b string, limit int) int {
	if n := len(a) - len(b); n > limit || -n > limit {
		return limit + 1
	}
	var rows [3][40]int
	if len(b) >= len(rows[0]) || len(a) >= len(rows[0]) {
		return limit + 1
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur, prev, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			d := prev[j-1]
			if a[i-1] != b[j-1] {
				d = 1 + min(d, prev[j], cur[j-1])
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					d = min(d, before[j-2]+1)
				}
			}
			cur[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
	}
	return rows[len(a)%3][len(b)]
}

// number returns the value of a class such as "number.12" or "month.3".
func number(class, group string) (int, bool) {
	text, ok := strings.CutPrefix(class, group+".")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// common reports whether a word alone means something in some language.
func (x *lexicon) common(word string) bool {
	n := x.root.next(word)
	return n != nil && slices.ContainsFunc(n.senses, func(s sense) bool { return !strings.HasPrefix(s.class, "alias.") })
}

// alike returns the words that some language gives the same alias class as word.
func (x *lexicon) alike(word string) []string {
	n := x.root
	for _, w := range strings.Fields(word) {
		if n = n.next(w); n == nil {
			return nil
		}
	}
	var out []string
	for _, s := range n.senses {
		out = append(out, x.aliases[s.class]...)
	}
	return out
}
