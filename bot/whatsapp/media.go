package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
)

// documentTypes are the media types that Meta takes as documents (cloudapi.md
// §2); CSV is none of them.
var documentTypes = map[string]bool{
	"text/plain":                    true,
	"application/pdf":               true,
	"application/msword":            true,
	"application/vnd.ms-excel":      true,
	"application/vnd.ms-powerpoint": true,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   true,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         true,
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": true,
}

// CheckMedia reports whether a file of this media type and size in bytes can
// be uploaded: JPEG and PNG up to 5 MB, documents up to 100 MB.
func CheckMedia(mime string, size int) error {
	limit := 0
	switch {
	case mime == "image/jpeg" || mime == "image/png":
		limit = Limits().ImageBytes
	case documentTypes[mime]:
		limit = Limits().DocumentBytes
	default:
		return fmt.Errorf("media type %q cannot be uploaded", mime)
	}
	if size < 1 || size > limit {
		return fmt.Errorf("%s has %d bytes, must be 1 to %d", mime, size, limit)
	}
	return nil
}

// Upload stores a file at Meta for 30 days and returns its media id. It has no
// other effect, so it may be repeated whatever the outcome.
func (c *Client) Upload(ctx context.Context, mime, filename string, data []byte) (string, error) {
	const op = "upload"
	if err := CheckMedia(mime, len(data)); err != nil {
		return "", refused(op, err)
	}
	head, tail, boundary, err := frame(mime, filename)
	if err != nil {
		return "", refused(op, err)
	}
	var answer struct {
		ID string `json:"id"`
	}
	err = c.do(ctx, call{
		op: op, method: http.MethodPost, path: c.config.PhoneNumberID + "/media", mime: boundary,
		body: func() io.Reader {
			return io.MultiReader(bytes.NewReader(head), bytes.NewReader(data), bytes.NewReader(tail))
		},
		size: int64(len(head) + len(data) + len(tail)), timeout: c.config.UploadTimeout,
	}, &answer)
	if err == nil && answer.ID == "" {
		return "", unreadable(op, 200, errors.New("the answer names no media"))
	}
	return answer.ID, err
}

// frame returns what stands before and after the file in a multipart body, and
// the body's media type.
func frame(mime, filename string) (head, tail []byte, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	err = errors.Join(w.WriteField("messaging_product", "whatsapp"), w.WriteField("type", mime))
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename="%s"`, quoted(filename)))
	header.Set("Content-Type", mime)
	if _, partErr := w.CreatePart(header); partErr != nil {
		return nil, nil, "", errors.Join(err, partErr)
	}
	split := b.Len()
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, nil, "", err
	}
	return b.Bytes()[:split], b.Bytes()[split:], w.FormDataContentType(), nil
}

// quoted makes a file name fit between quotes in a header.
func quoted(name string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", " ").Replace(name)
}
