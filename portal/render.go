package portal

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/semenligne/sem/portal/views"
)

const htmlType = "text/html; charset=utf-8"

// render draws a page into memory first, so that a page that fails half-way is
// never half sent.
func (p *Portal) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", htmlType)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may be gone
	return nil
}

// finish draws a page once, to be written many times.
func finish(ctx context.Context, page templ.Component, contentType string) (*finished, error) {
	var b bytes.Buffer
	if err := page.Render(ctx, &b); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return newFinished(b.Bytes(), contentType)
}

// finished is an answer ready to be written, plain and compressed, with the
// headers that belong to each.
type finished struct {
	plain, zipped  []byte
	contentType    []string
	plainLength    []string
	zippedLength   []string
	vary, encoding []string
}

func newFinished(plain []byte, contentType string) (*finished, error) {
	var z bytes.Buffer
	gz, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if _, err := gz.Write(plain); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if err := gz.Close(); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return &finished{
		plain: plain, zipped: z.Bytes(), contentType: []string{contentType},
		plainLength: []string{strconv.Itoa(len(plain))}, zippedLength: []string{strconv.Itoa(z.Len())},
		vary: []string{"Accept-Encoding, Cookie"}, encoding: []string{"gzip"},
	}, nil
}

// size is what the answer costs in memory.
func (f *finished) size() int { return len(f.plain) + len(f.zipped) + 512 }

// write sends the answer. The header values are shared between requests and
// never appended to.
func (f *finished) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Type"], h["Vary"] = f.contentType, f.vary
	body := f.plain
	if acceptsGzip(r) {
		h["Content-Encoding"], h["Content-Length"] = f.encoding, f.zippedLength
		body = f.zipped
	} else {
		h["Content-Length"] = f.plainLength
	}
	_, _ = w.Write(body) //nolint:gosec // drawn by templ, which escapes; the reader may be gone
}

func acceptsGzip(r *http.Request) bool {
	for _, v := range r.Header["Accept-Encoding"] {
		for part := range strings.SplitSeq(v, ",") {
			name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
			if strings.EqualFold(name, "gzip") && strings.TrimSpace(weight) != "q=0" {
				return true
			}
		}
	}
	return false
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"ours"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may be gone
}

// page is what every page has around its content.
func (p *Portal) page(prefs preferences, here string) views.Page {
	w := p.words[prefs.lang]
	help := p.opt.Town.Help[prefs.lang]
	if help == "" {
		help = w.T("help.default")
	}
	return views.Page{
		W: w, Here: here,
		Town:   views.Town{Name: p.opt.Town.Name, Logo: p.assets.logo, English: p.opt.Town.English, Help: help},
		Style:  p.assets.style,
		Script: p.assets.script,
		Font:   p.assets.font,
		Icon:   p.assets.icon,
		Brand:  p.assets.brand,
		Choices: views.Choices{
			TextSize: prefs.textSize, Contrast: prefs.contrast, Font: prefs.font, Reduced: prefs.reduced, Shared: prefs.shared,
		},
	}
}

// within tells whether a page is the one at a path, or below it.
func within(path, here string) bool { return here == path || strings.HasPrefix(here, path+"/") }

// mine has the pages about the dossier itself.
func (p *Portal) mine(page views.Page) []views.Link {
	var list []views.Link
	pages := []struct{ name, path string }{
		{"household", householdPath}, {"calendars", calendarsPath}, {"display", displayPath},
	}
	if p.opt.Desk != nil && p.opt.Mail != nil {
		pages = append(pages, struct{ name, path string }{"letter", letterPath})
	}
	for _, l := range pages {
		list = append(list, views.Link{Text: page.W.T("nav." + l.name), Href: l.path, Icon: l.name, Current: page.Here == l.path})
	}
	return list
}

// signedIn adds what pages behind the sign-in have.
func (p *Portal) signedIn(page views.Page) views.Page {
	page.SignedIn, page.Live = true, !page.Choices.Reduced
	page.IdleSeconds = int((&session{shared: page.Choices.Shared}).idle().Seconds())
	page.Mine = p.mine(page)
	page.Nav = []views.Link{{Text: page.W.T("nav.home"), Href: "/", Icon: "home", Current: page.Here == "/"}}
	page.Nav = append(page.Nav, views.Link{Text: page.W.T("nav.week"), Href: weekPath, Icon: "week", Current: within(weekPath, page.Here)})
	for _, d := range p.domains() {
		page.Nav = append(page.Nav, views.Link{
			Text: page.W.T("nav." + string(d)), Href: d.path(), Icon: string(d), Current: page.Here == d.path(),
		})
		if d == Property && p.opt.Places != nil {
			page.Nav = append(page.Nav, views.Link{Text: page.W.T("nav.places"), Href: neighbourhoodPath, Icon: "places", Current: page.Here == neighbourhoodPath})
		}
	}
	if p.opt.Schedules != nil {
		page.Nav = append(page.Nav, views.Link{Text: page.W.T("nav.collections"), Href: collectionsPath, Icon: "collections", Current: within(collectionsPath, page.Here)})
	}
	if p.opt.Desk != nil {
		page.Nav = append(page.Nav, views.Link{Text: page.W.T("nav.transactions"), Href: transactionsPath, Icon: "transactions", Current: within(transactionsPath, page.Here)})
	}
	return page
}
