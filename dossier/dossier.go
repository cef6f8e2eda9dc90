package dossier

import (
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// ErrNotFound means that there is no such citizen, card, credential, member,
// consent or calendar.
var ErrNotFound = errors.New("not found in the dossier")

// Link says under which Ref a source knows a citizen. A citizen may have
// several links to one source, for instance one a property.
type Link struct {
	Source string
	Ref    record.Ref
}

// Profile is what the portal needs to greet a citizen.
type Profile struct {
	Name string
	// Born decides what the person may decide alone; see [Born.Age].
	Born    Born
	Choices Choices
	// LastVisit is the sign-in before the present one; zero is none.
	LastVisit time.Time
}

// Choices are the citizen's own settings; empty values are the defaults.
type Choices struct {
	Language string `json:"language,omitempty"`  // "fr" or "en"
	TextSize int    `json:"text_size,omitempty"` // per cent: 100, 125, 150 or 200
	Contrast string `json:"contrast,omitempty"`  // "more" or ""
	Font     string `json:"font,omitempty"`      // "dyslexia" or ""
	// ReducedData asks for pages without images, maps and fonts of our own.
	ReducedData bool `json:"reduced_data,omitempty"`
}

// Citizens is who holds a dossier.
type Citizens interface {
	// ByCard returns the citizen of a valid card number, or ErrNotFound.
	ByCard(ctx context.Context, card string) (record.Citizen, error)
	Profile(ctx context.Context, citizen record.Citizen) (Profile, error)
	SaveChoices(ctx context.Context, citizen record.Citizen, choices Choices) error
	// Seen notes that the citizen signed in at an instant.
	Seen(ctx context.Context, citizen record.Citizen, at time.Time) error
	// Active returns the citizens seen since an instant.
	Active(ctx context.Context, since time.Time) ([]record.Citizen, error)
}

// Imported counts what a card registry changed.
type Imported struct{ Added, Changed, Closed int }

// Links is how sources know citizens.
type Links interface {
	// ImportCards takes the whole card registry in one transaction: new cards
	// get a dossier, known ones their new name, birth date and links, and cards that are no
	// longer there cannot sign in any more; their dossier stays.
	ImportCards(ctx context.Context, cards []record.Card) (Imported, error)
	Links(ctx context.Context, citizen record.Citizen) ([]Link, error)
	// Owners returns, for one source, which citizens each Ref belongs to.
	Owners(ctx context.Context, source string) (map[record.Ref][]record.Citizen, error)
}

// Credentials is how citizens sign in. The dossier keeps the encoded hash and
// knows nothing about how it is made.
type Credentials interface {
	// Credential returns the encoded hash of the citizen's PIN, or ErrNotFound.
	Credential(ctx context.Context, citizen record.Citizen) (string, error)
	SetCredential(ctx context.Context, citizen record.Citizen, encoded string) error
}

// Attempts remembers failed sign-ins across restarts. A key is a keyed hash
// made by the caller, never a card or an address in clear.
type Attempts interface {
	AddFailure(ctx context.Context, key string, at time.Time) error
	// Failures returns the instants of the key's failures since an instant,
	// oldest first.
	Failures(ctx context.Context, key string, since time.Time) ([]time.Time, error)
	ClearFailures(ctx context.Context, key string) error
	// PurgeFailures drops those before an instant.
	PurgeFailures(ctx context.Context, before time.Time) error
}

// Sessions keeps signed-in sessions, by hashed token (alexedwards/scs CtxStore).
type Sessions interface {
	FindCtx(ctx context.Context, token string) (data []byte, found bool, err error)
	CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error
	DeleteCtx(ctx context.Context, token string) error
	PurgeSessions(ctx context.Context, now time.Time) error
}

// SignIn is what signing in needs.
type SignIn interface {
	Credentials
	Attempts
	Sessions
}

// Counter is what citizens send to the town, and what they wait for.
type Counter interface {
	Outbox
	Reports
	WaitingRoom
	Turns
}

// Reports is what reporting a problem needs beside the outbox.
type Reports interface {
	Photos
	Drafts
}

// Store is a whole dossier; dossiertest holds every store to it.
type Store interface {
	Citizens
	Links
	SignIn
	Households
	Consents
	Calendars
	Counter
	// Ping proves that the store answers and that its schema is current.
	Ping(ctx context.Context) error
	Close() error
}
