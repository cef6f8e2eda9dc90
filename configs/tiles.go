package configs

import (
	"net/url"
	"strings"
)

// Tiles is a map in square pictures, in Web Mercator (EPSG:3857), under the
// map of the neighbourhood. The zero Tiles draws none.
type Tiles struct {
	URL         string `json:"url,omitempty" jsonschema:"address of a tile, with {z}, {x} and {y} in it; the citizen's browser asks it, and so tells its owner which homes are looked at"`
	Attribution string `json:"attribution,omitempty" jsonschema:"who made the map, shown below it"`
	MaxZoom     int    `json:"max_zoom,omitempty" jsonschema:"the closest zoom that there are tiles of, from 1 to 22"`
}

func (d *decoder) checkTiles(t Tiles) {
	if t == (Tiles{}) {
		return
	}
	u, err := url.Parse(strings.NewReplacer("{z}", "1", "{x}", "1", "{y}", "1").Replace(t.URL))
	placed := strings.Count(t.URL, "{z}") == 1 && strings.Count(t.URL, "{x}") == 1 && strings.Count(t.URL, "{y}") == 1
	if err != nil || u.Scheme != "https" || u.User != nil || !placed || u.Host == "" || strings.ContainsAny(u.Host, "{}* ;,'") || strings.ContainsAny(u.Path, "{}") {
		d.at("town.tiles.url", "write such as https://tuiles.exemple.test/{z}/{x}/{y}.png: https, no user, each of {z} {x} {y} once, none in the host")
	}
	if t.Attribution == "" {
		d.at("town.tiles.attribution", "missing: who made the map")
	}
	if t.MaxZoom < 1 || t.MaxZoom > 22 {
		d.at("town.tiles.max_zoom", "write a number from 1 to 22, such as 19")
	}
}
