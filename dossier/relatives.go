package dossier

import (
	"context"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Relative is somebody whose card the registry links to the same account of a
// family as the citizen's own: the same Ref in the same source. Nobody is a
// relative by a name or an address.
type Relative struct {
	Citizen record.Citizen
	Name    string
	Born    Born
	// File is the source whose family file has both.
	File string
}

// Joining puts a person into a dossier because a family file has both.
type Joining struct {
	Holder, Member record.Citizen
	// By is who asks for it, signed in. The holder, when an adult, may ask for a
	// child under 14; anybody else asks for themselves.
	By record.Citizen
	// File is the source of the family file.
	File string
	At   time.Time
}

// Relatives is who is in the same family file as a citizen.
type Relatives interface {
	// Relatives returns who is, in one of the sources named, in the same family
	// file as a citizen, by name. A Ref that more than 20 cards carry is a
	// placeholder, not a family. It tells names of others: show it to the citizen
	// only, and only when [Born.DecidesAlone], since separated parents may share
	// the file of a child and must not learn of each other by the child's card.
	Relatives(ctx context.Context, citizen record.Citizen, files []string) ([]Relative, error)
	// Join puts a relative into a dossier on the basis [ByFamily]; a member who is
	// there stays as they are. ErrRefused means that the file does not have both
	// or that By may not ask; ErrNotFound is an unknown citizen.
	Join(ctx context.Context, j Joining) error
}

// mayAsk tells whether By may ask for it, given when both were born.
func (j Joining) mayAsk(holder, member Born, zone *time.Location) bool {
	switch j.By {
	case j.Member:
		return member.DecidesAlone(j.At, zone)
	case j.Holder:
		return holder.Age(j.At, zone) == AgeAdult && member.Age(j.At, zone) == AgeChild
	}
	return false
}
