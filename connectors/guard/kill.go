package guard

import (
	"fmt"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Switch is a source switched off by IT.
type Switch struct {
	// Reason is what the person who switched it off wrote, for staff.
	Reason string
	// Since is when, UTC.
	Since time.Time
	// Until is when it comes on again by itself, UTC; zero means never.
	Until time.Time
}

// killSwitch remembers whether a source is switched off.
type killSwitch struct {
	mu  sync.Mutex
	off *Switch
}

// state returns the switch when the source is off at a time, nil when it is on.
func (k *killSwitch) state(now time.Time) *Switch {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.off != nil && !k.off.Until.IsZero() && !now.Before(k.off.Until) {
		k.off = nil
	}
	if k.off == nil {
		return nil
	}
	off := *k.off
	return &off
}

func (k *killSwitch) set(off *Switch) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.off = off
}

// Kill switches the source off until Revive: every call is ErrPaused from now
// on. Calls under way go on. The reason is for staff; it reaches Status only,
// no error and no log. The switch lives in memory; the caller keeps it.
func (g *Guard) Kill(reason string) { g.KillUntil(reason, time.Time{}) }

// KillUntil is Kill that ends by itself at an instant.
func (g *Guard) KillUntil(reason string, until time.Time) {
	if !until.IsZero() {
		until = until.UTC()
	}
	g.kill.set(&Switch{Reason: reason, Since: time.Now().UTC(), Until: until})
	g.log.Info("source switched off")
}

// Revive switches the source on again.
func (g *Guard) Revive() {
	if g.kill.state(time.Now()) == nil {
		return
	}
	g.kill.set(nil)
	g.log.Info("source switched on")
}

// paused returns ErrPaused when the source is off or under maintenance.
func (g *Guard) paused(now time.Time) error {
	if g.kill.state(now) != nil {
		return fmt.Errorf("switched off: %w", connectors.ErrPaused)
	}
	if g.maintained(now) {
		return fmt.Errorf("maintenance window: %w", connectors.ErrPaused)
	}
	return nil
}

func (g *Guard) maintained(now time.Time) bool {
	local := now.In(g.zone)
	for _, w := range g.cfg.Maintenance {
		if w.covers(local) {
			return true
		}
	}
	return false
}
