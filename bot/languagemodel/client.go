package languagemodel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Client asks one model. It is safe for concurrent use.
type Client struct {
	URL     string // up to and without /chat/completions
	Model   string
	Key     string // bearer; "" sends none
	Brief   string // what the model is told before the words
	Timeout time.Duration
	HTTP    *http.Client
}

// ErrNothing is returned when the model has no canonical text to offer.
var ErrNothing = errors.New("language model: nothing understood")

// longest bounds the words that are sent, the answer that is read, and the text
// that is taken from it.
const (
	longestWords  = 500
	longestAnswer = 64 << 10
	longestText   = 300
)

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Canonical returns what the words mean as one canonical line.
func (c *Client) Canonical(ctx context.Context, words string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	body, err := json.Marshal(map[string]any{
		"model": c.Model, "temperature": 0, "max_tokens": 120,
		"messages": []message{{"system", c.Brief}, {"user", masked(words)}},
	})
	if err != nil {
		return "", fmt.Errorf("language model: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.URL, "/")+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("language model: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	if c.Key != "" {
		r.Header.Set("Authorization", "Bearer "+c.Key)
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return "", fmt.Errorf("language model: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("language model: HTTP %d", resp.StatusCode)
	}
	return read(io.LimitReader(resp.Body, longestAnswer))
}

func read(body io.Reader) (string, error) {
	var answer struct {
		Choices []struct{ Message message }
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return "", fmt.Errorf("language model: read the answer: %w", err)
	}
	if len(answer.Choices) == 0 {
		return "", ErrNothing
	}
	line, _, _ := strings.Cut(strings.Trim(answer.Choices[0].Message.Content, "`\"' \t\r\n"), "\n")
	if line = strings.TrimSpace(line); line == "" || line == "unknown" || len(line) > longestText {
		return "", ErrNothing
	}
	return line, nil
}

var longNumber = regexp.MustCompile(`\+?\d[\d .()-]{5,}\d`)

// masked is what is sent of somebody's words: short, and without numbers that
// may be telephones.
func masked(words string) string {
	words = longNumber.ReplaceAllString(words, "#")
	if r := []rune(words); len(r) > longestWords {
		words = string(r[:longestWords])
	}
	return words
}
