package demo

import (
	"html"
	"html/template"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// format writes a message's text as a phone shows it: *bold*, _italic_,
// ~struck~, `code`, ```code of several lines```, lines that begin with "> ",
// "- " or "* ", and links. All else is escaped.
func format(text string) template.HTML {
	var b strings.Builder
	parts := strings.Split(text, "```")
	for i, part := range parts {
		block := i%2 == 1
		switch {
		case block && i < len(parts)-1:
			b.WriteString("<code class=block>" + html.EscapeString(strings.Trim(part, "\n")) + "</code>")
			continue
		case block: // nothing closes it
			part = "```" + part
		default: // a block stands on lines of its own
			part = beside(part, i > 0, i < len(parts)-2)
		}
		formatLines(&b, part)
	}
	return template.HTML(b.String())
}

// beside takes the line breaks away that stand next to a block.
func beside(part string, after, before bool) string {
	if after {
		part = strings.TrimPrefix(part, "\n")
	}
	if before {
		part = strings.TrimSuffix(part, "\n")
	}
	return part
}

var numbered = regexp.MustCompile(`^\d{1,2}\. `)

func formatLines(b *strings.Builder, text string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		number := numbered.FindString(line)
		switch {
		case strings.HasPrefix(line, "> "):
			wrap(b, "quoted", "", line[2:])
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "* "):
			wrap(b, "point", "•", line[2:])
		case number != "":
			wrap(b, "point", strings.TrimSpace(number), line[len(number):])
		default:
			formatLinks(b, line)
		}
	}
}

// wrap writes a line of its own kind, behind a mark.
func wrap(b *strings.Builder, class, mark, line string) {
	b.WriteString(`<span class="` + class + `">`)
	if mark != "" {
		b.WriteString("<i>" + mark + "</i> ")
	}
	formatLinks(b, line)
	b.WriteString("</span>")
}

var address = regexp.MustCompile(`https?://[^\s<>"'` + "`" + `]+`)

func formatLinks(b *strings.Builder, line string) {
	for {
		at := address.FindStringIndex(line)
		if at == nil {
			formatMarks(b, line, marks)
			return
		}
		link := strings.TrimRight(line[at[0]:at[1]], ".,;:!?)*_~")
		formatMarks(b, line[:at[0]], marks)
		safe := html.EscapeString(link)
		b.WriteString(`<a href="` + safe + `" target="_blank" rel="noopener noreferrer">` + safe + `</a>`)
		line = line[at[0]+len(link):]
	}
}

// tag returns the element that a mark stands for.
func tag(mark byte) string {
	switch mark {
	case '*':
		return "strong"
	case '_':
		return "em"
	case '~':
		return "s"
	case '`':
		return "code"
	}
	return ""
}

const marks = "*_~`"

// formatMarks writes a part of a line; marks says which are still to be looked
// for: none stands within itself.
func formatMarks(b *strings.Builder, line, marks string) {
	plain := 0
	for i := 0; i < len(line); i++ {
		if strings.IndexByte(marks, line[i]) < 0 || !opens(line, i) {
			continue
		}
		mark, end := line[i], closing(line, i)
		if end < 0 { // then none that comes later is closed either
			marks = without(marks, mark)
			continue
		}
		name, within := tag(mark), without(marks, mark)
		if name == "code" {
			within = ""
		}
		b.WriteString(html.EscapeString(line[plain:i]) + "<" + name + ">")
		formatMarks(b, line[i+1:end], within)
		b.WriteString("</" + name + ">")
		i, plain = end, end+1
	}
	b.WriteString(html.EscapeString(line[plain:]))
}

func without(marks string, mark byte) string { return strings.ReplaceAll(marks, string(mark), "") }

// opens reports whether a mark stands at the beginning of a word.
func opens(line string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(line[:i])
	after, size := utf8.DecodeRuneInString(line[i+1:])
	return !wordly(before) && size > 0 && !unicode.IsSpace(after) && after != rune(line[i])
}

// closing returns where the mark at i is closed, at the end of a word; -1
// when it is not.
func closing(line string, i int) int {
	for j := i + 2; j < len(line); j++ {
		if line[j] != line[i] {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(line[:j])
		after, _ := utf8.DecodeRuneInString(line[j+1:])
		if !unicode.IsSpace(before) && !wordly(after) {
			return j
		}
	}
	return -1
}

func wordly(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
