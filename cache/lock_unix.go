//go:build unix

package cache

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the file for this process, as bbolt does, without waiting.
func lock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errHeld
	}
	return err
}
