package portal

import (
	"context"
	"net/http"
	"time"
)

// livez says that the process serves.
func (p *Portal) livez(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]string{"status": "live"})
	return nil
}

// readyz says that the dossier answers. Sources are never asked: a portal whose
// sources are all down is ready, and says so on its pages.
func (p *Portal) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := p.opt.Dossier.Ping(ctx); err != nil {
		p.opt.Log.Warn("not ready", "err", err)
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "dossier unavailable"})
		return nil
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	return nil
}
