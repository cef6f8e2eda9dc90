package rush

import (
	"context"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// paceOver is the time over which the pace of the queue is measured.
const paceOver = time.Minute

// Standing is where a ticket stands.
type Standing struct {
	Ticket   dossier.Ticket
	Draw     dossier.Draw
	Progress dossier.Progress
	// Opens and Closes are those of the window; zero when it is no longer configured.
	Opens, Closes time.Time
	// Scarce: the last places of the session are kept for others who have not
	// decided yet.
	Scarce bool
	// Resting is the bounded reason why the source is not being asked now; empty
	// when it is.
	Resting string
	// Wait is how long the turn is away at the pace measured; 0 is not known.
	Wait time.Duration
}

// Standing tells where one of the citizen's tickets stands, or
// [dossier.ErrNotFound].
func (e *Engine) Standing(ctx context.Context, citizen record.Citizen, id string) (Standing, error) {
	t, err := e.o.Dossier.Ticket(ctx, citizen, id)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Ticket: t}
	if s.Draw, err = e.o.Dossier.FindDraw(ctx, t.Window); err != nil {
		return Standing{}, err
	}
	now := time.Now()
	since := now.Add(-paceOver)
	if s.Progress, err = e.o.Dossier.Progress(ctx, t, since); err != nil {
		return Standing{}, err
	}
	r := e.rooms[t.Window]
	if r == nil { // no longer configured
		return s, nil
	}
	s.Opens, s.Closes = r.Opens, r.Closes
	s.Scarce = r.isShut(t.Action.Session, now)
	if _, why, resting := r.resting(now); resting {
		s.Resting = why
	}
	s.Wait = wait(s.Progress.Ahead, s.Progress.Asked, min(now.Sub(r.Opens), paceOver))
	return s, nil
}

// wait is how long so many turns take when so many came in a time.
func wait(ahead, came int, within time.Duration) time.Duration {
	if came == 0 || within <= 0 {
		return 0
	}
	return time.Duration(float64(within) * float64(ahead+1) / float64(came))
}

func (r *room) isShut(session string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shut[session].until.After(now)
}
