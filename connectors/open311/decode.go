package open311

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// shape names the elements of one sort of list.
type shape struct {
	wrappers []string // the root, which JSON drops by the book
	element  string   // one item
}

func requestShape() shape {
	return shape{[]string{"service_requests", "requests"}, "request"}
}

func serviceShape() shape { return shape{[]string{"services"}, "service"} }

func errorShape() shape { return shape{[]string{"errors"}, "error"} }

func updateShape() shape { return shape{[]string{"service_request_updates"}, "request_update"} }

// decode reads a reply in whichever of the two formats it is written: the
// content decides, not the media type.
func decode(body []byte) (node, error) {
	body, err := fromUTF16(body)
	if err != nil {
		return node{}, err
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	switch {
	case len(body) == 0:
		return node{}, errEmptyBody
	case body[0] == '<':
		return decodeXML(body)
	}
	return decodeJSON(body)
}

// saysNothing tells whether a reply holds not one word: no body, an empty list,
// an item without members.
func saysNothing(body []byte) bool {
	n, err := decode(body)
	if errors.Is(err, errEmptyBody) {
		return true
	}
	known := n.name == "" || n.name == requestShape().element || slices.Contains(requestShape().wrappers, n.name)
	return err == nil && known && len(n.words()) == 0
}

// listFrom returns the items of a list reply. Accepted are the list itself, the
// list in its wrapper, and one bare item. Anything else, a null or a page of
// HTML among them, is an error: it must not pass for an empty list.
func listFrom(n node, s shape) ([]node, error) {
	switch {
	case n.list:
		return checkItems(n.elements(s.element))
	case n.name != "" && slices.Contains(s.wrappers, n.name):
		if n.text != "" || len(n.fields) > 0 && !n.onlyHas(n.fields[0].name) {
			return nil, errWrongReply
		}
		return checkItems(n.fields) // whatever the one name of the children is
	case n.name == s.element:
		return checkItems([]node{n})
	case n.name != "" || len(n.fields) == 0:
		return nil, errWrongReply
	}
	return jsonItems(n, s)
}

// jsonItems finds the list in a JSON object: under its wrapper's name, as the
// only member, or the object is itself a bare item.
func jsonItems(n node, s shape) ([]node, error) {
	for _, w := range s.wrappers {
		if n.has(w) {
			if w != "errors" && len(n.texts("errors")) > 0 {
				return nil, errWrongReply
			}
			return checkItems(n.listOf(w, s.element))
		}
	}
	only := n.fields[0]
	switch {
	case len(n.fields) > 1:
		return checkItems([]node{n})
	case only.name == s.element:
		return checkItems(n.elements(s.element))
	case only.list && !strings.HasPrefix(only.name, "error"):
		return checkItems(only.elements(s.element))
	}
	return nil, errWrongReply
}

// checkItems refuses lists of anything but objects.
func checkItems(items []node) ([]node, error) {
	for _, i := range items {
		if len(i.fields) == 0 {
			return nil, errWrongReply
		}
	}
	return items, nil
}

// decodeList is decode and listFrom, with the sentinel.
func decodeList(body []byte, s shape) ([]node, error) {
	n, err := decode(body)
	if err == nil {
		var items []node
		if items, err = listFrom(n, s); err == nil {
			return items, nil
		}
	}
	return nil, malformed(err)
}

func malformed(err error) error {
	if errors.Is(err, connectors.ErrMalformed) {
		return err
	}
	return fmt.Errorf("%w: %w", connectors.ErrMalformed, err)
}

// decodeErrors returns the descriptions of a GeoReport error list; ok is false
// when the body is anything else.
func decodeErrors(body []byte) (descriptions []string, ok bool) {
	n, err := decode(body)
	if err != nil {
		return nil, false
	}
	items, err := listFrom(n, errorShape())
	if err != nil || len(items) == 0 {
		return nil, false
	}
	for _, i := range items {
		if !i.has("description") && !i.has("code") {
			return nil, false
		}
		descriptions = append(descriptions, i.label("description"))
	}
	return descriptions, true
}

// isError recognises an item of an error list among other items.
func isError(n node) bool {
	return n.has("description") && n.has("code") && !n.has("service_code") && !n.has("service_request_id") && !n.has("datatype")
}
