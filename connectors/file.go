package connectors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// FileError returns the failure of an error of the file system. It does not
// hold the path.
func FileError(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no such file: %w", ErrUnavailable)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("file may not be read: %w", ErrDenied)
	case errors.Is(err, fs.ErrInvalid):
		return fmt.Errorf("not a regular file: %w", ErrUnavailable)
	}
	return fmt.Errorf("file: %w", ErrUnavailable)
}

// FileStamp returns what stands for the state of a regular file, of what Stat
// said about it: another stamp, another content. Anything but a regular file
// is a failure: opening a pipe would wait for its writer.
func FileStamp(info fs.FileInfo, err error) (string, error) {
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		return "", FileError(err)
	}
	return fmt.Sprintf("%d:%d", info.Size(), info.ModTime().UnixNano()), nil
}

// ReadFile reads a regular file whole, up to limit bytes; a longer one is
// ErrMalformed, and one that changes meanwhile ErrUnavailable.
func ReadFile(path Path, limit int64) (body []byte, err error) {
	before, err := FileStamp(os.Stat(string(path)))
	if err != nil {
		return nil, err
	}
	f, err := os.Open(string(path))
	if err != nil {
		return nil, FileError(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	body, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, FileError(err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("file over %d bytes: %w", limit, ErrMalformed)
	}
	after, err := FileStamp(os.Stat(string(path)))
	if err == nil && after != before {
		err = fmt.Errorf("file changed while it was read: %w", ErrUnavailable)
	}
	if err != nil {
		return nil, err
	}
	return body, nil
}
