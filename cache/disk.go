package cache

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/semenligne/sem/connectors/record"
)

const (
	// format is the layout of the file; another one is begun anew.
	format = "sem-cache-1"
	// separator stands between citizen and source in a key.
	separator = "\x00"
)

var (
	// errDamaged: the file cannot be believed.
	errDamaged = errors.New("damaged file")
	errHeld    = errors.New("held by another process")
)

// disk is the bbolt file under a [File]. bbolt trusts its pages: damaged ones
// make it panic, or touch memory that is not there. All pages are checked
// before it opens the file, every access runs in protected, and a file found
// damaged is set aside at once.
type disk struct {
	path    string
	log     *slog.Logger
	limit   int    // bytes of the file, 0 for none
	emptied func() // called after a damaged file was replaced

	mu sync.RWMutex // held for writing while db is replaced
	db *database    // nil when a damaged file could not be replaced
}

// database is an open bbolt file, and the file itself for a look at its pages.
type database struct {
	*bolt.DB
	file *os.File
}

// open opens or creates the file and shows every section in it to adopt.
func (d *disk) open(adopt func(record.Citizen, string, entry)) error {
	db, err := openBolt(d.path, d.limit)
	if err == nil {
		err = verify(db, adopt)
	}
	if errors.Is(err, errDamaged) {
		abandon(db)
		d.emptied()
		db, err = d.anew(err)
	}
	d.db = db
	return err
}

// anew sets the damaged file aside and begins a new one.
func (d *disk) anew(cause error) (*database, error) {
	d.log.Warn("cache file set aside, sections are read again", "err", cause)
	if err := os.Rename(d.path, d.path+".broken"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	db, err := openBolt(d.path, d.limit)
	if err != nil {
		return nil, err
	}
	return db, verify(db, nil)
}

// replace is anew for a file that was found damaged while in use.
func (d *disk) replace(damaged *database, cause error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db != damaged {
		return
	}
	abandon(damaged)
	db, err := d.anew(cause)
	if err != nil {
		d.log.Error("cache file", "err", err)
		db = nil
	}
	d.db = db
	d.emptied()
}

func (d *disk) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return nil
	}
	return protected(d.db.Close)
}

// view runs fn in a read transaction; without a file it does nothing.
func (d *disk) view(fn func(*bolt.Bucket) error) error {
	return d.run(false, (*bolt.DB).View, fn)
}

// update runs fn in a write transaction.
func (d *disk) update(fn func(*bolt.Bucket) error) error {
	return d.run(true, (*bolt.DB).Update, fn)
}

func (d *disk) run(write bool, transact func(*bolt.DB, func(*bolt.Tx) error) error, fn func(*bolt.Bucket) error) error {
	d.mu.RLock()
	db := d.db
	if db == nil {
		d.mu.RUnlock()
		if write {
			return errors.New("no file to write to")
		}
		return nil
	}
	err := protected(func() error {
		return transact(db.DB, func(tx *bolt.Tx) error {
			if write {
				if err := checkFreelist(db.file); err != nil {
					return err
				}
			}
			b := tx.Bucket([]byte(format))
			if b == nil {
				return fmt.Errorf("%w: no sections", errDamaged)
			}
			return fn(b)
		})
	})
	d.mu.RUnlock()
	if errors.Is(err, errDamaged) {
		d.replace(db, err)
	}
	return err
}

// read returns every section of a citizen. A damaged file reads as empty,
// which is what it becomes.
func (d *disk) read(citizen record.Citizen) ([]entry, error) {
	var entries []entry
	err := d.view(func(b *bolt.Bucket) error {
		prefix := key(citizen, "")
		c := b.Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			e, err := decodeEntry(k, v)
			if err != nil {
				return err
			}
			e.size = int64(len(v))
			if err := json.Unmarshal(v[headerSize:], &e.section); err != nil {
				return fmt.Errorf("%w: section: %w", errDamaged, err)
			}
			entries = append(entries, e)
		}
		return nil
	})
	if errors.Is(err, errDamaged) {
		return nil, nil
	}
	return entries, err
}

// write stores one section. It returns its size and the date of the section
// that it replaced, nil when there was none.
func (d *disk) write(citizen record.Citizen, e entry) (size int64, before *time.Time, err error) {
	k := key(citizen, e.section.Source)
	v, err := encodeEntry(k, e)
	if err != nil {
		return 0, nil, err
	}
	err = d.update(func(b *bolt.Bucket) error {
		if old := b.Get(k); old != nil {
			o, err := decodeEntry(k, old)
			if err != nil {
				return err
			}
			before = &o.asOf
		}
		return b.Put(k, v)
	})
	return int64(len(v)), before, err
}

// remove drops every section of a citizen and returns their dates by source.
func (d *disk) remove(citizen record.Citizen) (map[string]time.Time, error) {
	gone := map[string]time.Time{}
	err := d.update(func(b *bolt.Bucket) error {
		prefix := key(citizen, "")
		c := b.Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Seek(prefix) {
			e, err := decodeEntry(k, v)
			if err != nil {
				return err
			}
			gone[string(k[len(prefix):])] = e.asOf
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, err
}

// openBolt checks the file before bbolt sees it, under the lock that bbolt
// takes again: the file of a running process is never called damaged.
func openBolt(path string, limit int) (*database, error) {
	db := &database{}
	err := protected(func() (err error) {
		db.DB, err = bolt.Open(path, 0o600, &bolt.Options{
			NoSync: true, FreelistType: bolt.FreelistMapType, Timeout: time.Second, MaxSize: limit,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				file, err := os.OpenFile(name, flag, mode) //nolint:gosec // the operator's own path
				if err != nil {
					return nil, err
				}
				if err = lock(file); err == nil {
					err = checkPages(file)
				}
				if err != nil {
					return nil, errors.Join(err, file.Close())
				}
				db.file = file
				return file, nil
			},
		})
		switch {
		case err == nil, errors.Is(err, errHeld), errors.Is(err, bolterrors.ErrTimeout), errors.As(err, new(*os.PathError)):
			return err
		}
		return fmt.Errorf("%w: %w", errDamaged, err)
	})
	return db, err
}

// verify looks at every section of the file, and creates the layout in an
// empty one. A file of another layout counts as damaged.
func verify(db *database, adopt func(record.Citizen, string, entry)) error {
	return protected(func() error {
		return db.Update(func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte(format))
			if b == nil {
				if k, _ := tx.Cursor().First(); k != nil {
					return fmt.Errorf("%w: another format", errDamaged)
				}
				_, err := tx.CreateBucket([]byte(format))
				return err
			}
			return b.ForEach(func(k, v []byte) error {
				e, err := decodeEntry(k, v)
				if err != nil {
					return err
				}
				citizen, source, _ := bytes.Cut(k, []byte(separator))
				adopt(record.Citizen(citizen), string(source), e)
				return nil
			})
		})
	})
}

// protected turns a panic, and a fault on a page that is not there, into
// errDamaged.
func protected(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return fn()
}

// abandon closes a damaged file without waiting: a panic inside bbolt may have
// left its locks held for ever.
func abandon(db *database) {
	if db != nil && db.DB != nil {
		go func() { _ = protected(db.Close) }()
	}
}
