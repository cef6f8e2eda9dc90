package open311sim

import (
	"encoding/xml"
	"strings"
)

// writeXML writes a document with its root.
func writeXML(d document, dialect Dialect) []byte {
	w := xmlWriter{dialect: dialect}
	w.b.WriteString(xml.Header)
	w.element(d.root, d.value)
	return []byte(w.b.String())
}

type xmlWriter struct {
	b       strings.Builder
	dialect Dialect
}

func (w *xmlWriter) element(name string, value any) {
	if value == nil {
		if w.dialect.Absent != "omit" {
			w.b.WriteString("<" + name + "/>")
		}
		return
	}
	w.b.WriteString("<" + name)
	if _, ok := value.(list); ok && w.dialect.XMLAttributes {
		w.b.WriteString(` is_array="true"`)
	}
	w.b.WriteString(">")
	switch v := value.(type) {
	case text:
		w.text(string(v))
	case identifier:
		w.text(string(v))
	case number:
		w.text(string(v))
	case truth:
		w.text(map[truth]string{true: "true", false: "false"}[v])
	case list:
		for _, item := range v.items {
			w.element(v.element, item)
		}
	case object:
		for _, m := range v {
			w.element(m.name, m.value)
		}
	}
	w.b.WriteString("</" + name + ">")
}

func (w *xmlWriter) text(s string) {
	_ = xml.EscapeText(&w.b, []byte(s)) // a Builder never fails
	if w.dialect.TrailingSpaces {
		w.b.WriteString("  ")
	}
}
