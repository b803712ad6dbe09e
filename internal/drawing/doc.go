// Package drawing holds the tests that compare the sources with docs/layers.txt
// and the house rules. It has no code of its own.
package drawing
