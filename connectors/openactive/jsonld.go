package openactive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// node is one JSON-LD object. Any property may be one value or a list, types
// and ids go with or without "@", numbers keep their text, and properties that
// nobody asks for are ignored.
type node map[string]any

// decode reads exactly one JSON value. encoding/json would replace bytes that
// are not UTF-8 in silence; they are refused here.
func decode(body []byte, into any) error {
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(body) {
		return fmt.Errorf("reply is not UTF-8: %w", connectors.ErrMalformed)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("reply is not the JSON expected: %w", connectors.ErrMalformed)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("reply goes on after its JSON: %w", connectors.ErrMalformed)
	}
	return nil
}

func decodeNode(body []byte) (node, error) {
	var n node
	if err := decode(body, &n); err != nil {
		return nil, err
	}
	if n == nil {
		return nil, fmt.Errorf("reply is null: %w", connectors.ErrMalformed)
	}
	return n, nil
}

// get returns a property by its name, or else by its name under a prefix of the
// two vocabularies or with their whole address.
func (n node) get(key string) any {
	if v := n[key]; v != nil || n == nil || key == "" || key[0] == '@' {
		return v
	}
	for _, prefix := range []string{"schema:", "oa:", "openactive:", "https://schema.org/", "http://schema.org/", "https://openactive.io/"} {
		if v := n[prefix+key]; v != nil {
			return v
		}
	}
	return nil
}

// values returns a property as a list, without nulls.
func (n node) values(key string) []any {
	switch v := n.get(key).(type) {
	case nil:
		return nil
	case []any:
		return slices.DeleteFunc(slices.Clone(v), func(e any) bool { return e == nil })
	default:
		return []any{v}
	}
}

// extension returns the key of the first of some local names that the object
// carries under any prefix: "waitingListLength" finds "ville:waitingListLength".
func (n node) extension(names []string) string {
	keys := slices.Sorted(maps.Keys(n))
	for _, name := range names {
		for _, key := range keys {
			if key[strings.LastIndex(key, ":")+1:] == name {
				return key
			}
		}
	}
	return ""
}

// raw returns the first text or number of a property, as written.
func (n node) raw(key string) string {
	for _, v := range n.values(key) {
		switch v := v.(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		case map[string]any:
			if s := node(v).raw("@value"); s != "" {
				return s
			}
		}
	}
	return ""
}

// text returns a property fit to show, at most limit characters.
func (n node) text(key string, limit int) string { return record.Text(n.raw(key), limit) }

// id returns the object's own identifier.
func (n node) id() string {
	if s := n.raw("@id"); s != "" {
		return s
	}
	return n.raw("id")
}

// types returns the local names of the object's types.
func (n node) types() []string {
	var types []string
	for _, key := range []string{"@type", "type"} {
		for _, v := range n.values(key) {
			if s, ok := v.(string); ok {
				types = append(types, localName(s))
			}
		}
	}
	return types
}

// typ returns the first type, "" when there is none.
func (n node) typ() string {
	if t := n.types(); len(t) > 0 {
		return t[0]
	}
	return ""
}

// children returns the objects of a property.
func (n node) children(key string) []node {
	var list []node
	for _, v := range n.values(key) {
		if m, ok := v.(map[string]any); ok {
			list = append(list, m)
		}
	}
	return list
}

// child returns the first object of a property; a nil node answers every
// question with nothing.
func (n node) child(key string) node {
	if list := n.children(key); len(list) > 0 {
		return list[0]
	}
	return nil
}

// ref returns what a property points to: a bare URI or the id of an object.
func (n node) ref(key string) string {
	if c := n.child(key); c != nil {
		return c.id()
	}
	return n.raw(key)
}

// refs returns everything that a property points to or says.
func (n node) refs(key string) []string {
	var list []string
	for _, v := range n.values(key) {
		switch v := v.(type) {
		case string:
			list = append(list, v)
		case map[string]any:
			for _, s := range []string{node(v).id(), node(v).raw("prefLabel"), node(v).raw("name")} {
				if s != "" {
					list = append(list, s)
				}
			}
		}
	}
	return list
}

// integer returns a whole number, nil when the property is absent or none.
func (n node) integer(key string) *int {
	i, err := strconv.ParseInt(wholeText(n.raw(key)), 10, 32)
	if err != nil {
		return nil
	}
	v := int(i)
	return &v
}

// wholeText drops the decimals of "12.0".
func wholeText(s string) string {
	whole, decimals, ok := strings.Cut(s, ".")
	if ok && strings.Trim(decimals, "0") == "" {
		return whole
	}
	return s
}

// truth returns a boolean, nil when the property is absent or none.
func (n node) truth(key string) *bool {
	for _, v := range n.values(key) {
		switch v := v.(type) {
		case bool:
			return &v
		case string:
			if b, err := strconv.ParseBool(v); err == nil {
				return &b
			}
		}
	}
	return nil
}

// degrees returns a coordinate, NaN when the property is absent or none.
func (n node) degrees(key string) float64 {
	f, err := strconv.ParseFloat(n.raw(key), 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// cents returns an exact amount of money from its text, nil when absent or
// when it is negative or no whole number of cents. It never goes through a float.
func (n node) cents(key string) *record.Cents {
	s := n.raw(key)
	if dot := strings.LastIndexByte(s, '.'); dot >= 0 {
		s = strings.TrimRight(s, "0")
		s = strings.TrimSuffix(s, ".")
	}
	c, err := record.ParseCents(s)
	if err != nil || c < 0 {
		return nil
	}
	return &c
}

// localName cuts a URI or a prefixed name down to its last part:
// "https://schema.org/EventCancelled" and "oa:EventCancelled" are
// "EventCancelled".
func localName(s string) string { return s[strings.LastIndexAny(s, "/#:")+1:] }

// sameThing compares two identifiers. A server that writes its own address as
// the request named it says "http://a/x" to one client and "http://b/x" to
// another: two addresses that differ in scheme, host and port only are one.
func sameThing(a, b string) bool { return a == b || tail(a) != "" && tail(a) == tail(b) }

// tail is an address without scheme, host and port; "" for anything else.
func tail(s string) string {
	_, rest, ok := strings.Cut(s, "://")
	slash := strings.IndexByte(rest, '/')
	if !ok || slash < 0 {
		return ""
	}
	return rest[slash:]
}
