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

// photosSwept is how often abandoned photos are dropped.
const photosSwept = time.Hour

// sweepPhotos drops abandoned photos and tells of lost ones, at the start and
// from then on.
func (h *house) sweepPhotos(ctx context.Context) error {
	tick := time.NewTicker(photosSwept)
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
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
