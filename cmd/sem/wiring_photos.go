package main

import (
	"context"
	"slices"
	"time"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
)

// noPhotos is what check and serve say of a town whose systems cannot fetch
// photos.
const noPhotos = "portal.base_url is not set: requests are sent without photos"

// lacksPhotos tells whether requests are taken, and photos with them are not.
func lacksPhotos(config *configs.Config) bool {
	return config.Portal.BaseURL == "" && slices.ContainsFunc(config.Sources, func(s configs.Source) bool { return s.Of.Domain == connectors.DomainRequests })
}

// sweptEvery is how often what is old is dropped.
const sweptEvery = time.Hour

// sweep drops old photos and drafts and tells of lost photos, at the start and
// from then on.
func (h *house) sweep(ctx context.Context) error {
	tick := time.NewTicker(sweptEvery)
	defer tick.Stop()
	for {
		found, err := h.dossier.SweepPhotos(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			h.log.Error("photos not swept", "err", err)
		case found.Lost > 0:
			h.log.Error("files of photos lost: restore them from the backup", "lost", found.Lost)
		}
		if found.Drafts+found.Ended+found.Orphans > 0 {
			h.log.Info("photos swept", "drafts", found.Drafts, "ended", found.Ended, "orphans", found.Orphans)
		}
		if n, err := h.dossier.SweepDrafts(ctx, time.Now()); err != nil && ctx.Err() == nil {
			h.log.Error("drafts not swept", "err", err)
		} else if n > 0 {
			h.log.Info("drafts swept", "expired", n)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
