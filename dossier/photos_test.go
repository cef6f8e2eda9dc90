package dossier_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// TestPhotoFiles: a crash leaves files that are swept; a loss is told; nothing
// leads out of the folder.
func TestPhotoFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, err := open(filepath.Join(folder, "dossier.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.ImportCards(t.Context(), []record.Card{{Number: "1", Name: "Anne"}}); err != nil {
		t.Fatal(err)
	}
	anne, err := s.ByCard(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	var ids []string
	for _, picture := range []string{"whole", "lost", "changed", "a link"} {
		id, err := s.AddPhoto(t.Context(), dossier.NewPhoto{Citizen: anne, Key: "k", JPEG: []byte(picture), Thumbnail: []byte("t"), Added: now})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	photos := filepath.Join(folder, "dossier-photos")
	file := func(id string) string { return filepath.Join(photos, id+".jpg") }
	for what, path := range map[string]string{"folder": photos, "file": file(ids[0])} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: others may read it, or %v", what, err)
		}
	}
	secret := filepath.Join(folder, "secret")
	orphan, foreign := file("ORPHAN"), filepath.Join(photos, "README")
	for _, err := range []error{
		os.Remove(file(ids[1])), os.WriteFile(file(ids[2]), []byte("<script>"), 0o600), os.WriteFile(secret, []byte("a link"), 0o600),
		os.Remove(file(ids[3])), os.Symlink(secret, file(ids[3])),
		os.WriteFile(orphan, []byte("cut"), 0o600), os.WriteFile(foreign, []byte("not ours"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Picture(t.Context(), anne, ids[0]); err != nil || string(got) != "whole" {
		t.Errorf("%q, %v", got, err)
	}
	for _, id := range ids[1:3] {
		if got, err := s.Picture(t.Context(), anne, id); !errors.Is(err, dossier.ErrPhotoLost) || got != nil {
			t.Errorf("%q, %v, want ErrPhotoLost", got, err)
		}
	}
	if got, err := s.Picture(t.Context(), anne, ids[3]); err == nil || got != nil {
		t.Errorf("a link out of the folder was followed: %q", got)
	}
	for _, step := range []struct {
		at   time.Time
		want dossier.Swept
	}{
		{now, dossier.Swept{Lost: 2}}, // a young file may be one that is being added
		{now.Add(2 * time.Hour), dossier.Swept{Lost: 2, Orphans: 1}},
		{now.Add(dossier.PhotoDraftAge), dossier.Swept{Drafts: 4}},
	} {
		got, err := s.SweepPhotos(t.Context(), step.at)
		if diff := cmp.Diff(step.want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	}
	left, err := os.ReadDir(photos)
	if err != nil || len(left) != 1 || left[0].Name() != "README" {
		t.Errorf("left: %v, %v", left, err)
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error("what a link led to was removed")
	}
}
