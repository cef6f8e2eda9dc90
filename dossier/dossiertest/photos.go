package dossiertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// photo is one that a citizen adds at day with a form; the dossier looks into
// no picture.
func photo(citizen record.Citizen, key, picture string) dossier.NewPhoto {
	return dossier.NewPhoto{Citizen: citizen, Key: key, JPEG: []byte(picture), Thumbnail: []byte("small " + picture), Added: day()}
}

func (b *bench) addPhotos(ctx context.Context, photos ...dossier.NewPhoto) (ids []string, err error) {
	for _, p := range photos {
		id, err := b.AddPhoto(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("photo added: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// expectPhoto expects a picture and its thumbnail; "" is none.
func (b *bench) expectPhoto(ctx context.Context, citizen record.Citizen, id, want string) error {
	got, err1 := b.Picture(ctx, citizen, id)
	small, err2 := b.Thumbnail(ctx, citizen, id)
	if want == "" {
		if !errors.Is(err1, dossier.ErrNotFound) || !errors.Is(err2, dossier.ErrNotFound) || got != nil || small != nil {
			return fmt.Errorf("picture %w, thumbnail %w, want ErrNotFound and nothing", err1, err2)
		}
		return nil
	}
	return errors.Join(err1, err2, equal("picture", string(got), want), equal("thumbnail", string(small), "small "+want))
}

func (b *bench) expectPhotosOf(ctx context.Context, citizen record.Citizen, transaction string, want ...string) error {
	all, err := b.PhotosOf(ctx, citizen, transaction)
	if err != nil {
		return err
	}
	var got []string
	for _, p := range all {
		if p.Transaction != transaction || p.Bytes == 0 || p.Added.IsZero() {
			return fmt.Errorf("photo %+v of transaction %q", p, transaction)
		}
		got = append(got, p.ID)
	}
	return equal("photos of "+transaction, got, want)
}

// wrongIDs are tries to reach a file by its name.
func wrongIDs(id string) []string {
	return []string{"", ".", "..", "/", "../dossier.db", "../" + id, "./" + id, id + ".jpg", id + "\x00", strings.ToLower(id), id + "%", "%", strings.Repeat("A", 1<<16)}
}

func photosKept(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	ids, err := s.addPhotos(ctx, photo(p.anne, "form", "one"), photo(p.anne, "form", "two"), photo(p.anne, "other", "one"), photo(p.bruno, "form", "one"))
	if err != nil {
		return err
	}
	again, err := s.addPhotos(ctx, photo(p.anne, "form", "one"))
	if err := errors.Join(err, equal("the same again", again, ids[:1])); err != nil {
		return err
	}
	if err := errors.Join(s.AttachPhotos(ctx, p.anne, "t", ids[1], ids[0]), s.AttachPhotos(ctx, p.anne, "t", ids[1], ids[0])); err != nil {
		return err
	}
	for range 2 {
		if err := errors.Join(
			s.expectPhotosOf(ctx, p.anne, "t", ids[1], ids[0]), s.expectPhotosOf(ctx, p.anne, "", ids[2]), s.expectPhotosOf(ctx, p.bruno, "t"),
			s.expectPhoto(ctx, p.anne, ids[0], "one"), s.expectPhoto(ctx, p.anne, ids[1], "two"), s.expectPhoto(ctx, p.bruno, ids[3], "one"),
			s.expectPhoto(ctx, p.bruno, ids[0], ""), s.expectPhoto(ctx, p.anne, ids[3], ""), s.expectPhoto(ctx, "", ids[0], ""),
		); err != nil {
			return err
		}
		for _, wrong := range wrongIDs(ids[0]) {
			if err := s.expectPhoto(ctx, p.anne, wrong, ""); err != nil {
				return fmt.Errorf("id %.20q: %w", wrong, err)
			}
		}
		if err := s.reopen(); err != nil {
			return err
		}
	}
	for what, refused := range map[string]error{
		"a draft of another":         s.AttachPhotos(ctx, p.anne, "u", ids[2], ids[3]),
		"of another transaction":     s.AttachPhotos(ctx, p.anne, "u", ids[2], ids[0]),
		"dropped while attached":     s.DropPhoto(ctx, p.anne, ids[0]),
		"dropped by another":         s.DropPhoto(ctx, p.bruno, ids[2]),
		"a photo that is not there":  s.AttachPhotos(ctx, p.anne, "u", "else"),
		"a draft of somebody else's": s.AttachPhotos(ctx, "nobody", "u", ids[2]),
	} {
		if !errors.Is(refused, dossier.ErrNotFound) {
			return fmt.Errorf("%s: %w, want ErrNotFound", what, refused)
		}
	}
	return errors.Join(s.expectPhotosOf(ctx, p.anne, "u"), s.expectPhotosOf(ctx, p.anne, "", ids[2]))
}

func photosGo(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	late := photo(p.anne, "form", "late")
	late.Added = day().Add(time.Hour)
	ids, err := s.addPhotos(ctx, photo(p.anne, "form", "one"), photo(p.anne, "form", "two"), photo(p.anne, "form", "three"), late, photo(p.anne, "form", "draft"))
	if err != nil {
		return err
	}
	if err := errors.Join(s.AttachPhotos(ctx, p.anne, "t", ids[0]), s.AttachPhotos(ctx, p.anne, "u", ids[1]), s.DropPhoto(ctx, p.anne, ids[2])); err != nil {
		return err
	}
	n, err := s.DropPhotos(ctx, "t")
	none, err2 := s.DropPhotos(ctx, "") // drafts are nobody's to drop
	if err := errors.Join(err, err2, equal("dropped", []int{n, none}, []int{1, 0})); err != nil {
		return err
	}
	early, err1 := s.SweepPhotos(ctx, day().Add(dossier.PhotoDraftAge-1))
	swept, err2 := s.SweepPhotos(ctx, day().Add(dossier.PhotoDraftAge))
	return errors.Join(err1, err2, equal("swept early", early, dossier.Swept{}), equal("swept", swept, dossier.Swept{Drafts: 1}),
		s.expectPhoto(ctx, p.anne, ids[0], ""), s.expectPhoto(ctx, p.anne, ids[2], ""), s.expectPhoto(ctx, p.anne, ids[4], ""),
		s.expectPhoto(ctx, p.anne, ids[1], "two"), s.expectPhoto(ctx, p.anne, ids[3], "late"))
}

// photosEnd: the photos of what was done stay for PhotoAge, those of what was
// not for a day, and those of what is not settled for as long as that takes.
func photosEnd(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	ids, err := s.addPhotos(ctx, photo(p.anne, "done", "one"), photo(p.anne, "refused", "two"), photo(p.anne, "pending", "three"))
	if err != nil {
		return err
	}
	for i, key := range []string{"done", "refused", "pending"} {
		t := dossier.Transaction{Citizen: p.anne, Source: "requests", Action: record.Submit{}, Key: key, Accepted: day()}
		t, _, err := s.AcceptWithPhotos(ctx, t, ids[i])
		if err != nil {
			return err
		}
		if t.State = dossier.TransactionState(key); t.State != dossier.Pending {
			if err := s.Settle(ctx, dossier.Pending, t, day()); err != nil {
				return err
			}
		}
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{dossier.PhotoDraftAge - 1, 0}, {dossier.PhotoDraftAge, 1}, {dossier.PhotoAge - 1, 0}, {dossier.PhotoAge, 1}, {10 * dossier.PhotoAge, 0}} {
		swept, err := s.SweepPhotos(ctx, day().Add(step.after))
		if err := errors.Join(err, equal("ended", swept.Ended, step.want)); err != nil {
			return fmt.Errorf("after %s: %w", step.after, err)
		}
	}
	return errors.Join(s.expectPhoto(ctx, p.anne, ids[0], ""), s.expectPhoto(ctx, p.anne, ids[1], ""), s.expectPhoto(ctx, p.anne, ids[2], "three"))
}

func photosShared(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	ids, err := s.addPhotos(ctx, photo(p.anne, "form", "one"), photo(p.anne, "form", "two"))
	if err != nil {
		return err
	}
	token, second, end := strings.Repeat("T", 43), strings.Repeat("S", 43), day().Add(time.Hour)
	if err := errors.Join(s.SharePhoto(ctx, p.anne, ids[0], token, end), s.SharePhoto(ctx, p.anne, ids[0], token, end), s.reopen()); err != nil {
		return err
	}
	for what, refused := range map[string]error{
		"shared by another":   s.SharePhoto(ctx, p.bruno, ids[1], second, end),
		"shared, not there":   s.SharePhoto(ctx, p.anne, "else", second, end),
		"a short token":       s.SharePhoto(ctx, p.anne, ids[1], "short", end),
		"without end":         s.SharePhoto(ctx, p.anne, ids[1], second, time.Time{}),
		"the token of others": s.SharePhoto(ctx, p.anne, ids[1], token, end),
	} {
		if refused == nil {
			return fmt.Errorf("%s: accepted", what)
		}
	}
	got, err := s.SharedPhoto(ctx, token, end.Add(-1))
	if err := errors.Join(err, equal("shared picture", string(got), "one")); err != nil {
		return err
	}
	_, unknown := s.SharedPhoto(ctx, second, day())
	_, over := s.SharedPhoto(ctx, token, end)
	if !errors.Is(unknown, dossier.ErrNotFound) || fmt.Sprint(unknown) != fmt.Sprint(over) {
		return fmt.Errorf("unknown: %w; expired: %w; want the same ErrNotFound", unknown, over)
	}
	for _, wrong := range append(wrongIDs(token), ids...) {
		if file, err := s.SharedPhoto(ctx, wrong, day()); !errors.Is(err, dossier.ErrNotFound) || file != nil {
			return fmt.Errorf("token %.20q: %w", wrong, err)
		}
	}
	if err := errors.Join(s.SharePhoto(ctx, p.anne, ids[0], second, end), s.AttachPhotos(ctx, p.anne, "t", ids[0])); err != nil {
		return err
	}
	_, replaced := s.SharedPhoto(ctx, token, day())
	_, still := s.SharedPhoto(ctx, second, day())
	_, err = s.DropPhotos(ctx, "t")
	_, gone := s.SharedPhoto(ctx, second, day())
	if !errors.Is(replaced, dossier.ErrNotFound) || !errors.Is(gone, dossier.ErrNotFound) {
		return fmt.Errorf("replaced token: %w; dropped photo: %w", replaced, gone)
	}
	return errors.Join(still, err)
}

func photosLimits(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	blank, bare, timeless := photo(p.anne, "", "x"), photo(p.anne, "k", "x"), photo(p.anne, "k", "x")
	bare.Thumbnail, timeless.Added = nil, time.Time{}
	for what, tc := range map[string]struct {
		photo dossier.NewPhoto
		want  error
	}{
		"no key": {blank, dossier.ErrRefused}, "no picture": {photo(p.anne, "k", ""), dossier.ErrRefused}, "no thumbnail": {bare, dossier.ErrRefused},
		"no instant": {timeless, dossier.ErrRefused}, "unknown citizen": {photo("nobody", "k", "x"), dossier.ErrNotFound},
		"a day's bytes": {dossier.NewPhoto{Citizen: p.anne, Key: "k", JPEG: make([]byte, dossier.MaxPhotoBytes+1), Thumbnail: []byte("x"), Added: day()}, dossier.ErrTooManyPhotos},
	} {
		if id, err := s.AddPhoto(ctx, tc.photo); !errors.Is(err, tc.want) || id != "" {
			return fmt.Errorf("%s: %w, want %w", what, err, tc.want)
		}
	}
	// Many at once: the limit holds.
	var all sync.WaitGroup
	results := make([]error, dossier.MaxPhotoDrafts+8)
	for i := range results {
		all.Go(func() { _, results[i] = s.AddPhoto(ctx, photo(p.anne, "k", fmt.Sprint("picture ", i))) })
	}
	all.Wait()
	refused := 0
	for _, err := range results {
		if errors.Is(err, dossier.ErrTooManyPhotos) {
			refused++
		} else if err != nil {
			return err
		}
	}
	drafts, err := s.PhotosOf(ctx, p.anne, "")
	if err := errors.Join(err, equal("refused", refused, 8), equal("drafts", len(drafts), dossier.MaxPhotoDrafts)); err != nil {
		return err
	}
	var ids []string
	for _, d := range drafts {
		ids = append(ids, d.ID)
	}
	if err := s.AttachPhotos(ctx, p.anne, "t", ids[:dossier.MaxPhotos+1]...); !errors.Is(err, dossier.ErrTooManyPhotos) {
		return fmt.Errorf("one too many: %w", err)
	}
	if err := s.AttachPhotos(ctx, p.anne, "t", ids[:dossier.MaxPhotos]...); err != nil {
		return err
	}
	if err := s.AttachPhotos(ctx, p.anne, "t", ids[dossier.MaxPhotos]); !errors.Is(err, dossier.ErrTooManyPhotos) {
		return fmt.Errorf("one more: %w", err)
	}
	big := bytes.Repeat([]byte("x"), dossier.MaxPhotoBytes*3/4)
	next := dossier.NewPhoto{Citizen: p.anne, Key: "big", JPEG: big, Thumbnail: []byte("x"), Added: day()}
	_, first := s.AddPhoto(ctx, next)
	next.Key = "bigger"
	if _, err := s.AddPhoto(ctx, next); !errors.Is(err, dossier.ErrTooManyPhotos) {
		return fmt.Errorf("more bytes than a day's: %w", err)
	}
	next.Added = day().Add(24 * time.Hour)
	_, tomorrow := s.AddPhoto(ctx, next)
	return errors.Join(first, tomorrow)
}

// photosAccepted are the transaction's from the very step that stores it, or
// nothing is stored.
func photosAccepted(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	ids, err := s.addPhotos(ctx, photo(p.anne, "form", "one"), photo(p.bruno, "form", "two"))
	if err != nil {
		return err
	}
	t := dossier.Transaction{Citizen: p.anne, Source: "requests", Ref: record.NewRef("a"), Action: record.Message{}, Key: "form", Accepted: day()}
	if _, _, err := s.AcceptWithPhotos(ctx, t, ids...); !errors.Is(err, dossier.ErrNotFound) {
		return fmt.Errorf("with a photo of another: %w, want ErrNotFound", err)
	}
	none, err := s.Transactions(ctx, p.anne)
	if err := errors.Join(err, equal("stored", len(none), 0), s.expectPhotosOf(ctx, p.anne, "", ids[0])); err != nil {
		return err
	}
	stored, _, err1 := s.AcceptWithPhotos(ctx, t, ids[0])
	_, again, err2 := s.AcceptWithPhotos(ctx, t, ids[0])
	return errors.Join(err1, err2, equal("again", again, true), s.reopen(), s.expectPhotosOf(ctx, p.anne, stored.ID, ids[0]))
}
