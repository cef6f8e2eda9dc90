// Package portaltest is a portal over real stores with invented people in them,
// for tests, the bench and screenshots.
package portaltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	_ "time/tzdata" // the zone of the town, wherever this runs

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
)

// House is the stores and the options of a portal over them.
type House struct {
	Cache   *cache.File
	Dossier *dossier.SQLite
	// Options may be changed before they are given to portal.New.
	Options portal.Options
	// Desk is that of Options.
	Desk *Desk
	// Room is the waiting room of Options.
	Room *Room

	cards []record.Card // of everybody
}

// BaseURL is where citizens and the systems of the town find the portal.
const BaseURL = "https://sem.pointe-aux-erables.example"

// Pepper is the key that the invented PINs are hashed with.
func Pepper() []byte { return []byte("pepper of an invented town, 32 b") }

// Open makes stores in a folder and puts everybody in.
func Open(ctx context.Context, dir string) (*House, error) {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		return nil, fmt.Errorf("portaltest: %w", err)
	}
	h := &House{}
	if h.Cache, err = cache.OpenFile(filepath.Join(dir, "cache.db"), cache.Options{}); err != nil {
		return nil, fmt.Errorf("portaltest: %w", err)
	}
	if h.Dossier, err = dossier.OpenSQLite(filepath.Join(dir, "dossier.db"), slog.New(slog.DiscardHandler), zone); err != nil {
		return nil, errors.Join(fmt.Errorf("portaltest: %w", err), h.Cache.Close())
	}
	h.Options = portal.Options{
		Town: portal.Town{Name: "Ville de Pointe-aux-Érables", Zone: zone, English: true},
		Sources: []portal.Source{
			{Name: "bibliotheque", Domain: portal.Library},
			{Name: "loisirs", Domain: portal.Recreation},
			{Name: "role", Domain: portal.Property},
			{Name: "requetes", Domain: portal.Requests},
		},
		Cache: h.Cache, Dossier: h.Dossier, Places: Surroundings{}, Pepper: Pepper(), BaseURL: BaseURL, Insecure: true, Now: Now,
	}
	if err := h.fill(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("portaltest: %w", err), h.Close())
	}
	nobody, err := h.Dossier.ByCard(ctx, Newcomer.Card)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("portaltest: %w", err), h.Close())
	}
	twice, err := h.Dossier.ByCard(ctx, Stale.Card)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("portaltest: %w", err), h.Close())
	}
	for _, section := range []cache.Section{Catalogue(), Services()} {
		if err := h.Cache.PutTown(ctx, section); err != nil {
			return nil, errors.Join(fmt.Errorf("portaltest: %w", err), h.Close())
		}
	}
	h.Desk = NewDesk()
	h.Desk.Photos = h.Dossier
	if err := h.sendBefore(ctx, h.Desk); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if h.Room, err = NewRoom(ctx, h.Dossier); err != nil {
		return nil, errors.Join(fmt.Errorf("portaltest: %w", err), h.Close())
	}
	if err := h.enterBefore(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("portaltest: %w", err), h.Close())
	}
	h.Options.WaitingRoom = h.Room
	h.Options.Schedules, h.Options.Desk, h.Options.Mail = Calendar{Nobody: nobody, Twice: twice}, h.Desk, Mail()
	return h, nil
}

func (h *House) fill(ctx context.Context) error {
	var list []Resident
	for _, p := range people() {
		r := Resident{Person: p, Sections: Sections(p)}
		if p == Family {
			r.Born, r.Account = record.Date{Year: 1986, Month: time.April, Day: 11}, familyAccount
		}
		list = append(list, r)
	}
	if err := h.MoveIn(ctx, append(list, filed()...)...); err != nil {
		return err
	}
	family, err := h.Dossier.ByCard(ctx, Family.Card)
	if err != nil {
		return err
	}
	return h.Dossier.Seen(ctx, family, LastVisit())
}

// Close closes the stores.
func (h *House) Close() error { return errors.Join(h.Dossier.Close(), h.Cache.Close()) }
