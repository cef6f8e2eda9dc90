package guard

import "time"

// Status is what the guard knows of its source at a moment.
type Status struct {
	Source string
	// Killed is set while the source is switched off.
	Killed *Switch
	// Maintenance tells whether a maintenance window is open.
	Maintenance bool
	// Breakers of the reads, the PIN checks and the actions.
	Reads, Authenticate, Actions State
	// LastSuccess is when a call last succeeded, UTC; zero when none did.
	LastSuccess time.Time
	// LastFailure is when a call last failed, UTC, and Reason the bounded
	// reason: see connectors.Reason. Zero and "" when none did.
	LastFailure time.Time
	Reason      string
	// InFlight counts slots taken, by connectors left behind at the deadline
	// too; Waiting counts calls that wait for a slot.
	InFlight, Waiting int
}

// Status returns the state of the source.
func (g *Guard) Status() Status {
	now := time.Now()
	g.watch.mu.Lock()
	defer g.watch.mu.Unlock()
	return Status{
		Source:       g.name,
		Killed:       g.kill.state(now),
		Maintenance:  g.maintained(now),
		LastSuccess:  g.watch.lastSuccess,
		LastFailure:  g.watch.lastFailure,
		Reason:       g.watch.lastReason,
		InFlight:     g.bulkhead.busy(),
		Waiting:      int(g.bulkhead.waiting.Load()),
		Reads:        stateOf(g.breakers.reads.gate.State()),
		Authenticate: stateOf(g.breakers.authenticate.gate.State()),
		Actions:      stateOf(g.breakers.actions.gate.State()),
	}
}
