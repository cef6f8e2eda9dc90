package assessmentroll

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/semenligne/sem/connectors"
)

// event is what scanner.next met.
type event uint8

const (
	eventDone  event = iota // the root ended and nothing of weight follows
	eventStart              // an element started: see name
	eventEnd                // the innermost open element ended
	eventText               // character data inside the root: see text
)

const (
	bufferSize = 256 << 10
	// maxToken bounds one tag, comment or run of text, in bytes.
	maxToken = 1 << 20
	maxDepth = 64
)

// scanner splits an XML document in UTF-8 into elements and text, in bounded
// memory, and refuses whatever is not well-formed. It is several times faster
// than encoding/xml, which the tests hold it against. It knows no DTD, so the
// five entities of XML and character references are all there are. The slices
// it gives out are valid until the next call.
type scanner struct {
	name []byte
	text []byte
	at   int64 // where the event starts in the document

	r        io.Reader
	readErr  error
	buf      []byte
	pos, end int   // what is not used yet: buf[pos:end]
	base     int64 // where buf[0] is in the document
	first    int64 // where the document starts: after a byte-order mark

	open     []byte // names of the open elements, one after the other
	starts   []int  // where each of them starts in open
	begun    bool   // the root has started
	empty    bool   // the element that started was <name/>: its end comes next
	resolved []byte // scratch for text with entities
}

// newScanner scans r, whose first byte is at first in the document.
func newScanner(r io.Reader, first int64) *scanner {
	return &scanner{r: r, buf: make([]byte, bufferSize), base: first, first: first}
}

// errMore asks for more bytes and another try at the same token.
var errMore = errors.New("more bytes needed")

// fail makes an error of the place; what never holds text of the document.
func (s *scanner) fail(what string) error {
	return fmt.Errorf("byte %d: %s: %w", s.base+int64(s.pos), what, connectors.ErrMalformed)
}

// next returns the next event. After eventDone or an error it must not be
// called again.
func (s *scanner) next() (event, error) {
	for {
		s.skipSpace()
		s.at = s.base + int64(s.pos)
		e, skip, err := s.token()
		if err == nil && !skip {
			return e, nil
		}
		if err == errMore { //nolint:errorlint // our own, never wrapped, in the hottest loop
			err = s.fill()
		}
		if err != nil {
			return eventDone, err
		}
	}
}

// skipSpace passes over white space between tags, most of a roll, without an
// event. White space beside a comment or CDATA may be part of a text and stays.
func (s *scanner) skipSpace() {
	b := s.buf[s.pos:s.end]
	n := 0
	for n < len(b) && isSpace(b[n]) {
		n++
	}
	if n > 0 && n+1 < len(b) && b[n] == '<' && b[n+1] != '!' && !s.empty {
		s.pos += n
	}
}

// leaf takes the rest of the element that just started when it is nothing but
// plain text and an end tag, all in the buffer: the usual case, in one step. ok
// is false when next must do it.
func (s *scanner) leaf() (text []byte, ok bool) {
	if s.empty {
		return nil, false
	}
	b := s.buf[s.pos:s.end]
	n := 0
	for n < len(b) && classes[b[n]]&classText == 0 {
		n++
	}
	name := s.open[s.starts[len(s.starts)-1]:]
	used := n + 2 + len(name)
	if used >= len(b) || b[n] != '<' || b[n+1] != '/' || b[used] != '>' || !bytes.Equal(b[n+2:used], name) {
		return nil, false
	}
	s.pop()
	s.pos += used + 1
	return b[:n], true
}

// token takes one token of the buffer. skip is true for those that are no
// event.
func (s *scanner) token() (e event, skip bool, err error) {
	if s.empty {
		s.empty = false
		s.pop()
		return eventEnd, false, nil
	}
	b := s.buf[s.pos:s.end]
	if len(b) == 0 && s.readErr != nil && s.begun && s.depth() == 0 {
		return eventDone, false, nil
	}
	if len(b) == 0 || b[0] == '<' && len(b) == 1 {
		return 0, false, errMore
	}
	if b[0] != '<' {
		return s.characters(b)
	}
	switch b[1] {
	case '/':
		return eventEnd, false, s.endTag(b)
	case '!':
		return s.declaration(b)
	case '?':
		return 0, true, s.instruction(b)
	}
	return eventStart, false, s.startTag(b)
}

// fill reads on, keeping what is not used yet. It goes on until the buffer is
// full or the source ends, so that however thin the source drips, a token is
// tried few times. Asking for more than there is means that the document is cut.
func (s *scanner) fill() error {
	if s.readErr != nil {
		return s.fail("the document is cut")
	}
	copy(s.buf, s.buf[s.pos:s.end])
	s.base += int64(s.pos)
	s.end -= s.pos
	s.pos = 0
	if s.end == len(s.buf) {
		if s.end >= maxToken {
			return s.fail("a tag, comment or text is too long")
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for idle := 0; s.end < len(s.buf); {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.readErr = io.EOF
			return nil
		}
		if err != nil {
			return err
		}
		if idle++; n > 0 {
			idle = 0
		}
		if idle > 100 {
			return io.ErrNoProgress
		}
	}
	return nil
}

// characters takes text up to the next tag.
func (s *scanner) characters(b []byte) (event, bool, error) {
	n, entities, err := textRun(b)
	if err != nil {
		return 0, false, s.place(err)
	}
	if n == len(b) && (s.readErr == nil || s.depth() > 0) {
		return 0, false, errMore
	}
	if s.depth() == 0 {
		if len(bytes.TrimLeft(b[:n], " \t\r\n")) > 0 {
			return 0, false, s.fail("text outside the root element")
		}
		s.pos += n
		return 0, true, nil
	}
	s.text = b[:n]
	if entities {
		if s.resolved, err = resolve(s.resolved[:0], b[:n]); err != nil {
			return 0, false, s.place(err)
		}
		s.text = s.resolved
	}
	s.pos += n
	return eventText, false, nil
}

// depth is the number of open elements.
func (s *scanner) depth() int { return len(s.starts) }

// pop closes the innermost element.
func (s *scanner) pop() {
	last := len(s.starts) - 1
	s.open = s.open[:s.starts[last]]
	s.starts = s.starts[:last]
}

// place adds to what is wrong with a token where the token is; errMore stays.
func (s *scanner) place(err error) error {
	if wrong, ok := errors.AsType[inputError](err); ok {
		return s.fail(string(wrong))
	}
	return err
}
