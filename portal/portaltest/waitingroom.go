package portaltest

import (
	"context"
	"sync"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
)

// Room is a waiting room over the dossier of a house, whose window is on or off
// as a test says, and where turns come when a test moves tickets.
type Room struct {
	kept interface {
		dossier.WaitingRoom
		dossier.Turns
	}
	watchers cache.Watchers

	mu       sync.Mutex
	on       bool
	window   portal.Window
	standing func(*portal.Standing)
}

// NewRoom makes a room for a window of loisirs that opens half an hour after
// [Now], and is not on.
func NewRoom(ctx context.Context, store *dossier.SQLite) (*Room, error) {
	r := &Room{kept: store, window: portal.Window{ID: "loisirs rush", Opens: Now().Add(30 * time.Minute), Closes: Now().Add(5 * time.Hour)}}
	_, err := store.PrepareDraw(ctx, r.window.ID, []byte("an invented seed of 32 bytes ..."), Now())
	return r, err
}

// TicketID is the ticket that the family took before Now.
const TicketID = "7d1f0c52-0b3e-4a65-9c1d-2f9f5f0a6e11"

// enterBefore has the family wait for a place before the opening.
func (h *House) enterBefore(ctx context.Context) error {
	maude, err := h.Dossier.ByCard(ctx, Family.Card)
	if err != nil {
		return err
	}
	_, err = h.Room.Enter(ctx, dossier.Ticket{
		ID: TicketID, Window: h.Room.window.ID, Citizen: maude, Source: "loisirs", Ref: record.NewRef(familyAccount), About: "Yoga doux – Maude",
		Action: record.Register{Session: "Yoga doux0", Offer: "residents", Order: TicketID, Email: "maude@exemple.test", AttendeeGivenName: "Maude"},
	})
	return err
}

// Set opens or closes the window, with its opening so long after Now.
func (r *Room) Set(on bool, opens time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on, r.window.Opens = on, Now().Add(opens)
}

// Stand changes what is said of where tickets stand.
func (r *Room) Stand(change func(*portal.Standing)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.standing = change
}

// Keep keeps the place of a citizen's ticket until an instant.
func (r *Room) Keep(ctx context.Context, citizen record.Citizen, id string, receipt record.Receipt) error {
	t, err := r.kept.Ticket(ctx, citizen, id)
	if err != nil {
		return err
	}
	if _, err := r.kept.DrawOrder(ctx, t.Window, Now()); err != nil {
		return err
	}
	t.State, t.Receipt, t.HeldUntil = dossier.TicketHeld, receipt, receipt.Quote.HeldUntil
	err = r.kept.MoveTicket(ctx, dossier.TicketWaiting, t, Now())
	r.watchers.Tell(citizen)
	return err
}

// Window implements portal.WaitingRoom.
func (r *Room) Window(source string, _ time.Time) (portal.Window, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.window, r.on && source == "loisirs"
}

// Enter implements portal.WaitingRoom.
func (r *Room) Enter(ctx context.Context, t dossier.Ticket) (dossier.Ticket, error) {
	t.Arrived = Now()
	stored, _, err := r.kept.Enter(ctx, t)
	return stored, err
}

// Leave implements portal.WaitingRoom.
func (r *Room) Leave(ctx context.Context, citizen record.Citizen, id string) error {
	err := r.kept.Leave(ctx, citizen, id, Now())
	r.watchers.Tell(citizen)
	return err
}

// Standing implements portal.WaitingRoom.
func (r *Room) Standing(ctx context.Context, citizen record.Citizen, id string) (portal.Standing, error) {
	t, err := r.kept.Ticket(ctx, citizen, id)
	if err != nil {
		return portal.Standing{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := portal.Standing{Ticket: t, Opens: r.window.Opens, Closes: r.window.Closes}
	if s.Draw, err = r.kept.FindDraw(ctx, t.Window); err != nil {
		return portal.Standing{}, err
	}
	if s.Progress, err = r.kept.Progress(ctx, t, Now()); err != nil {
		return portal.Standing{}, err
	}
	if r.standing != nil {
		r.standing(&s)
	}
	return s, nil
}

// Tickets implements portal.WaitingRoom.
func (r *Room) Tickets(ctx context.Context, citizen record.Citizen) ([]dossier.Ticket, error) {
	return r.kept.Tickets(ctx, citizen)
}

// Watch implements portal.WaitingRoom.
func (r *Room) Watch(citizen record.Citizen) (<-chan struct{}, func()) {
	return r.watchers.Add(citizen)
}
