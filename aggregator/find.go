package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// answer is what a source said about one citizen.
type answer struct {
	citizen record.Citizen
	refs    []record.Ref
	records []record.Record
	at      time.Time // before the first question
	err     error
}

// ask asks a source about every Ref of a citizen: all answers, or an error.
func (a *Aggregator) ask(ctx context.Context, s *source, citizen record.Citizen) answer {
	got := answer{citizen: citizen, at: time.Now()}
	if got.refs, got.err = a.refs(ctx, s, citizen); got.err != nil {
		return got
	}
	if len(got.refs) == 0 {
		got.err = errNotLinked
		return got
	}
	asked := got.refs
	followed, ok, err := a.follow(ctx, s, citizen)
	if err != nil {
		got.err = err
		return got
	}
	if ok {
		asked = []record.Ref{followed}
	}
	answers := map[record.Ref][]record.Record{}
	for _, ref := range asked {
		records, err := s.finder.Find(ctx, ref)
		if err != nil {
			got.err = err
			return got
		}
		answers[ref] = records
	}
	if got.records, got.err = assignFound(answers); ok {
		for i := range got.records { // the Ref that was asked grows, that of the section does not
			got.records[i].Owner = got.refs[0]
		}
	}
	return got
}

// follow returns the Ref that asks for what the citizen sent to a source beside
// what the source knows of the citizen by itself; false is nothing to add.
func (a *Aggregator) follow(ctx context.Context, s *source, citizen record.Citizen) (record.Ref, bool, error) {
	if s.Source.Source.Follow == nil {
		return record.Ref{}, false, nil
	}
	sent, err := a.sent(ctx, s, citizen)
	if err != nil || len(sent) == 0 {
		return record.Ref{}, false, err
	}
	linked, err := a.linked(ctx, s, citizen)
	if err != nil {
		return record.Ref{}, false, err
	}
	ref, ok := s.Source.Source.Follow(linked, sent)
	return ref, ok, nil
}

// sent are the references of what the citizen's own requests became at a source,
// newest first.
func (a *Aggregator) sent(ctx context.Context, s *source, citizen record.Citizen) ([]string, error) {
	list, err := a.o.Dossier.Transactions(ctx, citizen)
	if err != nil {
		return nil, stored("transactions", err)
	}
	var references []string
	for _, t := range list {
		_, submit := t.Action.(record.Submit)
		if submit && t.Source == s.Name && t.State == dossier.Done && t.Receipt.Reference != "" {
			references = append(references, t.Receipt.Reference)
		}
	}
	return references, nil
}

// refs returns under which Refs the section of a citizen is kept: those of the
// links or, without any, one of our own when the citizen sent something that the
// source can be asked about.
func (a *Aggregator) refs(ctx context.Context, s *source, citizen record.Citizen) ([]record.Ref, error) {
	refs, err := a.linked(ctx, s, citizen)
	if err != nil || len(refs) > 0 {
		return refs, err
	}
	if _, ok, err := a.follow(ctx, s, citizen); err != nil || !ok {
		return nil, err
	}
	return []record.Ref{record.NewRef("sent by " + string(citizen))}, nil
}

// linked returns under which Refs a source knows a citizen.
func (a *Aggregator) linked(ctx context.Context, s *source, citizen record.Citizen) ([]record.Ref, error) {
	links, err := a.o.Dossier.Links(ctx, citizen)
	if err != nil {
		return nil, stored("links", err)
	}
	var refs []record.Ref
	for _, l := range links {
		if l.Source == s.Name {
			refs = append(refs, l.Ref)
		}
	}
	return refs, nil
}

// sameRefs compares two sets of Refs.
func sameRefs(a, b []record.Ref) bool {
	if len(a) != len(b) {
		return false
	}
	for _, ref := range a {
		if !slices.Contains(b, ref) {
			return false
		}
	}
	return true
}

