package tabular

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/semenligne/sem/connectors"
)

// table reads rows of a CSV file strictly: every row as wide as the header,
// valid text, bounded rows.
type table struct {
	csv     *csv.Reader
	tail    *tail
	columns map[string]int // folded header name → position
	bounded *bounded
	last    LastLine
}

// headLength is how much of the file is looked at to find its header.
const headLength = 64 << 10

// newTable reads the header and finds the columns that settings name.
func newTable(file io.Reader, s Settings) (*table, error) {
	decoder, err := decoderOf(s.Charset)
	if err != nil {
		return nil, err
	}
	t := &table{tail: &tail{r: file}, last: s.LastLine}
	raw := bufio.NewReaderSize(t.tail, headLength)
	head, err := raw.Peek(headLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, t.readError(err)
	}
	if err := sane(head, decoder == nil); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte(bom)) {
		_, _ = raw.Discard(len(bom)) // peeked above
	}
	var text io.Reader = raw
	if decoder != nil {
		text = decoder.Reader(raw)
	}
	t.bounded = &bounded{r: text, limit: s.MaxRowLength + headLength}
	t.bounded.reset()
	decoded := bufio.NewReaderSize(t.bounded, headLength)
	if head, err = decoded.Peek(headLength); err != nil && !errors.Is(err, io.EOF) {
		return nil, t.readError(err)
	}
	comma, err := s.detect(head)
	if err != nil {
		return nil, err
	}
	t.csv = newReader(decoded, comma)
	t.csv.ReuseRecord = true
	header, _, err := t.next()
	if errors.Is(err, io.EOF) {
		return nil, malformed("file is empty")
	}
	if err != nil {
		return nil, err
	}
	t.columns, err = s.Columns.find(header)
	return t, err
}

const bom = "\xEF\xBB\xBF"

// sane refuses a file whose charset cannot be the configured one. Bytes beyond
// ASCII that are all valid UTF-8 are UTF-8: no name in windows-1252 looks so.
func sane(head []byte, utf8Expected bool) error {
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) || bytes.IndexByte(head, 0) >= 0 {
		return malformed("not text, or UTF-16: export as UTF-8")
	}
	if utf8Expected {
		return nil
	}
	beyond := bytes.ContainsFunc(head, func(r rune) bool { return r >= utf8.RuneSelf })
	if len(head) == headLength { // the last character may be cut
		head = head[:bytes.LastIndexFunc(head, func(r rune) bool { return r < utf8.RuneSelf })+1]
	}
	if beyond && utf8.Valid(head) {
		return malformed("the file is UTF-8: set charset: utf-8")
	}
	return nil
}

func newReader(r io.Reader, comma rune) *csv.Reader {
	c := csv.NewReader(r)
	c.Comma = comma
	return c
}

// detect returns the delimiter: the configured one, or the one under which the
// header has a column for the card number.
func (s *Settings) detect(head []byte) (rune, error) {
	if c := s.comma(); c != 0 {
		return c, nil
	}
	for _, comma := range []rune{';', ',', '\t', '|'} {
		header, err := newReader(bytes.NewReader(head), comma).Read()
		if err != nil {
			continue
		}
		for _, name := range header {
			if fold(name) == fold(s.Columns.Card) {
				return comma, nil
			}
		}
	}
	return 0, malformed("line 1: no column %q under any delimiter", s.Columns.Card)
}

// find returns where each configured column is.
func (c Columns) find(header []string) (map[string]int, error) {
	at := map[string]int{}
	for i, name := range header {
		if _, twice := at[fold(name)]; twice {
			at[fold(name)] = -1
			continue
		}
		at[fold(name)] = i
	}
	wanted := append([]string{c.Card}, c.Name...)
	for _, column := range []string{c.Expires, c.Born} {
		if column != "" {
			wanted = append(wanted, column)
		}
	}
	for _, column := range c.Links {
		wanted = append(wanted, column)
	}
	for _, name := range wanted {
		i, ok := at[fold(name)]
		if !ok {
			return nil, malformed("line 1: no column %q", name)
		}
		if i < 0 {
			return nil, malformed("line 1: column %q stands there twice", name)
		}
	}
	return at, nil
}

// fold makes header names comparable: case, spaces around and the way accents
// are composed do not matter.
func fold(name string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(name))) }

// next returns a row, valid until the next call, and the line it starts on. It
// returns io.EOF after the last row of a whole file.
func (t *table) next() ([]string, int, error) {
	t.bounded.reset()
	row, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		if t.last == LastLineEnded && t.tail.last != '\n' && t.tail.last != '\r' {
			return nil, 0, malformed("last line is not ended: the file may be cut")
		}
		return nil, 0, io.EOF
	}
	if err != nil {
		return nil, 0, t.readError(err)
	}
	line, _ := t.csv.FieldPos(0)
	for _, cell := range row {
		if !utf8.ValidString(cell) {
			return nil, 0, malformed("line %d: not UTF-8: set charset, most often windows-1252", line)
		}
		if strings.IndexByte(cell, 0) >= 0 {
			return nil, 0, malformed("line %d: a NUL character", line)
		}
	}
	return row, line, nil
}

// readError tells what stopped the reading, by line.
func (t *table) readError(err error) error {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, errRowTooLong):
		return malformed("a row is too long, or a quote never ends")
	case errors.As(err, &parse) && errors.Is(parse.Err, csv.ErrFieldCount):
		return malformed("line %d: not as many columns as the header", parse.StartLine)
	case errors.As(err, &parse):
		return malformed("line %d: a quote that is not closed, or stands alone", parse.StartLine)
	}
	return fmt.Errorf("tabular: file: %w", connectors.ErrUnavailable)
}

// decoderOf returns what turns a charset into UTF-8, nil for UTF-8 itself.
func decoderOf(charset string) (*encoding.Decoder, error) {
	switch strings.ToLower(charset) {
	case "utf-8", "utf8":
		return nil, nil
	case "windows-1252", "cp1252":
		return charmap.Windows1252.NewDecoder(), nil
	case "iso-8859-1", "latin1":
		return charmap.ISO8859_1.NewDecoder(), nil
	}
	return nil, fmt.Errorf("tabular: charset: %w", connectors.ErrRefused)
}

var errRowTooLong = errors.New("row too long")

// bounded gives out no more than limit bytes between two resets, so that a
// quote that never ends cannot fill memory.
type bounded struct {
	r           io.Reader
	limit, left int
}

func (b *bounded) reset() { b.left = b.limit }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// tail remembers the last byte read.
type tail struct {
	r    io.Reader
	last byte
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n > 0 {
		t.last = p[n-1]
	}
	return n, err
}
