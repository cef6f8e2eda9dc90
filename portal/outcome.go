package portal

import (
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

// transactionWord is the name of an action in the keys of words.
func transactionWord(t dossier.Transaction) string {
	return strings.ReplaceAll(t.Action.ActionName(), "-", "_")
}

// transactionTitle says what was sent.
func (b builder) transactionTitle(t dossier.Transaction) string {
	return b.w.T("transaction." + transactionWord(t))
}

// transactionName says what was sent, and about what.
func (b builder) transactionName(t dossier.Transaction) string {
	if t.About == "" {
		return b.transactionTitle(t)
	}
	return b.w.T("other.detail", "label", b.transactionTitle(t), "value", t.About)
}

// transactionRow is one transaction in the list.
func (b builder) transactionRow(source Source, t dossier.Transaction) views.Row {
	row := views.Row{Title: b.transactionName(t), Href: transactionPath(t), Badge: b.transactionBadge(t)}
	row.Detail = append(row.Detail, b.w.T("transaction.sent", "time", b.w.Moment(t.Accepted, b.now)))
	if sentences := b.outcome(source, t); len(sentences) > 0 {
		row.Detail = append(row.Detail, sentences[0])
	}
	return row
}

// transactionBadge is where a transaction stands, in a word.
func (b builder) transactionBadge(t dossier.Transaction) *views.Badge {
	switch t.State {
	case dossier.Done:
		return &views.Badge{Tone: views.Ready, Word: b.w.T("transaction.badge.done")}
	case dossier.Refused, dossier.Dropped:
		return &views.Badge{Tone: views.Late, Word: b.w.T("transaction.badge.refused")}
	case dossier.Pending:
		return &views.Badge{Tone: views.Soon, Word: b.w.T("transaction.badge.pending")}
	case dossier.Sending, dossier.Checking, dossier.Parked:
	}
	return &views.Badge{Tone: views.Soon, Word: b.w.T("transaction.badge.checking")}
}

// outcome says what became of a transaction, and what happens next.
func (b builder) outcome(source Source, t dossier.Transaction) []string {
	the := b.w.T("the.town")
	if source.Domain != "" {
		the = b.w.T("the." + string(source.Domain))
	}
	switch t.State {
	case dossier.Done:
		return b.done(t)
	case dossier.Refused:
		return []string{b.refusal(t, the), b.w.T("transaction.unchanged")}
	case dossier.Pending:
		if t.Reason == "" {
			return []string{b.w.T("transaction.pending"), b.w.T("transaction.pending.next")}
		}
		return []string{b.w.T("transaction.waiting", "the", the), b.w.T("transaction.pending.next")}
	case dossier.Parked:
		return []string{b.w.T(pick(mayBeDone(t), "transaction.parked", "transaction.parked.unsent")), b.w.T("transaction.parked.next")}
	case dossier.Dropped:
		return []string{b.w.T("transaction.dropped"), b.w.T("transaction.dropped.next")}
	case dossier.Sending, dossier.Checking:
	}
	return []string{b.w.T("transaction.checking", "the", the), b.w.T("transaction.checking.next")}
}

// mayBeDone tells whether nobody knows what became of a parked transaction: of
// any other it is certain that nothing happened.
func mayBeDone(t dossier.Transaction) bool {
	return t.Reason == "outcome_unknown" || t.Reason == "defect"
}

// done says what was done, with what the source gave for it.
func (b builder) done(t dossier.Transaction) []string {
	for _, r := range t.Receipt.Records {
		switch body := r.Body.(type) {
		case record.Loan:
			if !body.Due.IsZero() {
				return []string{b.w.T("transaction.done.renew.until", "date", b.w.WeekdayDate(body.Due, b.now))}
			}
		case record.Request:
			if body.ID != "" {
				return []string{b.w.T("transaction.done.submit.number", "id", body.ID)}
			}
		case record.Registration:
			if body.Status == record.RegistrationWaiting {
				return []string{b.w.T("transaction.done.register.waiting")}
			}
		}
	}
	return []string{b.w.T("transaction.done." + transactionWord(t))}
}

// refusal says why a transaction was not done: the source's reason, or why it
// could not be asked.
func (b builder) refusal(t dossier.Transaction, the string) string {
	for _, word := range []string{t.Receipt.Refusal, t.Reason} {
		if key := "refusal." + word; word != "" && b.w.Has(key) {
			return b.w.T(key, "the", the)
		}
	}
	return b.w.T("refusal.other", "the", the)
}

// transactionFacts is what to tell at the desk about a transaction.
func (b builder) transactionFacts(t dossier.Transaction) []views.Fact {
	return b.ifGiven("transaction.fact.number", t.Receipt.Reference, "transaction.fact.sent", b.moment(t.Accepted),
		"transaction.fact.settled", b.moment(t.Settled), "transaction.fact.id", trackingNumber(t))
}
