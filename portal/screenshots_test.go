package portal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestScreenshots keeps a picture of every page in both languages and every
// look, in the folder SCREENSHOTS. `make screenshots` runs it.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	_, p := open(t)
	base := visit(t, p).base
	page := browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(10 * time.Minute)
	take := func(name, path string) {
		t.Run(name, func(t *testing.T) {
			page.MustNavigate(base + path).MustWaitLoad()
			for _, l := range looks() {
				as(t, page, l)
				keep(t, page, filepath.Join(dir, name+"-"+l.name+".png"))
			}
			as(t, page, looks()[0]) // paper has no buttons to go on with
		})
	}
	for _, lang := range []string{"fr", "en"} {
		page.MustNavigate(base + "/connexion").MustWaitLoad()
		if lang == "en" {
			press(t, page, "button[value='en']", "html[lang='en-CA']")
		}
		take(lang+"-connexion", "/connexion")
		for _, who := range []portaltest.Person{portaltest.Family, portaltest.Stale, portaltest.Newcomer} {
			signInAs(t, page, base, who)
			if lang == "en" && page.MustElement("html").MustProperty("lang").Str() != "en-CA" {
				press(t, page, "button[value='en']", "html[lang='en-CA']")
			}
			for _, path := range pages() {
				switch {
				case who == portaltest.Family:
					take(lang+"-"+fileName(path), path)
				case path == "/" || path == "/quartier":
					take(lang+"-"+fileName(path)+"-"+who.Name, path)
				}
			}
			page.MustWaitStable()
			press(t, page, "form[action='/deconnexion'] button", ".notice")
		}
	}
}

// signInAs signs somebody in.
func signInAs(t *testing.T, page *rod.Page, base string, who portaltest.Person) {
	t.Helper()
	page.MustNavigate(base + "/connexion").MustWaitLoad()
	page.MustElement("#carte").MustInput(who.Card)
	page.MustElement("#nip").MustInput(who.PIN)
	press(t, page, "form[action='/connexion'] button", "form[action='/deconnexion']")
	page.MustWaitLoad()
}

func keep(t *testing.T, page *rod.Page, file string) {
	t.Helper()
	png, err := page.Screenshot(true, &proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng})
	if err == nil {
		err = os.WriteFile(file, png, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
