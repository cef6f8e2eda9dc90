package main

import (
	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/configs"
)

// relayOptions hands the relay the guarded sources that act or send.
func relayOptions(h *house, c configs.Outbox) outbox.Options {
	o := outbox.Options{
		Dossier: h.dossier, Refresh: h.aggregator.Reread, Letters: letters(h), Log: h.log, Registerer: h.registry,
		Rules: outbox.Rules{
			Attempts: c.Attempts, RetryAtMost: c.RetryAtMost.Std(), MomentFor: c.MomentFor.Std(),
			CheckAtMost: c.CheckAtMost.Std(), CheckingFor: c.CheckingFor.Std(), BelieveNotDone: c.NotDone.Std(),
		},
	}
	for _, s := range h.sources.sources {
		o.Sources = append(o.Sources, outbox.Source{Name: s.config.Name, Source: s.guarded, Parallel: s.config.Guard.Parallel})
	}
	return o
}
