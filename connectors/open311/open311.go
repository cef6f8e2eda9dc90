// Package open311 speaks Open311 GeoReport v2, the protocol of service
// requests: what citizens may report, what they reported, and where it stands.
//
// Reading is lenient, since servers differ in almost everything
// (facts are in README.md); about whose request something is, it is strict.
package open311

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Kind returns the kind "open311".
func Kind() connectors.Kind {
	return connectors.Define("open311", "Service requests over Open311 GeoReport v2",
		connectors.DomainRequests, defaults, open)
}

// source is an opened endpoint. It keeps nothing between calls.
type source struct {
	Settings
	base string // without a final slash
	zone *time.Location
	http *http.Client
	log  *slog.Logger
}

func open(s Settings, deps connectors.Deps) (connectors.Source, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return connectors.Source{}, fmt.Errorf("open311: timezone: %w", connectors.ErrRefused)
	}
	src := &source{Settings: s, base: strings.TrimRight(s.BaseURL, "/"), zone: zone, http: deps.HTTP, log: deps.Log}
	return connectors.Source{Check: src.check, Find: src, List: src, Do: src, Learn: src, Follow: follow}, nil
}

// check reads the service list, which needs no key: nothing in GeoReport tells
// whether a key is good, short of submitting.
func (s *source) check(ctx context.Context) error {
	_, err := s.services(ctx)
	if errors.Is(err, connectors.ErrNotFound) || errors.Is(err, connectors.ErrRefused) {
		// The endpoint answers, and not as one: base_url, format or jurisdiction_id.
		return fmt.Errorf("open311: no service list at base_url in this format and jurisdiction: %w", connectors.ErrMalformed)
	}
	return err
}
