package words

import (
	"slices"
	"strings"
)

// item is a phrase of a line as the vocabulary or the book knows it.
type item struct {
	token          // the first of its tokens; kind and figures are its
	text    string // folded words
	last    int    // bytes where it ends
	classes []string
	refs    []ref // what it names
	partial bool  // refs by a part, prefix or misspelling of the name
	unknown bool
	mended  bool
}

// has reports whether the item has one of the classes; a class that ends in a
// dot stands for all of its group.
func (it *item) has(classes ...string) bool {
	for _, c := range classes {
		for _, own := range it.classes {
			if own == c || strings.HasSuffix(c, ".") && strings.HasPrefix(own, c) {
				return true
			}
		}
	}
	return false
}

// key returns the key of the item's class in a group, "" when it has none.
func (it *item) key(group string) string {
	for _, c := range it.classes {
		if k, ok := strings.CutPrefix(c, group+"."); ok {
			return k
		}
	}
	return ""
}

// named reports whether the item is a name.
func (it *item) named() bool { return len(it.refs) > 0 }

// lexer cuts the tokens of one line into items.
type lexer struct {
	*lexicon
	book *Book
	lang lang
	list []token
	alt  []string // what an unknown word was mended to
	refs [][]ref  // what an unknown word names by part, prefix or misspelling
	deaf []string // groups whose phrases of several words are not heard
}

// edge is one way to read the tokens [i, i+n).
type edge struct {
	n      int
	score  float64
	node   *node
	refs   []ref
	mended bool
}

// lex cuts a line into items, in the language that it seems to be written in.
func (x *lexicon) lex(list []token, book *Book, own lang) *lexer {
	s := &lexer{lexicon: x, book: book, lang: x.language(list, book, own), list: list}
	s.mendAll()
	return s
}

// items cuts the line, deaf to some groups of the vocabulary: a report does not
// hear the phrases of lists and rules, which are made of its own words.
func (s *lexer) items(deaf ...string) []item {
	s.deaf = deaf
	return mergeNumbers(s.cut())
}

// heard reports whether a phrase of n words has a sense that counts.
func (s *lexer) heard(at *node, n int) bool {
	if n == 1 || len(s.deaf) == 0 {
		return len(at.senses) > 0
	}
	return slices.ContainsFunc(at.senses, func(x sense) bool { return !s.ignored(x.class) })
}

func (s *lexer) ignored(class string) bool {
	return slices.ContainsFunc(s.deaf, func(d string) bool { return class == d || strings.HasSuffix(d, ".") && strings.HasPrefix(class, d) })
}

// language weighs the words that only some languages know. A tie goes to the
// person's own.
func (x *lexicon) language(list []token, book *Book, own lang) lang {
	var score [noLang]float64
	for i := range list {
		langs, ok := x.known[list[i].word]
		if !ok || list[i].kind != aWord || book.exact(list[i].word) != nil {
			continue
		}
		n := 0
		for l := range noLang {
			if langs.has(l) {
				n++
			}
		}
		for l := range noLang {
			if langs.has(l) {
				score[l] += []float64{0, 1, 0.4, 0.1}[n]
			}
		}
	}
	best := own
	if own == noLang {
		best = es
	}
	for l := range noLang {
		if score[l] > score[best]+1e-9 {
			best = l
		}
	}
	return best
}

// mendAll finds what the words unknown to all vocabularies may mean.
func (s *lexer) mendAll() {
	s.alt, s.refs = make([]string, len(s.list)), make([][]ref, len(s.list))
	for i := 0; i < len(s.list); i++ {
		t := &s.list[i]
		if t.kind != aWord || len(t.word) < 2 {
			continue
		}
		if s.refs[i] = s.book.part(t.word); s.refs[i] != nil && !s.common(t.word) {
			continue
		}
		if _, known := s.known[t.word]; known || s.book.exact(t.word) != nil || t.quoted {
			continue
		}
		s.mendOne(i)
	}
}

// mendOne decides between a name and a word of the vocabulary, the nearer
// wins, a word before a name; or parts what was written as one word.
func (s *lexer) mendOne(i int) {
	word := s.list[i].word
	refs, cost := s.book.near(word)
	if s.given[word] {
		s.refs[i] = refs
		return
	}
	mended := s.mend(word, s.lang)
	if s.capital(i) && !s.proper(mended) {
		mended = ""
	}
	d := 100
	if mended != "" {
		d = distance(word, mended, 2)
	}
	switch {
	case len(refs) > 0 && cost < d:
		s.refs[i] = refs
	case d == 1:
		s.alt[i] = mended
	case s.part(i):
	case len(refs) > 0:
		s.refs[i] = refs
	case mended != "":
		s.alt[i] = mended
	}
}

// capital reports whether a word within the line begins with a capital, and so
// is likely a name.
func (s *lexer) capital(i int) bool {
	return i > 0 && s.list[i].upper && !(s.list[i-1].upper && s.list[0].upper && i == 1) && s.list[i-1].kind != aMark
}

// proper reports whether a word of the vocabulary is written with a capital.
func (s *lexer) proper(word string) bool {
	n := s.root.next(word)
	return n != nil && slices.ContainsFunc(n.senses, func(x sense) bool {
		group, _, _ := strings.Cut(x.class, ".")
		return group == "month" || group == "weekday" || group == "language" || group == "place" || x.class == "value.whatsapp" || x.class == "value.instagram"
	})
}

