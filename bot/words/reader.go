package words

import (
	"fmt"

	"pulso/templates"
)

// Reader reads what managers write. It is safe for concurrent use.
type Reader struct{ lexicon *lexicon }

// New returns a Reader of the vocabularies that are part of the program.
func New() (*Reader, error) {
	x, err := newLexicon(templates.Lang())
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return &Reader{lexicon: x}, nil
}
