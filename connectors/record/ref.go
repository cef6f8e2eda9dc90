package record

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "[hidden]"

// Ref names one person, household or property in a source's own terms: a
// library card, a recreation account, a matricule. The zero Ref means nobody
// in particular: a record without owner belongs to the whole town.
//
// A Ref hides itself from logs, fmt and JSON, so that an error or a log line
// that carries one by accident publishes nothing. [Ref.Reveal] is the one way
// to read it, and easy to search for.
type Ref struct{ value string }

// NewRef makes a Ref of a source's own identifier.
func NewRef(value string) Ref { return Ref{value} }

// Reveal returns the identifier itself, for the source's own protocol.
func (r Ref) Reveal() string { return r.value }

// IsZero tells whether the Ref names nobody.
func (r Ref) IsZero() bool { return r.value == "" }

// String returns a placeholder, never the identifier.
func (r Ref) String() string { return hidden }

// Format prints the placeholder for every verb, %#v included.
func (r Ref) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hidden) }

// LogValue hides the identifier from log/slog.
func (r Ref) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the identifier from encoding/json and its kin. Stores and
// the command line write a Ref with [Ref.Reveal], on purpose.
func (r Ref) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Citizen is the portal's own name for a person who holds a dossier: a random
// identifier that is never a card number and means nothing to any source. It
// is a required argument of every read and write of personal data.
type Citizen string
