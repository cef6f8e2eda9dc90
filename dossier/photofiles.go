package dossier

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// photoFiles is the folder of pictures: one file a photo, named by its id. No
// name leads out of it.
type photoFiles struct{ root *os.Root }

// openPhotoFiles opens the folder beside a dossier: dossier.db has
// dossier-photos.
func openPhotoFiles(dossier string) (photoFiles, error) {
	folder := strings.TrimSuffix(dossier, filepath.Ext(dossier)) + "-photos"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return photoFiles{}, fmt.Errorf("dossier: photos: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return photoFiles{}, fmt.Errorf("dossier: photos: %w", err)
	}
	return photoFiles{root}, nil
}

const photoSuffix = ".jpg"

// write puts a file on the disk, with its name, before it returns.
func (f photoFiles) write(id string, content []byte) error {
	file, err := f.root.OpenFile(id+photoSuffix, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("dossier: photo: %w", err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = f.sync()
	}
	if err != nil { // a full disk: leave nothing half written
		return errors.Join(fmt.Errorf("dossier: photo: %w", err), f.remove(id))
	}
	return nil
}

// sync makes names durable.
func (f photoFiles) sync() error {
	folder, err := f.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// read returns a file, or ErrPhotoLost.
func (f photoFiles) read(id string) (content []byte, err error) {
	file, err := f.root.Open(id + photoSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrPhotoLost
	}
	if err != nil {
		return nil, fmt.Errorf("dossier: photo: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if content, err = io.ReadAll(file); err != nil {
		return nil, fmt.Errorf("dossier: photo: %w", err)
	}
	return content, nil
}

func (f photoFiles) has(id string) bool {
	_, err := f.root.Stat(id + photoSuffix)
	return err == nil
}

// remove is content with a file that is gone already.
func (f photoFiles) remove(id string) error {
	if err := f.root.Remove(id + photoSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("dossier: photo: %w", err)
	}
	return nil
}

// list returns the files by id, with when they were written. What is not named
// as ours is left alone.
func (f photoFiles) list() (map[string]time.Time, error) {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("dossier: photos: %w", err)
	}
	files := map[string]time.Time{}
	for _, e := range entries {
		id, ours := strings.CutSuffix(e.Name(), photoSuffix)
		if !ours || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("dossier: photos: %w", err)
		}
		files[id] = info.ModTime()
	}
	return files, nil
}

func (f photoFiles) close() error { return f.root.Close() }
