package places

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/geo"
	"github.com/semenligne/sem/connectors/record"
)

// errEnough ends a reading that wanted the beginning only.
var errEnough = errors.New("enough")

// each fetches the file and calls use for its features.
func (f *file) each(ctx context.Context, stamp string, use func(feature) error) error {
	o, err := f.fetch(ctx, stamp)
	if err != nil {
		return err
	}
	if err := f.features(ctx, o, use); !errors.Is(err, errEnough) {
		return err
	}
	return nil
}

// features calls use for the features of a file, in its order.
func (f *file) features(ctx context.Context, o origin, use func(feature) error) error {
	count := 0
	counted := func(g feature) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if count++; count > f.settings.MaxPlaces {
			return fmt.Errorf("more than max_places: %w", connectors.ErrMalformed)
		}
		return use(g)
	}
	if err := f.read(ctx, o, counted); err != nil {
		return err
	}
	if count == 0 {
		return fmt.Errorf("a file with nothing in it: %w", connectors.ErrMalformed)
	}
	return nil
}

func (f *file) read(ctx context.Context, o origin, use func(feature) error) error {
	if f.settings.Format == FormatGeoPackage {
		return f.readPackage(ctx, use)
	}
	text, err := decoded(o.content, f.settings.Charset)
	if err != nil {
		return err
	}
	if f.settings.Format == FormatCSV {
		return f.readCSV(text, use)
	}
	return f.readGeoJSON(text, use)
}

// decoderOf returns the decoder of a charset; nil for UTF-8.
func decoderOf(charset string) (decoder *encoding.Decoder, known bool) {
	switch charset {
	case "utf-8":
		return nil, true
	case "windows-1252":
		return charmap.Windows1252.NewDecoder(), true
	case "iso-8859-1":
		return charmap.ISO8859_1.NewDecoder(), true
	}
	return nil, false
}

// decoded returns a file as UTF-8 without byte-order mark.
func decoded(content []byte, charset string) ([]byte, error) {
	decoder, known := decoderOf(charset)
	if !known {
		return nil, fmt.Errorf("charset: %w", connectors.ErrDefect)
	}
	if decoder != nil {
		text, err := decoder.Bytes(content)
		if err != nil {
			return nil, fmt.Errorf("charset: %w", connectors.ErrMalformed)
		}
		return text, nil
	}
	text := bytes.TrimPrefix(content, []byte("\uFEFF"))
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("not UTF-8: %w", connectors.ErrMalformed)
	}
	return text, nil
}

// at makes an error about one feature of the file.
func at(what string, number int, err error) error {
	return fmt.Errorf("%s %d: %w: %w", what, number, err, connectors.ErrMalformed)
}

// errSwapped, errOutside: where a position is that should be in the box.
var (
	errSwapped = errors.New("longitude and latitude are swapped")
	errOutside = errors.New("outside the box")
)

// inBox holds a geometry to the box.
func (b Box) inBox(g geo.Geometry) error {
	return g.All(func(p record.Point) error {
		switch {
		case b.holds(p):
			return nil
		case b.holds(record.Point{Lat: p.Long, Long: p.Lat}):
			return errSwapped
		}
		return errOutside
	})
}
