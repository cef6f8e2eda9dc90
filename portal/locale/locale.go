// Package locale holds every word that citizens see, in French and in English,
// and writes dates, hours and money as people do here.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

//go:embed fr.json en.json
var files embed.FS

// The languages, closed. French comes first everywhere.
const (
	French  = "fr"
	English = "en"
)

// Words is one language's texts and habits, in one time zone.
type Words struct {
	// Lang is French or English, Tag its BCP 47 form for the lang attribute.
	Lang, Tag string
	zone      *time.Location
	text      map[string]string
}

// Load reads the texts of a language.
func Load(lang string, zone *time.Location) (*Words, error) {
	data, err := files.ReadFile(lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("locale: %w", err)
	}
	w := &Words{Lang: lang, Tag: lang + "-CA", zone: zone}
	if err := json.Unmarshal(data, &w.text); err != nil {
		return nil, fmt.Errorf("locale %s: %w", lang, err)
	}
	return w, nil
}

// T returns the text of a key, with each {name} replaced: T("greeting",
// "name", "Maude"). A key that does not exist comes back in brackets; a test
// proves that none is asked for.
func (w *Words) T(key string, pairs ...string) string {
	text, ok := w.text[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if len(pairs) == 0 {
		return text
	}
	braced := make([]string, len(pairs))
	for i, p := range pairs {
		if braced[i] = p; i%2 == 0 {
			braced[i] = "{" + p + "}"
		}
	}
	return strings.NewReplacer(braced...).Replace(text)
}

// Has tells whether a key exists, for texts that depend on a code of a source.
func (w *Words) Has(key string) bool {
	_, ok := w.text[key]
	return ok
}

// N returns the text of key.one or key.other with {n} replaced by the number.
// French counts 0 and 1 as one; English only 1.
func (w *Words) N(key string, n int, pairs ...string) string {
	form := ".other"
	if n == 1 || n == 0 && w.Lang == French {
		form = ".one"
	}
	return w.T(key+form, append(pairs, "n", w.Number(int64(n)))...)
}
