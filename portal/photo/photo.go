// Package photo makes a harmless picture of a file that somebody sent. What
// comes out is always a new JPEG drawn from the pixels: no byte of the file
// itself, so no position, no text, no program and no second file hidden in it
// goes further. Names and types that came with the file are never looked at.
//
// Memory is bounded for all photos together: each one's need is computed from
// its header, before its pixels are read, and waits for its turn.
//
// Colour profiles are dropped like everything else. Pixels are taken for sRGB:
// those of a wider space, as some telephones write, look a little duller.
package photo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"golang.org/x/sync/semaphore"
)

// Error is why a file did not become a photo: a closed set of words, so that
// the sender can be told.
type Error string

// The reasons.
const (
	// ErrTooLarge has more bytes than the limit.
	ErrTooLarge Error = "too_large"
	// ErrTooManyPixels has more pixels than the limit, or needs more memory than
	// there is for all photos.
	ErrTooManyPixels Error = "too_many_pixels"
	// ErrNotAPhoto is neither JPEG, PNG nor WebP, whatever its name says.
	ErrNotAPhoto Error = "not_a_photo"
	// ErrAnimated is a picture that moves.
	ErrAnimated Error = "animated"
	// ErrDamaged is an empty, cut or inconsistent file.
	ErrDamaged Error = "damaged"
)

// Errors returns all of them.
func Errors() []Error {
	return []Error{ErrTooLarge, ErrTooManyPixels, ErrNotAPhoto, ErrAnimated, ErrDamaged}
}

// Error implements error.
func (e Error) Error() string { return "photo " + string(e) }

// Limits bound what is accepted and what is made of it.
type Limits struct {
	// Bytes is the longest file.
	Bytes int64
	// Pixels is width times height at most.
	Pixels int64
	// Memory is the bytes that all photos being decoded may use together.
	Memory int64
	// Side and Thumbnail are the longest sides, in pixels, of what is made.
	Side, Thumbnail int
}

// DefaultLimits accepts what telephones take: 12 MiB and 40 megapixels, within
// 512 MiB of memory.
func DefaultLimits() Limits {
	return Limits{Bytes: 12 << 20, Pixels: 40_000_000, Memory: 512 << 20, Side: 2048, Thumbnail: 320}
}

// Photo is a cleaned picture, the right way up.
type Photo struct {
	// JPEG and Thumbnail are JPEG files without any metadata.
	JPEG, Thumbnail []byte
	// Width and Height are those of JPEG, in pixels.
	Width, Height int
}

// quality is that of our JPEG files, of 100.
const quality = 85

// Cleaner makes photos within its limits. It is safe for any number of
// goroutines, which share its memory.
type Cleaner struct {
	limits Limits
	memory *semaphore.Weighted
}

// NewCleaner makes a cleaner.
func NewCleaner(limits Limits) *Cleaner {
	return &Cleaner{limits: limits, memory: semaphore.NewWeighted(limits.Memory)}
}

// Clean reads a file and makes a photo of it. It reads at most one byte more
// than the limit. The error is an [Error], the context's, or that of reading.
func (c *Cleaner) Clean(ctx context.Context, r io.Reader) (Photo, error) {
	file, err := io.ReadAll(io.LimitReader(r, c.limits.Bytes+1))
	if err != nil {
		return Photo{}, fmt.Errorf("photo: reading: %w", err)
	}
	if int64(len(file)) > c.limits.Bytes {
		return Photo{}, ErrTooLarge
	}
	h, err := readHeader(file)
	if err != nil {
		return Photo{}, err
	}
	if int64(h.width)*int64(h.height) > c.limits.Pixels {
		return Photo{}, ErrTooManyPixels
	}
	need := h.memory + int64(8*c.limits.Side*c.limits.Side) // the picture that we draw, and it turned
	if need > c.limits.Memory {
		return Photo{}, ErrTooManyPixels
	}
	if err := c.memory.Acquire(ctx, need); err != nil {
		return Photo{}, fmt.Errorf("photo: waiting for memory: %w", err)
	}
	defer c.memory.Release(need)
	return c.draw(ctx, file, h)
}

// draw decodes the whole file and draws it anew, twice.
func (c *Cleaner) draw(ctx context.Context, file []byte, h header) (Photo, error) {
	decoded, err := h.decode(&reader{ctx: ctx, Reader: bytes.NewReader(file)})
	if ctx.Err() != nil {
		return Photo{}, fmt.Errorf("photo: %w", ctx.Err())
	}
	if err != nil {
		return Photo{}, ErrDamaged
	}
	if size := decoded.Bounds().Size(); size.X != h.width || size.Y != h.height {
		return Photo{}, ErrDamaged // the header told another size
	}
	picture, err := shrink(ctx, decoded, c.limits.Side)
	if err != nil {
		return Photo{}, err
	}
	picture = turn(picture, h.orientation)
	small, err := shrink(ctx, picture, c.limits.Thumbnail)
	if err != nil {
		return Photo{}, err
	}
	p := Photo{Width: picture.Rect.Dx(), Height: picture.Rect.Dy()}
	if p.JPEG, err = encode(picture); err == nil {
		p.Thumbnail, err = encode(small)
	}
	return p, err
}

func encode(picture image.Image) ([]byte, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("photo: encoding: %w", err)
	}
	return out.Bytes(), nil
}

// reader stops a decoder when the context ends.
type reader struct {
	ctx context.Context
	*bytes.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	const step = 64 << 10 // a look at the context now and then
	return r.Reader.Read(p[:min(len(p), step)])
}
