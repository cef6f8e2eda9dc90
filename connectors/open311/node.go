package open311

import (
	"errors"
	"strings"
	"unicode"
)

// node is a piece of a reply, the same whether it came as JSON or as XML. The
// dialects of the field mostly differ in ways that this form makes vanish:
// numbers and booleans are text, null and "" are the empty node, and a list of
// one is read like its bare item.
type node struct {
	// name is the XML element's own name; empty in JSON.
	name string
	// text is a scalar as written, trimmed.
	text string
	// fields are the members of an object, in order. A name may repeat: that is
	// how XML writes lists.
	fields []node
	// items are the elements of a JSON array.
	items []node
	list  bool
}

// Limits on what a reply may be made of. An honest reply is far below them.
const (
	maxDepth = 32
	maxNodes = 500_000
)

var (
	errTooDeep    = errors.New("nested too deeply")
	errTooMany    = errors.New("too many values")
	errConflict   = errors.New("a field given twice with different values")
	errNoCode     = errors.New("a number or code that cannot be one")
	errNotUTF8    = errors.New("not UTF-8")
	errNotUTF16   = errors.New("not the UTF-16 that it begins as")
	errEmptyBody  = errors.New("empty body")
	errTrailing   = errors.New("something after the end")
	errWrongReply = errors.New("not the expected GeoReport document")
)

// budget counts what a decoder makes, so that a small body cannot fill memory.
type budget struct{ left int }

func (b *budget) take(depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	if b.left--; b.left < 0 {
		return errTooMany
	}
	return nil
}

// all returns every member of that name.
func (n node) all(name string) []node {
	var found []node
	for _, f := range n.fields {
		if f.name == name {
			found = append(found, f)
		}
	}
	return found
}

func (n node) has(name string) bool { return len(n.all(name)) > 0 }

// empty tells whether the node says nothing: null, "", an empty element, an
// empty list or object.
func (n node) empty() bool {
	return n.text == "" && len(n.fields) == 0 && len(n.items) == 0
}

// words flattens a node into its texts, in order.
func (n node) words() []string {
	var out []string
	if n.text != "" {
		out = append(out, n.text)
	}
	for _, f := range n.fields {
		out = append(out, f.words()...)
	}
	for _, i := range n.items {
		out = append(out, i.words()...)
	}
	return out
}

// texts returns every text under the members of that name: one for a scalar,
// several for a list or an object of them.
func (n node) texts(name string) []string {
	var out []string
	for _, f := range n.all(name) {
		out = append(out, f.words()...)
	}
	return out
}

// scalar returns the one text of a member, as written: "" when it is absent,
// null or empty. Two different values, or something that is no scalar, make it
// errConflict: which of the two is meant is not ours to guess. What could not
// stand in an address or a line of text is errNoCode.
func (n node) scalar(name string) (string, error) {
	value := ""
	for _, f := range n.all(name) {
		words := f.words()
		switch {
		case len(words) == 0:
		case len(words) > 1 || len(f.fields) > 0, value != "" && value != words[0]:
			return "", errConflict
		default:
			value = words[0]
		}
	}
	if len(value) > maxLine || strings.ContainsFunc(value, unprintable) {
		return "", errNoCode
	}
	return value, nil
}

// unprintable finds control characters and those that turn the direction of
// writing.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// label is for fields that only get shown: everything they hold, on one line.
func (n node) label(name string) string { return strings.Join(n.texts(name), ", ") }

// listOf returns the elements of a list member: a JSON array, XML children of
// the given element name, or one bare object in its place.
func (n node) listOf(name, element string) []node {
	var out []node
	for _, f := range n.all(name) {
		out = append(out, f.elements(element)...)
	}
	return out
}

func (n node) elements(element string) []node {
	switch {
	case n.list:
		var out []node
		for _, i := range n.items {
			// A generic conversion from XML leaves [{"request":{…}}].
			if len(i.fields) == 1 && i.has(element) {
				out = append(out, i.elements(element)...)
				continue
			}
			out = append(out, i)
		}
		return out
	case n.has(element) && n.onlyHas(element):
		var out []node
		for _, f := range n.all(element) {
			switch {
			case f.list:
				out = append(out, f.items...)
			case !f.empty():
				out = append(out, f)
			}
		}
		return out
	case n.empty():
		return nil
	}
	return []node{n}
}

// onlyHas tells whether every member bears that name, as in an XML list.
func (n node) onlyHas(name string) bool {
	for _, f := range n.fields {
		if f.name != name {
			return false
		}
	}
	return true
}
