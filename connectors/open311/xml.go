package open311

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
)

// decodeXML reads a whole XML document, in UTF-8 or in the encoding that it
// declares. Attributes, namespaces and comments are ignored; entities beyond
// the five of XML itself are errors, so nothing can expand.
func decodeXML(body []byte) (node, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return r, nil // fromUTF16 went before, or it never was: .NET says so of its strings
		}
		return charset.NewReaderLabel(label, r)
	}
	b := &budget{maxNodes}
	var root *node
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return *root, nil
		}
		if err != nil {
			return node{}, xmlError(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root != nil {
				return node{}, errTrailing
			}
			n, err := xmlElement(d, t, b, 0)
			if err != nil {
				return node{}, xmlError(err)
			}
			root = &n
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return node{}, errTrailing
			}
		}
	}
}

// fromUTF16 makes UTF-8 of a reply that begins with the byte order mark of
// UTF-16, the other encoding that every reader of XML must know.
func fromUTF16(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte("\xFF\xFE")) && !bytes.HasPrefix(body, []byte("\xFE\xFF")) {
		return body, nil
	}
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(text, '\uFFFD') {
		return nil, errNotUTF16
	}
	return text, nil
}

// xmlError drops the decoder's own text, which quotes the reply.
func xmlError(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("XML syntax at line %d", syntax.Line)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("XML cut short")
	case errors.Is(err, errTooDeep), errors.Is(err, errTooMany), errors.Is(err, errTrailing):
		return err
	}
	return errors.New("XML unreadable")
}

func xmlElement(d *xml.Decoder, start xml.StartElement, b *budget, depth int) (node, error) {
	if err := b.take(depth); err != nil {
		return node{}, err
	}
	n := node{name: start.Name.Local}
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return node{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := xmlElement(d, t, b, depth+1)
			if err != nil {
				return node{}, err
			}
			n.fields = append(n.fields, child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			n.text = strings.TrimSpace(text.String())
			return n, nil
		}
	}
}
