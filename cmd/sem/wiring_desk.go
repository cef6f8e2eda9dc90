package main

import (
	"context"
	"net/mail"
	"time"

	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
)

// holdBudget is how long a citizen waits for a source to keep a place.
const holdBudget = 10 * time.Second

// desk is the portal's way to the relay, the outbox and, for places that are
// only kept, to the sources.
type desk struct {
	*outbox.Relay
	sent

	sources *openedSources
}

// sent is the part of the outbox that the portal reads.
type sent interface {
	Transaction(ctx context.Context, citizen record.Citizen, id string) (dossier.Transaction, error)
	Transactions(ctx context.Context, citizen record.Citizen) ([]dossier.Transaction, error)
}

// Hold asks a source to keep a place, or to take it back.
func (d desk) Hold(ctx context.Context, source string, who record.Ref, action record.Action) record.Receipt {
	refused := record.Receipt{Outcome: record.OutcomeRefused, Refusal: "unsupported"}
	s, ok := d.sources.named(source)
	if !ok || s.guarded.Do == nil {
		return refused
	}
	ctx, cancel := context.WithTimeout(ctx, holdBudget)
	defer cancel()
	receipt, err := s.guarded.Do.Do(ctx, who, action)
	if err != nil {
		refused.Refusal = connectors.Reason(err)
		return refused
	}
	return receipt
}

// letters are the mails that follow from a transaction, in the language that
// the citizen chose.
func letters(h *house) func(dossier.Transaction) []dossier.Transaction {
	return func(t dossier.Transaction) []dossier.Transaction {
		language := "fr"
		profile, err := h.dossier.Profile(context.Background(), t.Citizen)
		if err != nil {
			h.log.Error("language of a letter unknown, French taken", "err", err)
		}
		if profile.Choices.Language != "" {
			language = profile.Choices.Language
		}
		return h.site.Letters(t, language, time.Now())
	}
}

// mailOptions are what citizens may write about; nil where the town has no mail.
func mailOptions(m configs.Mail) *portal.Mail {
	if m.Source == "" {
		return nil
	}
	o := &portal.Mail{Source: m.Source}
	for _, s := range m.Subjects {
		o.Subjects = append(o.Subjects, portal.Subject{Name: s.Name, Title: s.Title, To: mail.Address{Address: s.To}})
	}
	return o
}
