package dossiertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// draft is one that a citizen saves some time after day.
func draft(citizen record.Citizen, topic, content string, after time.Duration) dossier.Draft {
	return dossier.Draft{Citizen: citizen, Topic: topic, Title: "About " + topic, Content: []byte(content), Saved: day().Add(after)}
}

func draftsKept(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	first, second := draft(p.anne, "pothole", "one", 0), draft(p.anne, "lamp", "two", time.Minute)
	changed, others := draft(p.anne, "pothole", "three", time.Hour), draft(p.bruno, "pothole", "theirs", 0)
	for _, d := range []dossier.Draft{first, second, changed, others} {
		if err := s.SaveDraft(ctx, d); err != nil {
			return err
		}
	}
	if err := s.reopen(); err != nil {
		return err
	}
	end := changed.Expires()
	for _, step := range []struct {
		now  time.Time
		want []dossier.Draft
	}{{day(), []dossier.Draft{changed, second}}, {second.Expires(), []dossier.Draft{changed}}, {end.Add(-1), []dossier.Draft{changed}}, {end, nil}} {
		got, err := s.Drafts(ctx, p.anne, step.now)
		if err := errors.Join(err, equal("drafts", got, step.want)); err != nil {
			return err
		}
	}
	if err := errors.Join(s.DropDraft(ctx, p.bruno, "lamp"), s.DropDraft(ctx, p.anne, "pothole"), s.DropDraft(ctx, p.anne, "pothole")); err != nil {
		return err
	}
	mine, err1 := s.Drafts(ctx, p.anne, day())
	theirs, err2 := s.Drafts(ctx, p.bruno, day())
	early, err3 := s.SweepDrafts(ctx, others.Expires().Add(-1))
	swept, err4 := s.SweepDrafts(ctx, second.Expires())
	left, err5 := s.Drafts(ctx, p.anne, day())
	return errors.Join(err1, err2, err3, err4, err5, equal("mine", mine, []dossier.Draft{second}), equal("theirs", theirs, []dossier.Draft{others}),
		equal("swept", []int{early, swept}, []int{0, 2}), equal("left", len(left), 0))
}

func draftsLimits(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	timeless, long := draft(p.anne, "t", "x", 0), draft(p.anne, "t", "", 0)
	timeless.Saved, long.Content = time.Time{}, bytes.Repeat([]byte("x"), dossier.MaxDraftBytes+1)
	for what, tc := range map[string]struct {
		draft dossier.Draft
		want  error
	}{
		"no topic": {draft(p.anne, "", "x", 0), dossier.ErrRefused}, "no content": {draft(p.anne, "t", "", 0), dossier.ErrRefused},
		"no instant": {timeless, dossier.ErrRefused}, "too long": {long, dossier.ErrRefused}, "unknown citizen": {draft("nobody", "t", "x", 0), dossier.ErrNotFound},
	} {
		if err := s.SaveDraft(ctx, tc.draft); !errors.Is(err, tc.want) {
			return fmt.Errorf("%s: %w, want %w", what, err, tc.want)
		}
	}
	for i := range dossier.MaxDrafts {
		if err := s.SaveDraft(ctx, draft(p.anne, fmt.Sprint(i), "x", 0)); err != nil {
			return err
		}
	}
	if err := s.SaveDraft(ctx, draft(p.anne, "more", "x", 0)); !errors.Is(err, dossier.ErrTooManyDrafts) {
		return fmt.Errorf("one more: %w, want ErrTooManyDrafts", err)
	}
	return errors.Join(s.SaveDraft(ctx, draft(p.anne, "0", "again", 0)), s.SaveDraft(ctx, draft(p.bruno, "more", "x", 0)),
		s.SaveDraft(ctx, draft(p.anne, "more", "when the others expired", dossier.DraftAge)))
}
