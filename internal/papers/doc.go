// Package papers holds the tests of the manual: that what it points at exists.
// It has no code of its own.
package papers
