package open311sim

import (
	"encoding/json"
	"regexp"
	"strings"
)

var digits = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

// writeJSON writes a document by the Spark convention: without its root.
func writeJSON(d document, dialect Dialect) []byte {
	w := jsonWriter{dialect: dialect}
	value := d.value
	if l, ok := value.(list); ok && dialect.FromXML {
		value = object{{l.element, l.bare()}}
	}
	if dialect.KeepWrapper || dialect.FromXML {
		value = object{{d.root, value}}
	}
	w.value(value)
	return []byte(w.b.String())
}

type jsonWriter struct {
	b       strings.Builder
	dialect Dialect
}

// bare is the list, or its only item in its place.
func (l list) bare() any {
	if len(l.items) == 1 {
		return l.items[0]
	}
	return list{items: l.items}
}

func (w *jsonWriter) value(v any) {
	switch v := v.(type) {
	case nil:
		w.raw(map[bool]string{true: `""`, false: "null"}[w.dialect.Absent == "empty"])
	case text:
		w.quote(w.dress(string(v)))
	case identifier:
		w.identifier(string(v))
	case number:
		if w.dialect.TextPositions {
			w.quote(string(v))
			return
		}
		w.raw(string(v))
	case truth:
		word := map[truth]string{true: "true", false: "false"}[v]
		if w.dialect.StringBooleans {
			word = `"` + word + `"`
		}
		w.raw(word)
	case list:
		w.list(v)
	case object:
		w.object(v)
	}
}

func (w *jsonWriter) identifier(v string) {
	switch {
	case w.dialect.LeadingZeros && digits.MatchString(strings.TrimLeft(v, "0")):
		w.raw(v)
	case w.dialect.NumericIDs && digits.MatchString(v):
		w.raw(v)
	default:
		w.quote(w.dress(v))
	}
}

func (w *jsonWriter) dress(v string) string {
	if w.dialect.TrailingSpaces {
		return v + "  "
	}
	return v
}

func (w *jsonWriter) list(l list) {
	if w.dialect.BareSingle && len(l.items) == 1 {
		w.value(l.items[0])
		return
	}
	w.raw("[")
	for i, item := range l.items {
		if i > 0 {
			w.raw(",")
		}
		w.value(item)
	}
	w.raw("]")
}

func (w *jsonWriter) object(o object) {
	w.raw("{")
	first := true
	for _, m := range o {
		if m.value == nil && w.dialect.Absent == "omit" {
			continue
		}
		if !first {
			w.raw(",")
		}
		first = false
		w.quote(m.name)
		w.raw(":")
		if l, ok := m.value.(list); ok && l.element != "" && w.dialect.FromXML {
			w.value(object{{l.element, l.bare()}})
			continue
		}
		w.value(m.value)
	}
	w.raw("}")
}

func (w *jsonWriter) raw(s string) { w.b.WriteString(s) }

func (w *jsonWriter) quote(s string) {
	data, _ := json.Marshal(s) // a string always can
	w.b.Write(data)
}
