package dossier

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// MaxCalendars is how many calendars a citizen may have that are not revoked.
const MaxCalendars = 20

// Calendar is one private subscription, opened by whoever knows its token.
type Calendar struct {
	// ID names the calendar on the owner's page; it opens nothing.
	ID    string
	Owner record.Citizen
	// Person is whose calendar it is, the owner or a member; empty is the whole
	// household.
	Person record.Citizen
	// Wording is what the owner agreed to, as it was shown, and Language the one
	// it was shown in.
	Wording, Language string
	// Collections asks for the collection days at the owner's address too.
	Collections bool
	Created     time.Time
	// LastUsed is exact to the hour; zero is never.
	LastUsed time.Time
	Revoked  time.Time
	// Ends is the owner's 14th birthday when the owner was a child at Created:
	// a parent who knows the token must not follow a teenager with it. Zero is
	// never.
	Ends time.Time
}

// Calendars is the private calendar subscriptions. What a calendar holds is
// decided anew by [Authorize], as its owner, at each reading.
type Calendars interface {
	// CreateCalendar makes a calendar of c's Owner, Person, Wording, Language,
	// Collections and Created, and returns its token: 256 random bits, told this once and
	// kept as a hash only. ErrNotFound is an unknown owner, or a person who is
	// neither the owner nor a member; ErrRefused is no wording, or
	// MaxCalendars reached.
	CreateCalendar(ctx context.Context, c Calendar) (token string, err error)
	// Calendars returns the owner's calendars, revoked ones too, newest first.
	Calendars(ctx context.Context, owner record.Citizen) ([]Calendar, error)
	// RevokeCalendar ends one of the owner's calendars for good; ErrNotFound
	// means that the owner has none of this id.
	RevokeCalendar(ctx context.Context, owner record.Citizen, id string, at time.Time) error
	// FindCalendar returns the calendar of a token and notes its use. An
	// unknown token, a revoked or ended calendar, and an owner whose card is
	// not valid any more are the same ErrNotFound after the same work.
	FindCalendar(ctx context.Context, token string, now time.Time) (Calendar, error)
}

// tokenLength is that of 256 bits in unpadded base64url.
const tokenLength = 43

func newToken() string {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(bits[:])
}

// tokenHash returns what is kept of a token. What cannot be a token costs the
// same and is no hash of any.
func tokenHash(token string) [sha256.Size]byte {
	if len(token) != tokenLength {
		token = string(make([]byte, tokenLength))
	}
	return sha256.Sum256([]byte(token))
}
