// Package example is a complete connector to copy: the permits of an invented
// small system that speaks JSON over HTTP. connectors/README.md walks through
// it.
//
// The files of a connector are the same everywhere: this one says what the
// kind is and what each call does, settings.go what the administrator may
// write, wire.go speaks to the source, mapping.go alone knows its words.
package example

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Kind returns the kind "example".
func Kind() connectors.Kind {
	return connectors.Define("example", "Permits of an invented system, a connector to copy",
		connectors.DomainOther, defaults, open)
}

// source is an opened permit system. It keeps nothing between calls, so it
// needs no lock and no Close.
type source struct {
	Settings
	http *http.Client
}

// open makes a source and does no I/O: the system may be down now.
func open(s Settings, deps connectors.Deps) (connectors.Source, error) {
	src := &source{s, deps.HTTP}
	return connectors.Source{Check: src.check, Find: src}, nil
}

// check asks for the status page, which needs the key.
func (s *source) check(ctx context.Context) error {
	body, err := s.get(ctx, "status", nil)
	if err != nil {
		return fmt.Errorf("example: status: %w", err)
	}
	if err := decodeStatus(body); err != nil {
		return fmt.Errorf("example: status: %w", err)
	}
	return nil
}

// Find returns the permits of one holder.
func (s *source) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	body, err := s.get(ctx, "permits", url.Values{"holder": {who.Reveal()}})
	if err != nil {
		return nil, fmt.Errorf("example: permits: %w", err)
	}
	records, err := mapPermits(body, who)
	if err != nil {
		return nil, fmt.Errorf("example: permits: %w", err)
	}
	return records, nil
}
