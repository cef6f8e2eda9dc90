package dossier

import (
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// ErrPhotoLost means that the dossier has a photo whose file is missing or is
// not what it was: restore it from the backup of the folder of photos.
var ErrPhotoLost = errors.New("dossier: file of a photo lost")

// ErrTooManyPhotos means that a limit of [Photos] is reached. Nothing was
// changed.
var ErrTooManyPhotos = errors.New("dossier: too many photos")

// The limits of photos.
const (
	// MaxPhotos is how many photos a transaction may have.
	MaxPhotos = 5
	// MaxPhotoDrafts is how many photos a citizen may have that belong to no
	// transaction.
	MaxPhotoDrafts = 20
	// MaxPhotoBytes is the bytes of photos that a citizen may add in 24 hours.
	MaxPhotoBytes = 100 << 20
	// PhotoDraftAge is how long a draft is kept, and how long the photos of a
	// transaction that was refused or dropped.
	PhotoDraftAge = 24 * time.Hour
	// PhotoAge is how long the photos of a transaction are kept after it was done:
	// the town has had the time to fetch them.
	PhotoAge = 90 * 24 * time.Hour
)

// NewPhoto is a photo to keep. The dossier looks into none of it: it is given
// what was made of a citizen's file, never the file.
type NewPhoto struct {
	Citizen record.Citizen
	// Key is the idempotency key of the form that it came with: the same picture
	// with the same key is the same photo.
	Key             string
	JPEG, Thumbnail []byte
	Added           time.Time
}

// Photo is a kept photo, without its picture.
type Photo struct {
	// ID is random and opens nothing by itself.
	ID string
	// Transaction owns it; empty is a draft.
	Transaction string
	// Bytes is the length of the picture.
	Bytes int
	Added time.Time
}

// Swept counts what [Photos.SweepPhotos] found.
type Swept struct {
	// Drafts expired and were dropped; Ended belonged to transactions that ended
	// long ago, and were dropped; Orphans are files without a photo, which were
	// removed; Lost are photos without their file, which stay and say so.
	Drafts, Ended, Orphans, Lost int
}

// Photos keeps the pictures that citizens attach to what they send. A picture
// is on the disk before its photo is in the dossier, and goes after it: a crash
// in between leaves a file without a photo, never the reverse. The files are
// never changed; a backup takes the dossier first and the folder after it.
type Photos interface {
	// AddPhoto keeps a draft of its citizen and returns its id. The same picture
	// of the same citizen and key is added once. ErrTooManyPhotos is
	// MaxPhotoDrafts or MaxPhotoBytes reached, ErrNotFound an unknown citizen,
	// ErrRefused a photo without key, picture, thumbnail or instant.
	AddPhoto(ctx context.Context, p NewPhoto) (id string, err error)
	// AttachPhotos gives drafts of a citizen to a transaction, in this order, all
	// or none. Photos that are the transaction's already stay so. ErrNotFound is
	// a photo that is not the citizen's or is another transaction's;
	// ErrTooManyPhotos is more than MaxPhotos.
	AttachPhotos(ctx context.Context, citizen record.Citizen, transaction string, ids ...string) error
	// PhotosOf returns the citizen's photos of a transaction in their order, or
	// the drafts, oldest first, when it is empty.
	PhotosOf(ctx context.Context, citizen record.Citizen, transaction string) ([]Photo, error)
	// Picture and Thumbnail return JPEG files of one of the citizen's photos.
	// ErrNotFound when it is not theirs, ErrPhotoLost when the file is gone.
	Picture(ctx context.Context, citizen record.Citizen, id string) ([]byte, error)
	Thumbnail(ctx context.Context, citizen record.Citizen, id string) ([]byte, error)
	// SharePhoto lets whoever knows the token see the picture until an instant,
	// but no longer than it is kept. The token has 256 random bits, in base64url,
	// and is kept as a hash only; an earlier one opens nothing any more.
	SharePhoto(ctx context.Context, citizen record.Citizen, id, token string, until time.Time) error
	// SharedPhoto returns the picture of a token. Unknown and expired are the same
	// ErrNotFound after the same work.
	SharedPhoto(ctx context.Context, token string, now time.Time) ([]byte, error)
	// DropPhoto removes a draft of the citizen; ErrNotFound when it is none.
	DropPhoto(ctx context.Context, citizen record.Citizen, id string) error
	// DropPhotos removes the photos of a transaction and counts them.
	DropPhotos(ctx context.Context, transaction string) (int, error)
	// SweepPhotos drops drafts older than PhotoDraftAge and the photos of
	// transactions that ended: refused or dropped for PhotoDraftAge, or done for
	// PhotoAge. It also puts right what a crash left. Files younger than an hour are left alone: another process may
	// be adding them.
	SweepPhotos(ctx context.Context, now time.Time) (Swept, error)
}
