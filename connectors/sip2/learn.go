package sip2

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Learn reads the person's lists to see whether a change has happened. They
// hold no times, so sent does not help: what counts is that the state is the one
// that was asked for.
func (s *source) Learn(ctx context.Context, who record.Ref, a record.Action, _ time.Time) (record.Receipt, error) {
	if err := s.sendableAction(who.Reveal(), a); err != nil {
		return record.Receipt{}, named(err)
	}
	ss, err := s.begin(ctx)
	if err != nil {
		return record.Receipt{}, named(err)
	}
	defer ss.end()
	receipt, err := ss.learn(ctx, who.Reveal(), a)
	if err != nil {
		return record.Receipt{}, named(err)
	}
	receipt.Records = owned(receipt.Records, who)
	return receipt, nil
}

func (ss *session) learn(ctx context.Context, card string, a record.Action) (record.Receipt, error) {
	switch a := a.(type) {
	case record.Renew:
		return ss.learnRenew(ctx, card, a)
	case record.RenewAll:
		// Which loans there were, and until when, nobody noted: the loans as they are
		// now are for the person who looks into it.
		items, err := ss.charged(ctx, card)
		if err != nil {
			return record.Receipt{}, err
		}
		loans, err := ss.loans(ctx, items)
		return undecided(loans), err
	case record.PlaceHold:
		l, err := ss.lookForHold(ctx, card, record.CancelHold{Item: a.Item, Title: a.Title})
		// The list does not say at which branch, so that a hold for another branch
		// may have been there before. Nor does a title that is not listed prove much:
		// systems word titles in more than one way.
		l.doubt = l.doubt || a.Pickup != "" && len(l.found) > 0 || a.Item == "" && len(l.found) == 0 && len(l.all) > 0
		return l.receipt(len(l.found) > 0, l.found), err
	case record.CancelHold:
		l, err := ss.lookForHold(ctx, card, a)
		return l.receipt(len(l.found) == 0, l.all), err
	}
	return record.Receipt{}, fmt.Errorf("action unknown to library systems: %w", connectors.ErrRefused)
}

// learnRenew compares the due date with the one that the person saw.
func (ss *session) learnRenew(ctx context.Context, card string, a record.Renew) (record.Receipt, error) {
	i, onLoan, err := ss.lookUp(ctx, card, a.Item)
	if err != nil || !onLoan {
		return undecided(nil), err // brought back since, or only titles are listed
	}
	loans := []record.Record{{Key: a.Item, Body: ss.source.loan(a.Item, i)}}
	due := ss.source.due(i.due)
	switch {
	case a.Due.IsZero(), due.IsZero(), due.Before(a.Due):
		return undecided(loans), nil
	case a.Due.Before(due):
		return happened(loans), nil
	}
	return didNot(loans), nil
}

// look is what the lists say about a hold.
type look struct {
	all, found []record.Record
	// doubt tells that the hold may have been there and become something else.
	doubt bool
}

// receipt concludes: done tells whether the lists are as was asked.
func (l look) receipt(done bool, records []record.Record) record.Receipt {
	switch {
	case l.doubt:
		return undecided(l.all)
	case done:
		return happened(records)
	}
	return didNot(records)
}

// lookForHold looks for a hold. When it is not listed as it was asked for, it
// may be listed under another copy of its title, or be at home already.
func (ss *session) lookForHold(ctx context.Context, card string, a record.CancelHold) (look, error) {
	holds, err := ss.readHolds(ctx, card)
	if err != nil {
		return look{}, err
	}
	match, err := ss.matcher(ctx, a, holds)
	if err != nil {
		return look{}, err
	}
	l := look{all: holds, found: slices.DeleteFunc(slices.Clone(holds), func(r record.Record) bool { return !match(r) })}
	if len(l.found) > 0 {
		return l, nil
	}
	title := record.Text(a.Title, 300)
	if a.Item != "" {
		i, err := ss.item(ctx, a.Item)
		if err != nil {
			return look{}, err
		}
		title = i.title
	}
	items, err := ss.charged(ctx, card)
	if err != nil {
		return look{}, err
	}
	loans, err := ss.loans(ctx, items)
	if err != nil {
		return look{}, err
	}
	same := func(r record.Record) bool {
		switch b := r.Body.(type) {
		case record.Hold:
			return title == "" || b.Title == "" || b.Title == title
		case record.Loan:
			return a.Item != "" && b.Item == a.Item || title != "" && b.Title == title
		}
		return false
	}
	l.doubt = slices.ContainsFunc(slices.Concat(holds, loans), same)
	return l, nil
}

func happened(records []record.Record) record.Receipt {
	return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReread, Records: records}
}

func didNot(records []record.Record) record.Receipt {
	return record.Receipt{Outcome: record.OutcomeRefused, Refusal: record.NotDone, Proof: record.ProofReread, Records: records}
}

func undecided(records []record.Record) record.Receipt {
	return record.Receipt{Outcome: record.OutcomeUnknown, Records: records}
}
