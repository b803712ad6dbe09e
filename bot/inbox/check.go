package inbox

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// The bounds of a body that is worth decoding. Meta's largest, 1,000 updates in
// 3 MB, have a tenth of the tokens and a sixth of the depth.
const (
	MaxDepth  = 64
	MaxTokens = 300_000
)

// What can be wrong with a body before anybody asks what it means.
var (
	ErrNotJSON = errors.New("not JSON")
	ErrDepth   = errors.New("JSON nested more than 64 deep")
	ErrTokens  = errors.New("JSON of more than 300,000 values and keys")
)

// CheckJSON reports whether body is one well-formed JSON value, nothing after it,
// within MaxDepth and MaxTokens: nil, or ErrNotJSON, ErrDepth or ErrTokens. It
// reads the body once and allocates nothing. Bytes that are not UTF-8 pass, as
// they do in encoding/json: decoders replace them.
func CheckJSON(body []byte) error {
	c := checker{b: body}
	i, err := c.value(space(body, 0), 0)
	if err != nil {
		return err
	}
	if space(body, i) != len(body) {
		return ErrNotJSON
	}
	return nil
}

// checker walks a body. Its methods take the place of the first byte of what
// they read, and return the place after its last.
type checker struct {
	b      []byte
	tokens int
}

func (c *checker) value(i, depth int) (int, error) {
	if c.tokens++; c.tokens > MaxTokens {
		return i, ErrTokens
	}
	if i >= len(c.b) {
		return i, ErrNotJSON
	}
	switch c.b[i] {
	case '{':
		return c.object(i+1, depth+1)
	case '[':
		return c.array(i+1, depth+1)
	case '"':
		return c.text(i + 1)
	case 't':
		return c.literal(i, "true")
	case 'f':
		return c.literal(i, "false")
	case 'n':
		return c.literal(i, "null")
	}
	return c.number(i)
}

func (c *checker) object(i, depth int) (int, error) {
	if depth > MaxDepth {
		return i, ErrDepth
	}
	if i = space(c.b, i); c.at(i) == '}' {
		return i + 1, nil
	}
	for {
		if c.at(i) != '"' {
			return i, ErrNotJSON
		}
		if c.tokens++; c.tokens > MaxTokens {
			return i, ErrTokens
		}
		var err error
		if i, err = c.text(i + 1); err != nil {
			return i, err
		}
		if i = space(c.b, i); c.at(i) != ':' {
			return i, ErrNotJSON
		}
		if i, err = c.value(space(c.b, i+1), depth); err != nil {
			return i, err
		}
		i = space(c.b, i)
		switch c.at(i) {
		case '}':
			return i + 1, nil
		case ',':
			i = space(c.b, i+1)
		default:
			return i, ErrNotJSON
		}
	}
}

func (c *checker) array(i, depth int) (int, error) {
	if depth > MaxDepth {
		return i, ErrDepth
	}
	if i = space(c.b, i); c.at(i) == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = c.value(i, depth); err != nil {
			return i, err
		}
		i = space(c.b, i)
		switch c.at(i) {
		case ']':
			return i + 1, nil
		case ',':
			i = space(c.b, i+1)
		default:
			return i, ErrNotJSON
		}
	}
}

// at returns the byte at i; 0, which is no JSON, past the end.
func (c *checker) at(i int) byte {
	if i < len(c.b) {
		return c.b[i]
	}
	return 0
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func (c *checker) literal(i int, word string) (int, error) {
	if len(c.b)-i < len(word) || string(c.b[i:i+len(word)]) != word {
		return i, ErrNotJSON
	}
	return i + len(word), nil
}

// text reads a string whose opening quote stands before i. Eight bytes at a time
// it passes over those that are neither a quote, a backslash nor a control.
func (c *checker) text(i int) (int, error) {
	b := c.b
	for i < len(b) {
		if i+8 <= len(b) {
			marks := special(binary.LittleEndian.Uint64(b[i:]))
			if marks == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(marks) / 8
		}
		switch ch := b[i]; {
		case ch == '"':
			return i + 1, nil
		case ch == '\\':
			n := escape(b[i+1:])
			if n == 0 {
				return i, ErrNotJSON
			}
			i += n
		case ch < ' ':
			return i, ErrNotJSON
		}
		i++
	}
	return i, ErrNotJSON
}

// special marks, in the high bit of each byte of w, quotes, backslashes, bytes
// below a space and bytes above 0x7F. Marks after the first can be wrong, because
// subtraction borrows; the first never is.
func special(w uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return ((w - ones*' ') | (quote - ones) | (slash - ones) | w) & highs
}

// escape returns the length of what follows a backslash; 0 when it is no escape.
func escape(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(b) < 5 {
			return 0
		}
		for _, h := range b[1:5] {
			if !(h >= '0' && h <= '9' || h >= 'a' && h <= 'f' || h >= 'A' && h <= 'F') {
				return 0
			}
		}
		return 5
	}
	return 0
}

func (c *checker) number(i int) (int, error) {
	if c.at(i) == '-' {
		i++
	}
	switch d := c.at(i); {
	case d == '0':
		i++
	case d >= '1' && d <= '9':
		i = c.digits(i)
	default:
		return i, ErrNotJSON
	}
	if c.at(i) == '.' {
		if next := c.digits(i + 1); next > i+1 {
			i = next
		} else {
			return i, ErrNotJSON
		}
	}
	if c.at(i) == 'e' || c.at(i) == 'E' {
		i++
		if c.at(i) == '+' || c.at(i) == '-' {
			i++
		}
		next := c.digits(i)
		if next == i {
			return i, ErrNotJSON
		}
		i = next
	}
	return i, nil
}

func (c *checker) digits(i int) int {
	for i < len(c.b) && c.b[i] >= '0' && c.b[i] <= '9' {
		i++
	}
	return i
}
