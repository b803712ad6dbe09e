// Package render turns a card into what goes on the wire: card × language ×
// medium. It owns everything that a reader sees of a value: numbers with the
// separators of their region, durations as people say them, moments and periods
// in the business's zone, names made harmless. Texts come from the language
// files (templates.Text), pictures from package picture.
//
// It decides nothing about what is said, reads no clock (now is a field of
// Locale), opens no file or connection, and imports neither the store nor any
// edge. No input makes it panic: a missing text shows its key, a value that is
// not known a dash, and what does not fit a medium is shortened at a word.
package render
