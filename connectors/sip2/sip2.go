// Package sip2 reads and changes library accounts over SIP2, the protocol of
// self-checkout terminals that nearly every library system speaks.
//
// The specification is "3M Standard Interchange Protocol" 2.00; where Koha,
// Evergreen and others differ from it, the README says what is done.
package sip2

import (
	"context"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Kind returns the kind "sip2".
func Kind() connectors.Kind {
	return connectors.Define("sip2", "library accounts over SIP2", connectors.DomainLibrary, defaults, open)
}

func open(settings Settings, deps connectors.Deps) (connectors.Source, error) {
	zone, err := time.LoadLocation(settings.Timezone)
	if err != nil {
		return connectors.Source{}, connectors.ErrDefect // Validate accepted it
	}
	s := &source{settings: settings, deps: deps, zone: zone, pool: newPool(settings.Pool), titles: newTitles()}
	return connectors.Source{Check: s.check, Find: s, Do: s, Learn: s, Authenticate: s, Close: s.close}, nil
}

// source is an opened library system. Between calls it keeps idle connections
// and titles by barcode, nothing about any person.
type source struct {
	settings Settings
	deps     connectors.Deps
	zone     *time.Location
	pool     *pool
	titles   *titles
}

// check proves that the system is up and lets us in.
func (s *source) check(ctx context.Context) error {
	ss, err := s.begin(ctx)
	if err != nil {
		return named(err)
	}
	ss.end()
	return nil
}

// named says whose error it is; nil stays nil.
func named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sip2: %w", err)
}

func (s *source) close() error {
	s.pool.close()
	return nil
}
