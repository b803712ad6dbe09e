package render

import (
	"errors"
	"fmt"

	"pulso/bot/card"
)

// Meta's lengths in characters, entries and bytes (cloudapi.md §2).
const (
	textBody    = 4096
	caption     = 1024
	buttonBody  = 1024
	mostButtons = 3
	buttonTitle = 20
	buttonID    = 256
	listBody    = 4096
	listButton  = 20
	mostRows    = 10
	sectionName = 24
	rowTitle    = 24
	rowDetail   = 72
	rowID       = 200
	imageBytes  = 5_000_000
	fileBytes   = 100_000_000
)

// Kind says what a part is on the wire. The words are those of "via" in the
// outbox and of "type" in ask's reply.
type Kind string

// The kinds of parts.
const (
	TextPart     Kind = "text"
	ButtonsPart  Kind = "buttons"
	ListPart     Kind = "list"
	ImagePart    Kind = "image"
	DocumentPart Kind = "document"
	TemplatePart Kind = "template"
)

// Part is one message. Which fields are set depends on Kind.
type Part struct {
	Kind     Kind
	Text     string    // text, buttons, list: the body; image, document: the caption, may be ""
	Buttons  []Button  // buttons: 1 to 3
	List     *List     // list
	Image    *Image    // image
	Document *Document // document
	Template *Template // template
}

// Button is a reply button; ID is the Ask it stands for.
type Button struct{ ID, Title string }

// List is a button that opens rows to choose from; at most ten in all.
type List struct {
	Button   string
	Sections []Section
}

// Section is a titled group of rows; the only one of a list has no title.
type Section struct {
	Title string
	Rows  []Row
}

// Row is one choice; ID is the Ask it stands for.
type Row struct{ ID, Title, Detail string }

// Image is a picture as PNG.
type Image struct {
	PNG []byte
	Alt string // what it shows, for those who cannot see it
}

// Document is a file.
type Document struct {
	Name, MIME string
	Body       []byte
}

// Parts returns the card as messages, in the order in which they are sent: one
// when it can be. The text comes first, with its choices; a picture or file
// without choices carries the text as its caption when that is short. It fails
// when a choice's Ask, a picture or a file is longer than Meta allows, when
// there are more than ten choices, and when the card says nothing.
func (v *Voice) Parts(c card.Card) ([]Part, error) {
	media, err := v.media(c)
	if err != nil {
		return nil, err
	}
	first, err := v.interactive(c)
	if err != nil {
		return nil, err
	}
	if first == nil {
		first = v.plainText(c, media)
	}
	var parts []Part
	if first != nil {
		parts = append(parts, *first)
	}
	if parts = append(parts, media...); len(parts) == 0 {
		return nil, errors.New("render: a card that says nothing")
	}
	return parts, nil
}

// plainText returns the text without choices; nil when it went into the caption
// of the only picture or file.
func (v *Voice) plainText(c card.Card, media []Part) *Part {
	full := v.page(c, everything())
	if full == "" {
		return nil
	}
	if len(media) == 1 {
		if s := captionOf(full, media[0]); length(s) <= caption {
			media[0].Text = s
			return nil
		}
	}
	return &Part{Kind: TextPart, Text: v.fitted(c, textBody)}
}

// captionOf joins a text and what a file says of itself. A picture has its
// title drawn in it.
func captionOf(text string, p Part) string {
	if p.Kind == ImagePart || p.Text == "" {
		return text
	}
	return text + "\n\n" + p.Text
}

// media returns the pictures and files, each as a message of its own.
func (v *Voice) media(c card.Card) ([]Part, error) {
	var parts []Part
	for _, b := range c.Blocks {
		switch b := b.(type) {
		case card.Picture:
			image, err := v.image(b.Chart)
			if err != nil {
				return nil, err
			}
			parts = append(parts, Part{Kind: ImagePart, Text: clipped(v.alt(b.Chart), caption), Image: image})
		case card.File:
			if len(b.Body) > fileBytes {
				return nil, fmt.Errorf("render: a file of %d bytes, at most %d", len(b.Body), fileBytes)
			}
			file := &Document{Name: fileName(b.Name), MIME: b.MIME, Body: b.Body}
			parts = append(parts, Part{Kind: DocumentPart, Text: clipped(v.opening(b.Text), caption), Document: file})
		}
	}
	return parts, nil
}

func (v *Voice) image(c card.Chart) (*Image, error) {
	png, err := v.r.pictures.Render(v.bare().chart(c))
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	if len(png) > imageBytes {
		return nil, fmt.Errorf("render: a picture of %d bytes, at most %d", len(png), imageBytes)
	}
	return &Image{PNG: png, Alt: v.bare().alt(c)}, nil
}

// alt says what a picture shows, in the words above it.
func (v *Voice) alt(c card.Chart) string {
	s := v.opening(c.Title)
	if sub := v.say(c.Subtitle); sub != "" {
		s = v.word("picture.alt", "title", s, "subtitle", sub)
	}
	return s
}
