package main

import (
	"context"
	"time"

	"github.com/semenligne/sem/aggregator/rush"
	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
)

// newRush hands the engine of the waiting room its windows and guarded sources.
func newRush(h *house, windows []configs.Rush) (*rush.Engine, error) {
	o := rush.Options{Dossier: h.dossier, Sources: map[string]connectors.Doer{}, Log: h.log, Registerer: h.registry}
	for _, w := range windows {
		o.Windows = append(o.Windows, rush.Window{
			Source: w.Source, Opens: w.OpensAt, Closes: w.ClosesAt, Lobby: w.Lobby.Std(), Parallel: w.Parallel, Decide: w.Decide.Std(),
		})
		if s, ok := h.sources.named(w.Source); ok && s.guarded.Do != nil {
			o.Sources[w.Source] = s.guarded.Do
		}
	}
	return rush.New(o)
}

// waitingRoom is the portal's way into the waiting room.
type waitingRoom struct {
	*rush.Engine
	kept dossier.WaitingRoom
}

// Window implements portal.WaitingRoom.
func (w waitingRoom) Window(source string, now time.Time) (portal.Window, bool) {
	found, ok := w.Engine.Window(source, now)
	return portal.Window{ID: found.ID(), Opens: found.Opens, Closes: found.Closes}, ok
}

// Standing implements portal.WaitingRoom.
func (w waitingRoom) Standing(ctx context.Context, citizen record.Citizen, id string) (portal.Standing, error) {
	s, err := w.Engine.Standing(ctx, citizen, id)
	return portal.Standing(s), err
}

// Tickets implements portal.WaitingRoom.
func (w waitingRoom) Tickets(ctx context.Context, citizen record.Citizen) ([]dossier.Ticket, error) {
	return w.kept.Tickets(ctx, citizen)
}
