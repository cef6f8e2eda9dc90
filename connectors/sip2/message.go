package sip2

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// field is one tagged field: a two-character id and its value.
type field struct{ id, value string }

// request is a message to the library system, and what its answer must be.
type request struct {
	code, fixed string
	fields      []field
	want        string // code of the answer
	// card and item are what the answer must repeat in AA and AB.
	card, item string
	// once marks a message that must never reach the system twice: a change, or
	// the check of a PIN.
	once bool
	// changes marks one of which must be read, should its answer not come, what
	// became of it.
	changes bool
}

// message is a reply, taken apart. Its text is for the person asked about only.
type message struct {
	code, fixed string
	fields      []field
}

// all returns every value of an id, in order, without spaces around.
func (m message) all(id string) []string {
	var values []string
	for _, f := range m.fields {
		if f.id == id {
			values = append(values, strings.TrimSpace(f.value))
		}
	}
	return values
}

// first returns the first value of an id that is not blank, or "".
func (m message) first(id string) string {
	for _, v := range m.all(id) {
		if v != "" {
			return v
		}
	}
	return ""
}

// only tells whether the id is there and each of its values is exactly v.
func (m message) only(id, v string) bool {
	values := m.all(id)
	for _, got := range values {
		if got != v {
			return false
		}
	}
	return len(values) > 0
}

// text joins the screen messages for staff (AF).
func (m message) text() string {
	return strings.Join(strings.Fields(strings.Join(m.all("AF"), " ")), " ")
}

// fixedWidth is the length of the part without ids that follows a code.
func fixedWidth(code string) (int, bool) {
	switch code {
	case "94":
		return 1, true
	case "98":
		return 34, true
	case "24", "26":
		return 35, true
	case "64":
		return 59, true
	case "18":
		return 24, true
	case "30":
		return 22, true
	case "16":
		return 20, true
	case "66":
		return 27, true
	case "36":
		return 19, true
	}
	return 0, false
}

// parseMessage takes apart a reply from which the trailer was removed.
func (s *Settings) parseMessage(body []byte) (message, error) {
	if len(body) < 2 {
		return message{}, malformed("reply without code")
	}
	m := message{code: string(body[:2])}
	width, known := fixedWidth(m.code)
	if !known {
		return message{}, malformed("reply of an unknown kind")
	}
	body = body[2:]
	if len(body) < width || !ascii(body[:width]) || bytes.IndexByte(body[:width], s.Delimiter[0]) >= 0 {
		return message{}, malformed("reply with a short fixed part")
	}
	m.fixed = string(body[:width])
	for _, raw := range splitFields(body[width:], s.Delimiter[0]) {
		value, err := s.Charset.decode(raw.value)
		if err != nil {
			return message{}, err
		}
		m.fields = append(m.fields, field{raw.id, strings.ReplaceAll(value, "&#124;", "|")})
	}
	return m, nil
}

// complete tells whether a message without trailer ends as one must: behind a
// delimiter, or with its fixed part, and without the remains of a trailer.
func (s *Settings) complete(body []byte) bool {
	if len(body) < 2 {
		return false
	}
	width, known := fixedWidth(string(body[:2]))
	tagged := body[min(2+width, len(body)):]
	if !known || len(tagged) > 0 && tagged[len(tagged)-1] != s.Delimiter[0] {
		return false
	}
	return !slices.ContainsFunc(splitFields(tagged, s.Delimiter[0]), func(f rawField) bool { return f.id == "AY" || f.id == "AZ" })
}

type rawField struct {
	id    string
	value []byte
}

// splitFields cuts the tagged part. Ids are the two characters that follow a
// delimiter; some servers omit it after the one-character flags BL and CQ, and
// some put line breaks between fields.
func splitFields(b []byte, delimiter byte) []rawField {
	var fields []rawField
	for {
		b = bytes.TrimLeft(b, "\r\n\x00")
		if len(b) < 2 {
			return fields
		}
		end := bytes.IndexByte(b, delimiter)
		if end < 0 {
			end = len(b)
		}
		if end < 2 { // no room for an id
			b = b[min(end+1, len(b)):]
			continue
		}
		id := string(b[:2])
		if (id == "BL" || id == "CQ") && end > 3 {
			fields = append(fields, rawField{id, b[2:3]})
			b = b[3:]
			continue
		}
		fields = append(fields, rawField{id, b[2:end]})
		b = b[min(end+1, len(b)):]
	}
}

func malformed(what string) error { return fmt.Errorf("%s: %w", what, connectors.ErrMalformed) }
