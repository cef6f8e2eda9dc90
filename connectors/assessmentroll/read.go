package assessmentroll

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// pass is what one reading of a whole roll found out.
type pass struct {
	index     *index
	indexable bool // the index can find a unit in the file
	padded    int  // matricules with a part too short
}

// read reads a whole roll and calls use for each unit. It succeeds only at the
// end of a well-formed roll that is what settings say, without a matricule
// twice, and that did not change meanwhile.
func (r *roll) read(o *origin, use func(h header, u *rawUnit, matricule []byte) error) (pass, error) {
	doc, err := openDocument(o.r)
	if err != nil {
		return pass{}, err
	}
	p := pass{index: &index{}, indexable: doc.indexable && o.file != nil}
	d := newDecoder(newScanner(doc.r, doc.first), elementDocument)
	digits := make([]byte, 0, fullDigits)
	for {
		u, err := d.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return pass{}, err
		}
		if p.index.units == 0 {
			if p.index.header, err = r.accept(d.header); err != nil {
				return pass{}, err
			}
		}
		var padded bool
		if digits, padded, err = u.matricule(digits[:0]); err != nil {
			return pass{}, err
		}
		if padded {
			p.padded++
		}
		if p.index.units == r.settings.MaxUnits {
			return pass{}, fmt.Errorf("more units than max_units: %w", connectors.ErrMalformed)
		}
		p.index.add(number(digits), u.at, u.length)
		if err := use(p.index.header, u, digits); err != nil {
			return pass{}, err
		}
	}
	if p.index.units == 0 {
		return pass{}, fmt.Errorf("a roll without units: %w", connectors.ErrMalformed)
	}
	return p, errors.Join(p.index.sort(), o.verify())
}

// accept tells whether this is the roll that settings ask for.
func (r *roll) accept(h header) (header, error) {
	if digitsOnly(h.municipality) && h.municipality != "" && len(h.municipality) < municipalityDigits {
		h.municipality = strings.Repeat("0", municipalityDigits-len(h.municipality)) + h.municipality
	}
	if !validMunicipality(h.municipality) {
		return h, fmt.Errorf("no municipality (RLM01A) before the first unit: %w", connectors.ErrMalformed)
	}
	if want := r.settings.Municipality; want != "" && h.municipality != want {
		return h, fmt.Errorf("roll of another municipality: %w", connectors.ErrMalformed)
	}
	if h.year != "" {
		year, err := strconv.Atoi(h.year)
		if err != nil || len(h.year) != 4 {
			return h, fmt.Errorf("roll year (RLM02A) that is no year: %w", connectors.ErrMalformed)
		}
		h.rollYear = year
	}
	if want := r.settings.Year; want != 0 && h.rollYear != want {
		return h, fmt.Errorf("roll of another year: %w", connectors.ErrMalformed)
	}
	return h, nil
}

// pick returns the unit asked for, only when the whole roll is in order: of a
// file by its index, which is made again when the file changed; of a URL by
// reading all of it.
func (r *roll) pick(ctx context.Context, o *origin, q query) (header, *rawUnit, error) {
	if o.file == nil {
		return r.pickStreamed(o, q)
	}
	x, err := r.indexOf(ctx, o)
	if err != nil {
		return header{}, nil, err
	}
	if x == nil { // not in UTF-8: offsets mean nothing
		again, err := r.open(ctx, "")
		if err != nil {
			return header{}, nil, err
		}
		defer again.close() //nolint:errcheck // only read
		return r.pickStreamed(again, q)
	}
	e, err := x.find(q)
	if err != nil {
		return header{}, nil, err
	}
	u, err := unitAt(o, e)
	return x.header, u, err
}

// unitAt reads one unit of a file.
func unitAt(o *origin, e entry) (*rawUnit, error) {
	section := io.NewSectionReader(o.file, e.at(), e.length())
	u, err := newDecoder(newScanner(section, 0), elementRoll).next()
	if err != nil {
		return nil, fmt.Errorf("unit: %w", err)
	}
	digits, _, err := u.matricule(nil)
	if err == nil && number(digits) != e.key {
		err = fmt.Errorf("another unit where this one was: %w", connectors.ErrMalformed)
	}
	return u, errors.Join(err, o.verify())
}

// pickStreamed reads the whole roll and keeps what may be the unit.
func (r *roll) pickStreamed(o *origin, q query) (header, *rawUnit, error) {
	kept := map[uint64]*rawUnit{}
	p, err := r.read(o, func(_ header, u *rawUnit, matricule []byte) error {
		key := number(matricule)
		if key == q.key || q.short && parcel(key) == q.key && len(kept) < 2 {
			kept[key] = u.clone()
		}
		return nil
	})
	if err != nil {
		return header{}, nil, err
	}
	e, err := p.index.find(q)
	return p.index.header, kept[e.key], err
}

func (u *rawUnit) clone() *rawUnit {
	c := *u
	c.text, c.addresses, c.lots, c.taxes = slices.Clone(u.text), slices.Clone(u.addresses), slices.Clone(u.lots), slices.Clone(u.taxes)
	return &c
}

// indexOf returns the index of an opened file, nil when it cannot have one.
func (r *roll) indexOf(ctx context.Context, o *origin) (*index, error) {
	if err := r.take(ctx); err != nil {
		return nil, err
	}
	defer r.release()
	if r.of == o.stamp {
		return r.index, nil
	}
	r.index, r.of = nil, ""
	p, err := r.read(o, func(header, *rawUnit, []byte) error { return nil })
	if err != nil {
		return nil, err
	}
	r.keep(o, p)
	return r.index, nil
}

// keep keeps what a reading of a file found out, for the next Find. The caller
// has the turn.
func (r *roll) keep(o *origin, p pass) {
	r.index, r.of = nil, o.stamp
	if p.indexable {
		r.index = p.index
	}
}

// take waits for the turn to look at or make what the source keeps.
func (r *roll) take(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *roll) release() { <-r.turn }

// tables are the lists beside a roll.
type tables struct {
	stamp   string // state of their files, and the municipality
	streets streets
	points  *points
}

// sideTables returns the lists, read again when their files changed.
func (r *roll) sideTables(ctx context.Context, municipality string) (tables, error) {
	stamp, err := r.sideStamp()
	if err != nil {
		return tables{}, err
	}
	stamp += ":" + municipality
	if err := r.take(ctx); err != nil {
		return tables{}, err
	}
	defer r.release()
	if r.tables.stamp == stamp {
		return r.tables, nil
	}
	r.tables = tables{}
	t := tables{stamp: stamp}
	if t.streets, err = readStreets(ctx, r.settings); err != nil {
		return tables{}, fmt.Errorf("streets: %w", err)
	}
	if t.points, err = readPoints(ctx, r.settings.Points, municipality); err != nil {
		return tables{}, fmt.Errorf("points: %w", err)
	}
	r.tables = t
	return t, nil
}
