package main

import (
	"github.com/semenligne/sem/aggregator/outbox"
)

// newRelay hands the relay the guarded sources that act or send.
func newRelay(h *house) (*outbox.Relay, error) {
	o := outbox.Options{Dossier: h.dossier, Refresh: h.aggregator.Reread, Letters: letters(h), Log: h.log, Registerer: h.registry}
	for _, s := range h.sources.sources {
		o.Sources = append(o.Sources, outbox.Source{Name: s.config.Name, Source: s.guarded, Parallel: s.config.Guard.Parallel})
	}
	return outbox.New(o)
}
