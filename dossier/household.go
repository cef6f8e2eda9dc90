package dossier

import (
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// ErrRefused means that the rules of households, consents, calendars or the
// outbox do not allow what was asked, such as parental consent for somebody who is 14.
var ErrRefused = errors.New("refused by the dossier's rules")

// MemberBasis is how it was shown that a person belongs to a household.
type MemberBasis string

// The bases, closed.
const (
	ByCard   MemberBasis = "card"   // the person's own card and PIN, at the portal
	ByFamily MemberBasis = "family" // the recreation system's family file; see [Joining]
)

// Household is a citizen's dossier with the persons in it and what each lets
// the holder see: all that [Authorize] needs, read at one instant.
type Household struct {
	Holder  record.Citizen
	Members []Member // oldest membership first
}

// Member is one person in another's dossier. Being there shows nothing of the
// person but the name.
type Member struct {
	Citizen record.Citizen
	Name    string
	Born    Born
	Basis   MemberBasis
	Since   time.Time
	// FileGone tells that the basis is [ByFamily] and that the family file does
	// not have both any more: parental consent rests for as long.
	FileGone bool
	// Grants are those to the holder that nobody withdrew or replaced. Whether
	// one holds now is for [Authorize] to say.
	Grants []Grant
}

// Holder is somebody in whose dossier a person is.
type Holder struct {
	Citizen record.Citizen
	Name    string
	Since   time.Time
}

// Households is who is in whose dossier. Two dossiers may hold the same person;
// neither learns of the other.
type Households interface {
	Relatives
	// Household returns the holder's household; whoever has none gets one
	// without members.
	Household(ctx context.Context, holder record.Citizen) (Household, error)
	// Holders returns in whose dossiers a person is. Show it to that person
	// only, and only when [Born.DecidesAlone]: a parent may hold the child's
	// card, and must not learn of the other parent by it.
	Holders(ctx context.Context, member record.Citizen) ([]Holder, error)
	// AddMember puts a person into the holder's dossier on the basis [ByCard]. A
	// member who is there stays, and needs no family file any more. ErrNotFound is
	// an unknown citizen; ErrRefused the holder's own self.
	AddMember(ctx context.Context, holder, member record.Citizen, at time.Time) error
	// RemoveMember takes a person out of the holder's dossier, whichever of the
	// two asked. It withdraws the person's consents to the holder and revokes
	// the holder's calendars of the person: who comes back begins anew.
	// ErrNotFound means that the person was not there.
	RemoveMember(ctx context.Context, holder, member record.Citizen, at time.Time) error
}

// Dataset is one part of a person's data with its own switch.
type Dataset string

// The datasets, closed.
const (
	Loans    Dataset = "loans"    // loans and their due dates, holds, fees, blocks
	Schedule Dataset = "schedule" // registrations, activities and appointments
	Requests Dataset = "requests" // requests to the town
)

// Datasets returns every dataset.
func Datasets() []Dataset { return []Dataset{Loans, Schedule, Requests} }

// GrantBasis is by which right a consent was given.
type GrantBasis string

// The bases, closed.
const (
	Own      GrantBasis = "own"      // by the person, signed in
	Parental GrantBasis = "parental" // by the viewer, for a child under 14
)

// Grant is one consent: that a viewer sees one dataset of a person.
type Grant struct {
	Person, Viewer record.Citizen
	Dataset        Dataset
	Basis          GrantBasis
	// Wording is the text that was agreed to, as it was shown, and Language the
	// one it was shown in.
	Wording, Language string
	At                time.Time
	// Until is the agreed end; zero is none.
	Until time.Time
	// WithdrawnAt is when the consent was taken back, or replaced by a later
	// one; zero is neither.
	WithdrawnAt time.Time
}

// Consents is the ledger of who agreed that who sees what. Nothing is ever
// removed from it.
type Consents interface {
	// GiveConsent adds a grant and withdraws the one that it replaces, so that
	// there is one live grant a person, viewer and dataset. ErrNotFound means
	// that the person is not in the viewer's dossier. ErrRefused means that
	// the age at g.At does not allow the basis, or that the grant lacks
	// something.
	GiveConsent(ctx context.Context, g Grant) error
	// WithdrawConsent ends the live grant; ErrNotFound means that there is none.
	WithdrawConsent(ctx context.Context, person, viewer record.Citizen, dataset Dataset, at time.Time) error
	// ConsentsAbout returns every grant about a person, oldest first. Show it as
	// Holders.
	ConsentsAbout(ctx context.Context, person record.Citizen) ([]Grant, error)
	// ConsentsTo returns every grant to a viewer, oldest first.
	ConsentsTo(ctx context.Context, viewer record.Citizen) ([]Grant, error)
}