// part divides a word such as "porcanal" into two that are known.
func (s *lexer) part(i int) bool {
	word := s.list[i].word
	for n := len(word) - 2; n >= 2; n-- {
		a, b := word[:n], word[n:]
		if max(len(a), len(b)) < 4 || !s.known[a].has(s.lang) || !s.known[b].has(s.lang) || s.root.next(a) == nil || s.root.next(b) == nil {
			continue
		}
		first, second := s.list[i], s.list[i]
		first.word, second.word = a, b
		s.list = slices.Insert(slices.Clone(s.list), i, first)
		s.list[i+1] = second
		s.alt = slices.Insert(s.alt, i, "")
		s.refs = slices.Insert(s.refs, i, nil)
		return true
	}
	return false
}

// cut chooses the edges that cover the line best.
func (s *lexer) cut() []item {
	n := len(s.list)
	best := make([]float64, n+1)
	via := make([]edge, n+1)
	for i := n - 1; i >= 0; i-- {
		best[i] = -1e9
		s.edges(i, func(e edge) {
			if v := e.score + best[i+e.n]; v > best[i] {
				best[i], via[i] = v, e
			}
		})
	}
	var items []item
	for i := 0; i < n; i += via[i].n {
		items = append(items, s.item(i, via[i]))
	}
	return items
}

// edges yields every way to read what begins at token i.
func (s *lexer) edges(i int, yield func(edge)) {
	yield(edge{n: 1, score: 0.2, refs: s.partRefs(i)})
	s.phrases(i, yield)
	var words []string
	for k := i; k < len(s.list) && len(words) < s.book.longest; k++ {
		if s.list[k].kind == aMark {
			break
		}
		words = append(words, s.list[k].word)
		if refs := s.book.exact(strings.Join(words, " ")); refs != nil {
			yield(edge{n: len(words), score: 2 * float64(len(words)), refs: refs, node: s.only(i, len(words))})
		}
	}
	s.initials(i, yield)
}

func (s *lexer) partRefs(i int) []ref {
	if s.list[i].kind != aWord {
		return nil
	}
	return s.refs[i]
}

// initials reads "maria j" as María José.
func (s *lexer) initials(i int, yield func(edge)) {
	if i+1 >= len(s.list) || len(s.list[i+1].word) > 2 || s.list[i+1].kind != aWord {
		return
	}
	var refs []ref
	for _, r := range s.book.starting(s.list[i].word + " " + s.list[i+1].word) {
		refs = union(refs, []ref{r})
	}
	if len(refs) == 1 && s.root.next(s.list[i+1].word) == nil {
		yield(edge{n: 2, score: 3, refs: refs})
	}
}

// only returns the node of the vocabulary for a single token that is a name too.
func (s *lexer) only(i, n int) *node {
	if n > 1 {
		return nil
	}
	return s.root.next(s.list[i].word)
}

// phrases yields the phrases of the vocabulary that begin at token i.
func (s *lexer) phrases(i int, yield func(edge)) {
	at, mended := s.root, false
	for k := i; k < len(s.list); k++ {
		if s.list[k].kind == aMark && k > i {
			return
		}
		next := at.next(s.list[k].word)
		if next == nil && s.alt[k] != "" {
			next, mended = at.next(s.alt[k]), true
		}
		if next == nil {
			return
		}
		at = next
		if s.heard(at, k-i+1) {
			yield(s.phrase(k-i+1, at, mended, s.refs[i]))
		}
	}
}

// phrase weighs a phrase: longer ones first, then those of the language.
func (s *lexer) phrase(n int, at *node, mended bool, refs []ref) edge {
	e := edge{n: n, score: float64(n) + 0.6*float64(n-1), node: at, mended: mended}
	if n == 1 {
		e.refs = refs
	}
	if slices.ContainsFunc(at.senses, func(x sense) bool { return x.lang == s.lang || x.lang == noLang }) {
		e.score += 0.3
	}
	return e
}

// item makes the item of an edge. Of a phrase known to the line's language only
// the senses in it count.
func (s *lexer) item(i int, e edge) item {
	it := item{token: s.list[i], refs: e.refs, mended: e.mended, last: s.list[i+e.n-1].end}
	var words []string
	for k := i; k < i+e.n; k++ {
		words = append(words, s.list[k].word)
	}
	it.text = strings.Join(words, " ")
	it.partial = e.refs != nil && s.book.exact(it.text) == nil
	if e.node != nil {
		it.classes = s.classes(e.node)
	}
	it.unknown = e.node == nil && e.refs == nil && it.kind == aWord
	if e.node != nil && it.kind != aWord && it.kind != aSign && e.n > 1 {
		it.kind = aWord
	}
	return it
}

func (s *lexer) classes(n *node) []string {
	var own, other []string
	for _, x := range n.senses {
		if x.lang == s.lang || x.lang == noLang {
			own = append(own, x.class)
		} else if !slices.Contains(other, x.class) {
			other = append(other, x.class)
		}
	}
	if own != nil {
		return own
	}
	return other
}
