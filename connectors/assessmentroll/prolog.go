package assessmentroll

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/semenligne/sem/connectors"
)

// prologSize is how far the XML declaration may reach, in bytes.
const prologSize = 1024

// document is a roll's text in UTF-8.
type document struct {
	r io.Reader
	// first is how many bytes come before the text: those of a byte-order mark.
	first int64
	// indexable tells that the text's bytes are those of the file, so that an
	// offset in one is an offset in the other.
	indexable bool
}

// openDocument looks at the byte-order mark and at the encoding that the XML
// declaration names, and returns the text.
func openDocument(r io.Reader) (document, error) {
	head := make([]byte, prologSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return document{}, err
	}
	head = head[:n]
	if utf16(head) {
		return document{}, fmt.Errorf("text in UTF-16 or UTF-32, wanted in UTF-8: %w", connectors.ErrMalformed)
	}
	text, marked := bytes.CutPrefix(head, []byte("\xEF\xBB\xBF"))
	d := document{first: int64(len(head) - len(text)), indexable: true}
	d.r = bytes.NewReader(text)
	if err == nil {
		d.r = io.MultiReader(d.r, r)
	}
	label, err := declared(text)
	if err != nil {
		return document{}, fmt.Errorf("XML declaration: %w", err)
	}
	switch strings.ToLower(label) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return d, nil
	case "windows-1252", "cp1252", "iso-8859-1", "latin1", "iso-8859-15":
		if marked {
			return document{}, fmt.Errorf("a UTF-8 mark before a declaration that says otherwise: %w", connectors.ErrMalformed)
		}
		encoding, _ := charset.Lookup(label)
		return document{r: encoding.NewDecoder().Reader(d.r)}, nil
	}
	return document{}, fmt.Errorf("an encoding that is none of UTF-8, windows-1252, ISO-8859-1, ISO-8859-15: %w", connectors.ErrMalformed)
}

// utf16 tells whether the first bytes are those of a wider encoding.
func utf16(head []byte) bool {
	for _, start := range []string{"\xFF\xFE", "\xFE\xFF", "\x00", "<\x00"} {
		if bytes.HasPrefix(head, []byte(start)) {
			return true
		}
	}
	return false
}

// declared returns the encoding that the XML declaration names, "" without
// one. The declaration itself must be in order: version 1.0, then encoding,
// then standalone (production 23, XMLDecl).
func declared(text []byte) (string, error) {
	body, ok := bytes.CutPrefix(text, []byte("<?xml"))
	if !ok || len(body) == 0 || !isSpace(body[0]) {
		return "", nil
	}
	end := bytes.Index(body, []byte("?>"))
	if end < 0 {
		return "", fmt.Errorf("without end: %w", connectors.ErrMalformed)
	}
	wanted := []string{"version", "encoding", "standalone"}
	values := map[string]string{}
	for body = body[:end]; ; {
		rest := bytes.TrimLeft(body, " \t\r\n")
		if len(rest) == 0 {
			break
		}
		name, value, after, err := attribute(rest)
		for len(wanted) > 0 && wanted[0] != string(name) {
			wanted = wanted[1:]
		}
		if err != nil || len(rest) == len(body) || len(wanted) == 0 {
			return "", fmt.Errorf("not in order: %w", connectors.ErrMalformed)
		}
		wanted = wanted[1:]
		values[string(name)] = string(value)
		body = after
	}
	standalone, given := values["standalone"]
	if values["version"] != "1.0" || given && standalone != "yes" && standalone != "no" {
		return "", fmt.Errorf("not of XML 1.0: %w", connectors.ErrMalformed)
	}
	return values["encoding"], nil
}
