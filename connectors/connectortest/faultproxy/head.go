package faultproxy

import (
	"bytes"
	"regexp"
)

// head follows a reply to the end of its HTTP head. A reply of any other
// protocol has none.
type head struct {
	text []byte
	http bool
	done bool
}

// maxHead is more than any HTTP client accepts.
const maxHead = 1 << 20

// skip returns how many bytes at the start of this piece belong to the head.
func (h *head) skip(chunk []byte) int {
	if h.done {
		return 0
	}
	before := len(h.text)
	h.text = append(h.text, chunk...)
	const mark = "HTTP/"
	if n := min(len(mark), len(h.text)); string(h.text[:n]) != mark[:n] {
		h.done = true
		return 0
	}
	end := bytes.Index(h.text, []byte("\r\n\r\n"))
	if end < 0 {
		h.done = len(h.text) > maxHead
		return len(chunk)
	}
	h.http, h.done = true, true
	h.text = h.text[:end+4]
	return end + 4 - before
}

// endless is the head with a length that never comes.
func (h *head) endless() []byte {
	length := regexp.MustCompile(`(?i)\r\n(Content-Length|Transfer-Encoding):[^\r]*`)
	text := length.ReplaceAll(bytes.TrimSuffix(h.text, []byte("\r\n\r\n")), nil)
	return append(text, "\r\nContent-Length: 1099511627776\r\n\r\n"...)
}