// settle writes an answer into the citizen's section. A caller that went away
// learned nothing.
func (a *Aggregator) settle(ctx context.Context, s *source, got answer) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(got.err, errStore):
		return got.err
	case errors.Is(got.err, errNotLinked):
		_, err := a.relinked(ctx, s, got.citizen, false)
		if err == nil {
			err = a.fail(ctx, s, got.citizen, nil, ReasonNotLinked, got.at)
		}
		return err
	case got.err != nil:
		return a.fail(ctx, s, got.citizen, got.refs, reason(got.err), got.at)
	}
	err := a.succeed(ctx, s, got.citizen, got.refs, got.records, got.at)
	if errors.Is(err, errLinksChange) {
		return nil
	}
	return err
}

// findAll asks about every active citizen. Answers are written as they come,
// but for those that take everything away from somebody: a source that does
// so to many at once is not believed.
func (a *Aggregator) findAll(ctx context.Context, s *source) (Result, error) {
	citizens, err := a.o.Dossier.Active(ctx, time.Now().Add(-a.o.ActiveFor))
	if err != nil {
		return Result{}, stored("active citizens", err)
	}
	var tally tally
	var group errgroup.Group
	group.SetLimit(a.o.Workers)
	for _, citizen := range citizens {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return a.findOne(ctx, s, citizen, &tally) })
	}
	if err := errors.Join(group.Wait(), ctx.Err()); err != nil {
		return tally.result, err
	}
	return a.settleEmptied(ctx, s, &tally)
}

// tally counts a pass over persons.
type tally struct {
	mu      sync.Mutex
	result  Result
	reasons map[string]error // the first error of each reason
	counts  map[string]int
	had     int // citizens who had records before
	emptied []answer
}

func (a *Aggregator) findOne(ctx context.Context, s *source, citizen record.Citizen, t *tally) error {
	d, err := a.o.Cache.Dashboard(ctx, citizen)
	if err != nil {
		return stored("dashboard", err)
	}
	got := a.ask(ctx, s, citizen)
	had := len(lastGood(ours(d.Section(s.Name), got.refs))) > 0
	if t.defers(got, had) {
		return nil
	}
	if err := a.settle(ctx, s, got); err != nil {
		return err
	}
	t.count(got)
	return nil
}

// defers sets aside an answer that takes everything away.
func (t *tally) defers(got answer, had bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !had || got.err != nil {
		return false
	}
	t.had++
	if len(got.records) > 0 {
		return false
	}
	t.emptied = append(t.emptied, got)
	return true
}

func (t *tally) count(got answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.result.Records += len(got.records)
	switch {
	case errors.Is(got.err, errNotLinked):
	case got.err != nil:
		if t.reasons == nil {
			t.reasons, t.counts = map[string]error{}, map[string]int{}
		}
		why := reason(got.err)
		t.counts[why]++
		if t.reasons[why] == nil {
			t.reasons[why] = got.err
		}
		t.result.Failed++
	default:
		t.result.Citizens++
	}
}

// err is the most frequent failure. A person unknown to the source is a wrong
// link, not a failed pass.
func (t *tally) err() error {
	most := ""
	for why, n := range t.counts {
		if why != connectors.ReasonNotFound && (most == "" || n > t.counts[most] || n == t.counts[most] && why < most) {
			most = why
		}
	}
	if most == "" {
		return nil
	}
	return fmt.Errorf("%d of %d citizens: %w", t.result.Failed, t.result.Failed+t.result.Citizens, t.reasons[most])
}

// settleEmptied writes the answers that were set aside, or holds them back.
func (a *Aggregator) settleEmptied(ctx context.Context, s *source, t *tally) (Result, error) {
	held := s.drift.emptied(len(t.emptied), t.had)
	for _, got := range t.emptied {
		if held {
			got.err = ErrHeldBack
		}
		if err := a.settle(ctx, s, got); err != nil {
			return t.result, err
		}
		t.count(got)
	}
	if held {
		return t.result, fmt.Errorf("%d of %d citizens emptied: %w", len(t.emptied), t.had, ErrHeldBack)
	}
	return t.result, t.err()
}
