// Package templates holds what people read and what is understood of what they
// write, one file a language. It only embeds the files and knows nothing of
// their meaning.
package templates

import (
	"embed"
	"io/fs"
)

//go:embed lang/*.toml
var lang embed.FS

// Lang returns the language files: es.toml, en.toml, pt.toml at its root.
func Lang() fs.FS {
	sub, err := fs.Sub(lang, "lang")
	if err != nil { // only for an invalid path, and "lang" is a valid one
		return lang
	}
	return sub
}

//go:embed text
var text embed.FS

// Text returns the files of what people read: en.toml, es.toml, pt.toml at its
// root.
func Text() fs.FS {
	sub, err := fs.Sub(text, "text")
	if err != nil { // only for an invalid path, and "text" is a valid one
		return text
	}
	return sub
}
