package connectors

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "<secret>"

// Secret is a password or key of a source. In the configuration it is the path
// of a file (the setting's name ends in _file) or ${VARIABLE}; configs reads
// it. It prints itself as <secret> everywhere.
type Secret struct{ value string }

// NewSecret makes a Secret.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the secret itself, for the wire.
func (s Secret) Reveal() string { return s.value }

// IsZero tells whether no secret is set.
func (s Secret) IsZero() bool { return s.value == "" }

// String returns a placeholder.
func (s Secret) String() string { return hidden }

// Format prints the placeholder for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides the secret from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
