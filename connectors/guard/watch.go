package guard

import (
	"log/slog"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
)

// watch counts and logs how calls end. The same failure of an operation is
// logged once, then when it changes and when it is over.
type watch struct {
	log     *slog.Logger
	metrics sourceMetrics

	mu          sync.Mutex
	failing     map[op]string // the reason last logged
	lastSuccess time.Time
	lastFailure time.Time
	lastReason  string
}

func newWatch(name string, src connectors.Source, deps Deps) *watch {
	var ops []op
	for o, has := range map[op]bool{
		opCheck: src.Check != nil, opFind: src.Find != nil, opList: src.List != nil,
		opDo: src.Do != nil, opLearn: src.Learn != nil, opSend: src.Send != nil, opAuthenticate: src.Authenticate != nil,
	} {
		if has {
			ops = append(ops, o)
		}
	}
	return &watch{log: deps.Log, metrics: deps.Metrics.source(name, ops), failing: map[op]string{}}
}

// turnedAway notes a call that never reached the source.
func (w *watch) turnedAway(o op, err error) {
	w.metrics.calls[o][connectors.Reason(err)].Inc()
}

// ended notes a call that reached the source.
func (w *watch) ended(o op, err error, began time.Time) {
	reason, now := connectors.Reason(err), time.Now()
	took := now.Sub(began)
	w.metrics.calls[o][reason].Inc()
	w.metrics.duration[o].Observe(took.Seconds())

	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case reason == connectors.ReasonCanceled:
		return
	case err == nil:
		w.lastSuccess = now.UTC()
		w.metrics.lastSuccess().Set(float64(now.UnixMilli()) / 1000)
	case failure(o, err):
		w.lastFailure, w.lastReason = now.UTC(), reason
		if w.failing[o] != reason {
			w.failing[o] = reason
			w.log.Warn("source failing", "op", string(o), "reason", reason, "took", took, "err", err)
		}
		return
	}
	if was, failed := w.failing[o]; failed {
		delete(w.failing, o)
		w.log.Info("source answers again", "op", string(o), "reason", was, "took", took)
	}
}

// failure tells whether an end is something that IT should hear of. A wrong
// PIN or an unknown patron is not; that we ourselves are not let in is.
func failure(o op, err error) bool {
	if !answered(err) {
		return true
	}
	return (o == opCheck || o == opList) && err != nil
}

// leftBehind notes a connector that did not return when its context ended.
func (w *watch) leftBehind(o op) {
	w.log.Error("connector ignores its context; its slot stays taken until it returns", "op", string(o))
}

// defect notes a mistake of a connector. The text holds no value.
func (w *watch) defect(o op, text, stack string) {
	w.log.Error("connector defect", "op", string(o), "reason", connectors.ReasonDefect, "err", text, "stack", stack)
}

// breakerChanged notes that one of the source's breakers changed to a state,
// and the state of the worst of them.
func (w *watch) breakerChanged(which string, to, worst State) {
	w.metrics.transitions[to].Inc()
	w.metrics.show(worst)
	switch to {
	case Open:
		w.log.Warn("breaker open: the source is left alone", "op", which)
	case Closed:
		w.log.Info("breaker closed: the source is called again", "op", which)
	case HalfOpen:
	}
}
