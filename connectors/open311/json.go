package open311

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// errLeadingZeros is the one fault of JSON that has a remedy: the printed
// specification itself shows "service_code":001.
var errLeadingZeros = errors.New("numbers with leading zeros are not JSON: set format to xml for this source")

var leadingZero = regexp.MustCompile(`[:\[,]\s*-?0[0-9]+\s*[,}\]]`)

// decodeJSON reads a whole JSON text. Numbers keep their digits; anything that
// strict JSON forbids, and invalid UTF-8, is an error.
func decodeJSON(body []byte) (node, error) {
	if !utf8.Valid(body) {
		return node{}, errNotUTF8
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	b := &budget{maxNodes}
	n, err := jsonValue(d, b, 0)
	if err != nil {
		if leadingZero.Match(body) {
			return node{}, errLeadingZeros
		}
		return node{}, jsonError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return node{}, errTrailing
	}
	return n, nil
}

// jsonError drops the decoder's own text, which quotes the reply.
func jsonError(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("JSON syntax at byte %d", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("JSON cut short")
	}
	return err
}

func jsonValue(d *json.Decoder, b *budget, depth int) (node, error) {
	if err := b.take(depth); err != nil {
		return node{}, err
	}
	token, err := d.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return jsonList(d, b, depth)
		}
		return jsonObject(d, b, depth)
	case string:
		return node{text: strings.TrimSpace(t)}, nil
	case json.Number:
		return node{text: t.String()}, nil
	case bool:
		return node{text: fmt.Sprint(t)}, nil
	}
	return node{}, nil // null
}

func jsonList(d *json.Decoder, b *budget, depth int) (node, error) {
	n := node{list: true}
	for d.More() {
		item, err := jsonValue(d, b, depth+1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := d.Token()
	return n, err
}

func jsonObject(d *json.Decoder, b *budget, depth int) (node, error) {
	var n node
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return node{}, err
		}
		name, ok := key.(string)
		if !ok {
			return node{}, errWrongReply
		}
		member, err := jsonValue(d, b, depth+1)
		if err != nil {
			return node{}, err
		}
		member.name = name
		n.fields = append(n.fields, member)
	}
	_, err := d.Token()
	return n, err
}
