package portal

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

//go:embed static
var files embed.FS

// assets are the static files, under names that change with their content, so
// that a browser may keep them for good.
type assets struct {
	style, script, icon string
	grid                string // places of the timetable
	font                string // sheet of the font for dyslexia
	brand, logo         string // the town's own; "" when it has none
	byName              map[string]*finished
}

func loadAssets(town Town) (*assets, error) {
	a := &assets{byName: map[string]*finished{}}
	for name, address := range map[string]*string{"style.css": &a.style, "live.js": &a.script, "icon.svg": &a.icon} {
		data, err := files.ReadFile("static/" + name)
		if err != nil {
			return nil, fmt.Errorf("static file: %w", err)
		}
		if *address, err = a.add(name, data); err != nil {
			return nil, err
		}
	}
	var err error
	if a.grid, err = a.add("grid.css", gridStyle()); err != nil {
		return nil, err
	}
	if a.font, err = a.addFont(); err != nil {
		return nil, err
	}
	if town.Colour != "" {
		css, bad := brandStyle(town.Colour)
		if bad != nil {
			return nil, bad
		}
		if a.brand, err = a.add("town.css", css); err != nil {
			return nil, err
		}
	}
	if town.Logo != nil {
		if a.logo, err = a.add("logo.svg", town.Logo); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// add keeps a file and returns its address.
func (a *assets) add(name string, data []byte) (string, error) {
	types := map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
	}
	f, err := newFinished(data, types[path.Ext(name)])
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	stem, ext, _ := strings.Cut(name, ".")
	hashed := stem + "." + hex.EncodeToString(sum[:6]) + "." + ext
	a.byName[hashed] = f
	return "/static/" + hashed, nil
}

// addFont keeps Lexend, a font that was drawn for easier reading (SIL Open Font
// License, beside it), and returns the sheet that names its files.
func (a *assets) addFont() (string, error) {
	var css []byte
	for _, weight := range []string{"400", "700"} {
		data, err := files.ReadFile("static/lexend-" + weight + ".woff2")
		if err != nil {
			return "", fmt.Errorf("static file: %w", err)
		}
		address, err := a.add("lexend-"+weight+".woff2", data)
		if err != nil {
			return "", err
		}
		css = fmt.Appendf(css, "@font-face{font-family:Lexend;font-weight:%s;font-display:swap;src:url(%s) format(\"woff2\")}\n", weight, address)
	}
	return a.add("font.css", css)
}

// static serves a file that may be kept for good: another content has another
// name.
func (p *Portal) static(w http.ResponseWriter, r *http.Request) error {
	f := p.assets.byName[chi.URLParam(r, "file")]
	if f == nil {
		return errNotFound
	}
	w.Header()["Cache-Control"] = []string{"public, max-age=31536000, immutable"}
	f.write(w, r)
	return nil
}

// gridStyle has a class for each place in a timetable, since no page may carry
// a style of its own: from which step of five minutes, over how many, from which
// twelfth of the day's column, over how many, how many hours there are, and how
// many things stand side by side on a day. A list needs none of them.
func gridStyle() []byte {
	css := []byte("@container (min-width: 56rem) {\n")
	for n := range 24 * 60 / step {
		css = fmt.Appendf(css, ".week .f-%d{grid-row-start:%d}\n.week .s-%d{grid-row-end:span %d}\n", n, n+1, n+1, n+1)
	}
	for n := range columns {
		css = fmt.Appendf(css, ".week .c-%d{grid-column-start:%d}\n.week .w-%d{grid-column-end:span %d}\n", n+1, n+1, n+1, n+1)
	}
	for n := range 24 {
		css = fmt.Appendf(css, ".hours-%d{--steps:%d}\n", n+1, (n+1)*60/step)
	}
	for n := range 7 {
		css = fmt.Appendf(css, ".day-%d-2{--day-%d:1.65fr}\n.day-%d-3{--day-%d:2.3fr}\n", n+1, n+1, n+1, n+1)
		css = fmt.Appendf(css, ".week .day:nth-of-type(%d){grid-column:%d}\n", n+1, n+2)
	}
	return append(css, "}\n"...)
}

// brandStyle sets the town's colour, and a lighter one of the same for dark
// pages. A colour that cannot be read on white is refused.
func brandStyle(colour string) ([]byte, error) {
	rgb, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 || colour[0] != '#' {
		return nil, fmt.Errorf("town colour %q: not #rrggbb", colour)
	}
	if ratio := 1.05 / (luminance(rgb) + 0.05); ratio < 4.5 {
		return nil, fmt.Errorf("town colour %s: contrast with white is %.1f, at least 4.5 wanted", colour, ratio)
	}
	return fmt.Appendf(nil, ":root{--river:%[1]s}\n@media (prefers-color-scheme:dark){:root{--river:color-mix(in srgb,%[1]s 45%%,white)}}\n", colour), nil
}

// luminance is the relative luminance of a colour (WCAG 2.2).
func luminance(rgb uint64) float64 {
	channel := func(shift uint) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}
