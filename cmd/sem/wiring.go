package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/semenligne/sem/aggregator"
	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/signin"
	"github.com/semenligne/sem/portal/townmap"
)

// aggregatorOptions hands the aggregator its guarded sources and stores.
func aggregatorOptions(h *house, config *configs.Config) aggregator.Options {
	o := aggregator.Options{
		Cache: h.cache, Dossier: h.dossier, Log: h.log, Registerer: h.registry,
		ActiveFor: config.Portal.ActiveFor.Std(), Zone: config.Town.Location, Paused: h.rush.Quiet,
	}
	for _, s := range h.sources.sources {
		c := s.config
		o.Sources = append(o.Sources, aggregator.Source{
			Name: c.Name, Source: s.guarded, Cards: c.Cards,
			Ages:  cache.Ages{FreshFor: c.FreshFor.Std(), HideAfter: c.HideAfter.Std()},
			Poll:  aggregator.Poll{Every: c.Poll.Every.Std(), Cron: c.Poll.Cron, Jitter: c.Poll.Jitter.Std()},
			Drift: aggregator.Drift{MaxLoss: c.Drift.MaxLoss, MinRecords: c.Drift.MinRecords},
		})
	}
	return o
}

// portalOptions hands the portal what it needs, in its own terms.
func portalOptions(h *house, config *configs.Config, pepper []byte) (portal.Options, error) {
	o := portal.Options{
		Town: portal.Town{
			Name: config.Town.Name, Zone: config.Town.Location, English: !config.Town.FrenchOnly, Colour: config.Town.Colour,
			Help: map[string]string{"fr": config.Town.Help, "en": config.Town.HelpEnglish},
		},
		Cache: h.cache, Dossier: h.dossier, Toucher: h.aggregator, Pepper: pepper,
		Insecure: config.Portal.Insecure, BaseURL: config.Portal.BaseURL, Log: h.log, Registerer: h.registry,
	}
	o.Desk, o.Mail = desk{h.relay, h.dossier, h.sources}, mailOptions(config.Mail)
	if len(config.Rush) > 0 {
		o.WaitingRoom = waitingRoom{h.rush, h.dossier}
	}
	if t := newTownPlaces(h); t != nil {
		o.Places = t
	}
	if t := config.Town.Tiles; t.URL != "" {
		o.Tiles = &portal.Tiles{TileSource: townmap.TileSource{URL: t.URL, MaxZoom: t.MaxZoom}, Attribution: t.Attribution}
	}
	if t := newTownSchedules(h, config.Town.Location); t != nil {
		o.Schedules = t
	}
	if config.Town.Logo != "" {
		logo, err := os.ReadFile(string(config.Town.Logo))
		if err != nil {
			return o, fmt.Errorf("town.logo: %w", err)
		}
		o.Town.Logo = logo
	}
	for _, p := range config.Portal.TrustedProxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			return o, fmt.Errorf("portal.trusted_proxies: %w", err)
		}
		o.TrustedProxies = append(o.TrustedProxies, prefix)
	}
	for _, s := range h.sources.sources {
		if s.config.Of.Domain != connectors.DomainNone {
			o.Sources = append(o.Sources, portal.Source{Name: s.config.Name, Domain: portal.Domain(s.config.Of.Domain), Title: s.config.Title})
		}
	}
	if name := config.Portal.Authenticate; name != "" {
		source, ok := h.sources.named(name)
		if !ok || source.guarded.Authenticate == nil {
			return o, fmt.Errorf("portal.authenticate: source %s does not check cards", name)
		}
		o.Authenticate = delegate(h, name, source.guarded.Authenticate)
	}
	return o, nil
}

// delegate checks the PIN of a citizen who has none here with the source that
// knows the citizen under its own number. The source must confirm that very
// number.
func delegate(h *house, name string, source connectors.Authenticator) signin.Authenticate {
	return func(ctx context.Context, _ string, citizen record.Citizen, pin string) (bool, error) {
		links, err := h.dossier.Links(ctx, citizen)
		if err != nil {
			return false, err
		}
		for _, l := range links {
			if l.Source != name {
				continue
			}
			ref, err := source.Authenticate(ctx, l.Ref.Reveal(), pin)
			if errors.Is(err, connectors.ErrDenied) || errors.Is(err, connectors.ErrNotFound) {
				return false, nil
			}
			return err == nil && ref == l.Ref, err
		}
		return false, nil
	}
}
