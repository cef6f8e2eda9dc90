package open311

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// The refusals of a submit, closed. The first group is found before anything is
// sent.
const (
	RefusalUnknownService     = "unknown_service"
	RefusalMissingLocation    = "missing_location"
	RefusalDescriptionTooLong = "description_too_long"
	RefusalInvalidMedia       = "invalid_media_url"
	RefusalInvalidText        = "invalid_text" // control characters, or not UTF-8
	RefusalMissingAttribute   = "missing_attribute"
	RefusalInvalidAttribute   = "invalid_attribute"
	RefusalUnknownAttribute   = "unknown_attribute"

	RefusalRejected = "rejected" // the town's answer; its words are in Note
)

// Do submits a new service request. The form is sent once. When its reply is
// lost, what the town lists now is compared with what it listed just before.
func (s *source) Do(ctx context.Context, who record.Ref, action record.Action) (record.Receipt, error) {
	submit, p, err := asSender(who, action)
	if err != nil {
		return record.Receipt{}, err
	}
	preparing, cancel := part(ctx, 2)
	defer cancel()
	service, refusal, err := s.prepare(preparing, submit)
	if err != nil {
		return record.Receipt{}, notSent(ctx, err)
	}
	if refusal != "" {
		return record.Receipt{Outcome: record.OutcomeRefused, Refusal: refusal}, nil
	}
	attempt := attempt{submit: submit, account: p.account, who: who, service: service, at: time.Now()}
	listing, cancel := part(ctx, 3)
	defer cancel()
	attempt.before, attempt.known = s.recent(listing, &attempt)
	reply, err := s.post(ctx, attempt)
	if err != nil {
		return s.settle(ctx, attempt, err)
	}
	return s.receipt(ctx, attempt, reply)
}

// part is a context for the nth part of the time that is left. Whatever hangs
// before the form is sent must be found out while there is time to say that it
// was not: cut short by the deadline, the outcome would pass for unknown.
func part(ctx context.Context, n time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Until(deadline)/n)
}

// notSent gives the end of a part of the time its meaning: the town is silent,
// and nothing was sent. The caller's own end stays what it is.
func notSent(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("open311: submit: not sent: no answer in time: %w", connectors.ErrUnavailable)
	}
	return err
}

// prepare reads what the town asks of this service and checks the submit
// against it; a refusal other than "" means that nothing should be sent.
func (s *source) prepare(ctx context.Context, submit record.Submit) (service, string, error) {
	if refusal := checkSubmit(submit); refusal != "" {
		return service{}, refusal, nil
	}
	services, err := s.services(ctx)
	if err != nil {
		return service{}, "", err
	}
	for _, v := range services {
		if v.Code != submit.ServiceCode {
			continue
		}
		if err := s.define(ctx, &v); err != nil {
			return service{}, "", err
		}
		return v, checkAnswers(v, submit.Attributes), nil
	}
	return service{}, RefusalUnknownService, nil
}

// attempt is one submit on its way.
type attempt struct {
	submit  record.Submit
	account string
	who     record.Ref
	service service
	at      time.Time // just before it was sent, by our clock
	// before are the keys of the requests listed just before; known is false when
	// they could not be read.
	before map[string]bool
	known  bool
}

// receipt is the outcome of a reply that arrived whole.
func (s *source) receipt(ctx context.Context, a attempt, reply postReply) (record.Receipt, error) {
	if reply.refused {
		return record.Receipt{Outcome: record.OutcomeRefused, Refusal: reply.refusal, Note: reply.note, Proof: record.ProofReply}, nil
	}
	r := record.Receipt{Outcome: record.OutcomeDone, Note: reply.request.Notice, Proof: record.ProofReply}
	back := reply.request
	switch {
	case back.ID != "":
		r.Reference = back.ID
		if read, err := s.byID(ctx, back.ID); err == nil {
			r.Records = []record.Record{read.record(a.who)}
		}
	case back.Token != "":
		// One look: the town may have numbered it already. Later ones are reads of
		// ids:token:….
		pending := request{Request: record.Request{
			Token: back.Token, Status: record.RequestPending, Notice: back.Notice,
			ServiceCode: a.service.Code, Service: a.service.Name,
		}}
		if read, err := s.byToken(ctx, back.Token); err == nil && read.ID != "" {
			pending = read
		}
		r.Reference = pending.key()
		r.Records = []record.Record{pending.record(a.who)}
	}
	return r, nil
}

// settle decides about a submit whose reply did not arrive whole.
func (s *source) settle(ctx context.Context, a attempt, cause error) (record.Receipt, error) {
	if !errors.Is(cause, connectors.ErrOutcomeUnknown) {
		return record.Receipt{}, cause
	}
	if found, ok := s.findSubmitted(ctx, &a); ok {
		return a.found(found), nil
	}
	return record.Receipt{Outcome: record.OutcomeUnknown}, cause
}

// found is the outcome of a request that a later read shows.
func (a *attempt) found(r request) record.Receipt {
	return record.Receipt{
		Outcome: record.OutcomeDone, Reference: r.ID, Note: r.Notice,
		Proof: record.ProofReread, Records: []record.Record{r.record(a.who)},
	}
}
