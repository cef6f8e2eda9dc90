package dossier

import (
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// ErrTooManyDrafts means that the citizen has MaxDrafts of other topics.
// Nothing was changed.
var ErrTooManyDrafts = errors.New("dossier: too many drafts")

// The limits of drafts.
const (
	// MaxDrafts is how many drafts a citizen may have.
	MaxDrafts = 20
	// MaxDraftBytes is the longest content of one.
	MaxDraftBytes = 64 << 10
	// DraftAge is how long a draft is kept after it was last saved.
	DraftAge = 30 * 24 * time.Hour
)

// Draft is a form that a citizen began to fill in.
type Draft struct {
	Citizen record.Citizen
	// Topic says which form: a citizen has one draft a topic.
	Topic string
	// Title is what the citizen's list calls it.
	Title string
	// Content is the portal's own; the dossier looks into none of it.
	Content []byte
	Saved   time.Time
}

// Expires is when the draft is gone.
func (d Draft) Expires() time.Time { return d.Saved.Add(DraftAge) }

// Drafts keeps what citizens began to fill in, on whichever device.
type Drafts interface {
	// SaveDraft keeps a draft in the place of the one of the same topic.
	// ErrRefused is one without topic, content or instant, or longer than
	// MaxDraftBytes; ErrNotFound an unknown citizen.
	SaveDraft(ctx context.Context, d Draft) error
	// Drafts returns the citizen's drafts that did not expire, the latest first.
	Drafts(ctx context.Context, citizen record.Citizen, now time.Time) ([]Draft, error)
	// DropDraft removes the citizen's draft of a topic, if there is one.
	DropDraft(ctx context.Context, citizen record.Citizen, topic string) error
	// SweepDrafts removes every draft that expired and counts them.
	SweepDrafts(ctx context.Context, now time.Time) (int, error)
}
