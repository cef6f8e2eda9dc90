package open311

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// List hands over the services of the town, each with its questions. With a
// discovery document whose changeset did not move it hands over nothing.
func (s *source) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	changeset, err := s.changeset(ctx)
	if err != nil {
		// The document only saves work, and may live on another host.
		s.log.LogAttrs(ctx, slog.LevelWarn, "discovery document unreadable, service list read in full", slog.String("reason", connectors.Reason(err)))
	}
	if changeset != "" && changeset == since {
		return since, nil
	}
	services, err := s.services(ctx)
	if err != nil {
		return since, err
	}
	for _, service := range services {
		if err := s.define(ctx, &service); err != nil {
			return since, err
		}
		if err := emit(record.Record{Key: service.Code, Body: service.Service}); err != nil {
			return since, fmt.Errorf("open311: services: %w", err)
		}
	}
	return changeset, nil
}

// services reads the service list, as far as the settings allow. An item
// without code cannot be submitted: it is left out and counted.
func (s *source) services(ctx context.Context) ([]service, error) {
	body, err := s.get(ctx, "services", url.Values{}, "services")
	if err != nil {
		return nil, err
	}
	items, err := decodeList(body, serviceShape())
	if err != nil {
		return nil, fmt.Errorf("open311: services: %w", err)
	}
	var out []service
	seen := map[string]service{}
	skipped := 0
	for _, item := range items {
		service, err := readService(item)
		if err != nil || isError(item) {
			return nil, fmt.Errorf("open311: services: %w", malformed(errWrongReply))
		}
		old, twice := seen[service.Code]
		switch {
		case service.Code == "", twice && !reflect.DeepEqual(old, service):
			skipped++
		case !twice:
			seen[service.Code] = service
			out = append(out, service)
		}
	}
	if skipped > 0 {
		if len(out) == 0 {
			return nil, fmt.Errorf("open311: services: not one with a code: %w", connectors.ErrMalformed)
		}
		s.log.LogAttrs(ctx, slog.LevelWarn, "services without code, or a second time with another content, left out", slog.Int("count", skipped))
	}
	if len(s.Services) > 0 {
		out = slices.DeleteFunc(out, func(v service) bool { return !slices.Contains(s.Services, v.Code) })
	}
	return out, nil
}

// define reads the definition of a service that has one. A definition that the
// server does not have after all means no questions.
func (s *source) define(ctx context.Context, service *service) error {
	if !service.metadata {
		return nil
	}
	body, err := s.get(ctx, "service definition", url.Values{}, "services", service.Code)
	if errors.Is(err, connectors.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n, err := definition(body)
	if err == nil {
		var code string
		if code, err = n.scalar("service_code"); err == nil && code != "" && code != service.Code {
			err = errors.New("the definition of another service")
		}
	}
	if err == nil {
		service.Attributes, err = readAttributes(n)
	}
	if err != nil {
		return fmt.Errorf("open311: service definition: %w", malformed(err))
	}
	return nil
}

// definition finds the one definition of a reply: itself, in its wrapper, or in
// a list of one.
func definition(body []byte) (node, error) {
	n, err := decode(body)
	if err != nil {
		return node{}, err
	}
	for range 3 {
		switch {
		case n.list && len(n.items) == 1:
			n = n.items[0]
		case len(n.fields) == 1 && n.has("service_definition"):
			n = n.fields[0]
		}
	}
	if n.list || n.name != "" && n.name != "service_definition" || !n.has("attributes") && !n.has("service_code") {
		return node{}, errWrongReply
	}
	return n, nil
}

// changeset joins the changesets of the discovery document into a cursor; it is
// empty where none is configured or given. They are opaque: compared, never
// parsed.
func (s *source) changeset(ctx context.Context) (connectors.Cursor, error) {
	if s.DiscoveryURL == "" {
		return "", nil
	}
	body, err := s.getURL(ctx, "discovery", s.DiscoveryURL)
	if err != nil {
		return "", err
	}
	n, err := decode(body)
	if err != nil {
		return "", fmt.Errorf("open311: discovery: %w", malformed(err))
	}
	if n.has("discovery") && len(n.fields) == 1 {
		n = n.fields[0]
	}
	if !n.has("endpoints") {
		return "", fmt.Errorf("open311: discovery: %w", malformed(errWrongReply))
	}
	sets := n.texts("changeset")
	for _, endpoint := range n.listOf("endpoints", "endpoint") {
		sets = append(sets, endpoint.texts("changeset")...)
	}
	return connectors.Cursor(strings.Join(sets, "|")), nil
}
