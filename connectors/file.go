package connectors

import (
	"errors"
	"fmt"
	"io/fs"
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
