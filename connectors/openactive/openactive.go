// Package openactive reads a town's recreation catalogue from OpenActive feeds
// (Realtime Paged Data Exchange 1.0, Modelling Opportunity Data 2) and books
// through the Open Booking API 1.0: the orders of one person, registering, and
// cancelling.
package openactive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Kind is the OpenActive connector.
func Kind() connectors.Kind {
	return connectors.Define("openactive", "recreation catalogue, seats and registrations (OpenActive)",
		connectors.DomainRecreation, defaults, open)
}

// source is one opened publisher.
type source struct {
	settings  Settings
	http      *http.Client
	log       *slog.Logger
	booking   *url.URL // nil for a catalogue only
	mapper    mapper
	catalogue *catalogue
	tokens    tokens
	// shape is a fingerprint of the settings that decide what a feed becomes.
	shape string
}

func open(s Settings, deps connectors.Deps) (connectors.Source, error) {
	src := &source{settings: s, http: deps.HTTP, log: deps.Log, shape: shape(s), tokens: tokens{lock: make(chan struct{}, 1)}}
	var starts []*url.URL
	for _, raw := range s.Feeds {
		u, err := url.Parse(raw)
		if err != nil {
			return connectors.Source{}, fmt.Errorf("openactive: feed address: %w", connectors.ErrDefect)
		}
		starts = append(starts, u)
	}
	src.catalogue = newCatalogue(starts)
	zone, errZone := time.LoadLocation(s.Zone)
	resident, errResident := regexp.Compile(s.Residents)
	other, errOther := regexp.Compile(s.Others)
	if err := errors.Join(errZone, errResident, errOther); err != nil {
		return connectors.Source{}, fmt.Errorf("openactive: settings not validated: %w", connectors.ErrDefect)
	}
	src.mapper = mapper{zone: zone, tiers: tiers{s.ResidentsProp, resident, other}, waiting: s.WaitingCount}

	opened := connectors.Source{Check: src.check}
	if len(starts) > 0 {
		opened.List = lister{src}
	}
	if s.BookingURL != "" {
		booking, err := url.Parse(strings.TrimRight(s.BookingURL, "/"))
		if err != nil {
			return connectors.Source{}, fmt.Errorf("openactive: booking address: %w", connectors.ErrDefect)
		}
		src.booking = booking
		opened.Find, opened.Do, opened.Learn = finder{src}, doer{src}, doer{src}
	}
	return opened, nil
}

// check reads the first page of a feed, and of the orders feed, which needs the
// key.
func (s *source) check(ctx context.Context) error {
	var pages []*url.URL
	if len(s.catalogue.feeds) > 0 {
		pages = append(pages, s.catalogue.feeds[0].start)
	}
	if s.booking != nil {
		pages = append(pages, s.endpoint("orders-rpde", ""))
	}
	for _, u := range pages {
		body, err := s.getPage(ctx, u)
		if errors.Is(err, connectors.ErrNotFound) {
			return fmt.Errorf("openactive: check: no feed at the address: %w", connectors.ErrMalformed)
		}
		if err == nil {
			_, err = parsePage(body)
		}
		if err != nil {
			return fmt.Errorf("openactive: check: %w", err)
		}
	}
	return nil
}
