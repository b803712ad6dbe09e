package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"
)

// medium is a stored file.
type medium struct {
	Media
	number *number
	until  time.Time
}

const (
	filePath     = "/lookaside/" // where files are downloaded
	keepUploaded = 30 * 24 * time.Hour
	keepReceived = 7 * 24 * time.Hour
	maxMedia     = 1000 // files kept, whatever their age
)

// mediaKinds are the types that Meta takes for each kind of message, and their
// largest size in bytes (cloudapi.md §2).
var mediaKinds = map[string]struct {
	size  int
	types []string
}{
	"image":   {5 << 20, []string{"image/jpeg", "image/png"}},
	"audio":   {16 << 20, []string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}},
	"video":   {16 << 20, []string{"video/mp4", "video/3gpp"}},
	"sticker": {500 << 10, []string{"image/webp"}},
	"document": {100 << 20, []string{
		"text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	}},
}

// mediaKind returns the kind of message that a media type belongs to, and the
// limit of its size; "" when Meta does not take it.
func mediaKind(mimeType string) (string, int) {
	for kind, k := range mediaKinds {
		for _, t := range k.types {
			if t == mimeType {
				return kind, k.size
			}
		}
	}
	return "", 0
}

// upload answers POST /{number}/media.
func (s *Server) upload(n *number, contentType string, body []byte) any {
	file, f := readForm(contentType, body)
	if f != nil {
		return f
	}
	if f := file.unfit(); f != nil {
		return f
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return object{"id": s.store(n, file, keepUploaded)}
}

// store keeps a file and returns its id; the caller holds s.mu.
func (s *Server) store(n *number, file Media, keep time.Duration) string {
	file.ID = itoa(int(100_000_000_000_000 + s.random.Int64N(900_000_000_000_000)))
	s.media[file.ID] = &medium{Media: file, number: n, until: s.options.Clock().Add(keep)}
	s.stored = append(s.stored, file.ID)
	if len(s.stored) > maxMedia {
		delete(s.media, s.stored[0])
		s.stored = s.stored[1:]
	}
	return file.ID
}

func readForm(contentType string, body []byte) (Media, *failure) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return Media{}, fail(100, "The request must be multipart/form-data")
	}
	var file Media
	fields := map[string]string{}
	for form := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Media{}, fail(100, "The form is damaged")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return Media{}, fail(100, "The form is damaged")
		}
		if part.FormName() == "file" {
			file = Media{MIME: part.Header.Get("Content-Type"), Filename: part.FileName(), Data: data}
			continue
		}
		fields[part.FormName()] = string(data)
	}
	switch {
	case fields["messaging_product"] != "whatsapp":
		return Media{}, fail(100, "The parameter messaging_product is required")
	case file.Data == nil:
		return Media{}, fail(100, "The parameter file is required")
	case fields["type"] != "" && fields["type"] != file.MIME:
		return Media{}, fail(100, "The parameter type does not match the type of the file")
	}
	return file, nil
}

// unfit returns why Meta does not take the file.
func (m Media) unfit() *failure {
	kind, limit := mediaKind(m.MIME)
	sniffed := http.DetectContentType(m.Data)
	switch {
	case kind == "":
		return fail(100, "Param file must be a file with one of the supported types; it is of type %s", m.MIME)
	case len(m.Data) == 0:
		return fail(131053, "The file is empty")
	case len(m.Data) > limit:
		return fail(131053, "The file has %d bytes; %s may have %d", len(m.Data), kind, limit)
	case kind == "image" && sniffed != m.MIME:
		return fail(131053, "The file is of type %s, not %s", sniffed, m.MIME)
	}
	return nil
}

// describeMedia answers GET /{media id}.
func (s *Server) describeMedia(r *http.Request, id string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.medium(id)
	asked := r.URL.Query().Get("phone_number_id")
	if m == nil || (asked != "" && asked != m.number.ID) {
		return missing(strings.ToLower(r.Method), id)
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	sum := sha256.Sum256(m.Data)
	return object{
		"messaging_product": "whatsapp", "id": id, "mime_type": m.MIME, "file_size": len(m.Data),
		"sha256": hex.EncodeToString(sum[:]), "url": scheme + r.Host + filePath + id,
	}
}

// medium returns a file that has not expired; the caller holds s.mu.
func (s *Server) medium(id string) *medium {
	m := s.media[id]
	if m == nil || !s.options.Clock().Before(m.until) {
		delete(s.media, id)
		return nil
	}
	return m
}

func (s *Server) deleteMedia(id string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.medium(id) == nil {
		return missing("delete", id)
	}
	delete(s.media, id)
	return object{"success": true}
}

// download is a file as an answer.
type download struct {
	mime string
	data []byte
}

func (s *Server) file(id string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.medium(id)
	if m == nil {
		return missing("get", id)
	}
	return download{m.MIME, m.Data}
}
