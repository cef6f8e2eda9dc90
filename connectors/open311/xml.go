package open311

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// decodeXML reads a whole XML document, in UTF-8 or in the encoding that it
// declares. Attributes, namespaces and comments are ignored; entities beyond
// the five of XML itself are errors, so nothing can expand.
func decodeXML(body []byte) (node, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = charset.NewReaderLabel
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
