package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/semenligne/sem/portal/townmap"
)

// Tiles is a map in square pictures under the map of the neighbourhood. The
// citizen's browser fetches them from where they are: their owner learns from
// which address on the network, and around which home, but not on whose page.
type Tiles struct {
	townmap.TileSource
	// Attribution is shown below the map.
	Attribution string
}

// tiles returns the tiles to show, nil for none: not configured, or the citizen
// wants few bytes or more contrast than a picture has.
func (p *Portal) tiles(prefs preferences) *Tiles {
	if prefs.reduced || prefs.contrast {
		return nil
	}
	return p.opt.Tiles
}

// allowTiles opens the policy of this one answer to pictures of the tiles'
// origin, and to nothing else of it.
func allowTiles(w http.ResponseWriter, t *Tiles) {
	if t == nil {
		return
	}
	if origin := t.origin(); origin != "" {
		w.Header().Set("Content-Security-Policy", strings.Replace(policy, "img-src 'self'", "img-src 'self' "+origin, 1))
	}
}

// origin is where the tiles are, "" for an address that is none.
func (t *Tiles) origin() string {
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(t.URL))
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
