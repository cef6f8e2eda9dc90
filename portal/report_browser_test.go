package portal_test

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// located is a photo that says where it was taken: 45° 33′ 40″ N (Exif 2.32,
// section 4.6.6).
func located(t *testing.T) []byte {
	t.Helper()
	le := binary.LittleEndian
	b := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00")
	b = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(b, 0x8825), 4), 1), 26) // where the position is
	b = append(le.AppendUint32(b, 0), "\x02\x00"+"\x01\x00\x02\x00\x02\x00\x00\x00N\x00\x00\x00"...)
	b = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(b, 2), 5), 3), 56)
	b = le.AppendUint32(b, 0)
	for _, n := range []uint32{45, 33, 40} {
		b = le.AppendUint32(le.AppendUint32(b, n), 1)
	}
	photo := jpegFile(t)
	out := append([]byte{}, photo[:2]...)
	out = binary.BigEndian.AppendUint16(append(out, 0xff, 0xe1), uint16(len(b)+2))
	return append(append(out, b...), photo[2:]...)
}

// TestPhotoIsSentByKeyboard fills the form with the keyboard alone, goes on from
// the draft that a mistake left, with the photo kept, clicks the plan once, sends
// with the key Enter, and fetches the photo as the town does: without where it
// was taken.
func TestPhotoIsSentByKeyboard(t *testing.T) {
	file := filepath.Join(t.TempDir(), "IMG_0001.jpg")
	if err := os.WriteFile(file, located(t), 0o600); err != nil {
		t.Fatal(err)
	}
	h, p := open(t)
	town := visit(t, p)
	k := keyboard{t, browsertest.Chromium(t).MustPage(town.base + "/connexion").Timeout(2 * time.Minute), town.base}
	k.page.MustWaitLoad()
	k.signIn(portaltest.Family)
	before := len(h.Desk.Effects())
	look := inspector{t, k.page, town.base}
	wide, narrow := looks()[0], looks()[3]

	k.page.MustNavigate(town.base + potholePath).MustWaitLoad()
	look.look("empty form", wide, narrow)
	browsertest.Focus(t, k.page, "#adresse")
	k.page.MustInsertText("125, rue du Moulin")
	browsertest.Focus(t, k.page, "#texte")
	k.page.MustInsertText("Un trou devant l’école.")
	browsertest.Focus(t, k.page, "#photos") // what the key opens is the system's own window
	k.page.MustElement("#photos").MustSetFiles(file)
	browsertest.Focus(t, k.page, "form.asks button.primary")
	k.page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(t, k.page, "#problemes")
	look.look("form with a photo and a problem", wide, narrow)
	if k.page.MustElement("ul.photos img").MustEval(`() => this.complete && this.naturalWidth`).Int() == 0 {
		t.Error("the photo that the form kept is not seen")
	}
	k.press("/requetes/signaler", "#brouillons a", input.Enter, "ul.photos img")
	k.page.MustElement(".plan-picture").MustClick()
	browsertest.Arrive(t, k.page, "button[name=sanspoint]")
	look.look("form from the draft, with a point", wide, narrow)
	browsertest.Focus(t, k.page, "input[name='"+questionField("taille")+"']")
	k.page.Keyboard.MustType(input.Space)
	browsertest.Focus(t, k.page, "#telephone")
	k.page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(t, k.page, ".receipt ul.photos img")
	look.look("receipt", wide, narrow)

	effects := h.Desk.Effects()[before:]
	if len(effects) != 1 {
		t.Fatalf("%d requests", len(effects))
	}
	if sent := effects[0].Action.(record.Submit); sent.Point == nil || !sent.Point.Valid() || sent.Address != "125, rue du Moulin" {
		t.Errorf("sent from %q at %v", sent.Address, sent.Point)
	}
	path, ok := strings.CutPrefix(effects[0].Action.(record.Submit).MediaURL, portaltest.BaseURL)
	got := town.another().get(path)
	if _, err := jpeg.Decode(strings.NewReader(got.text)); !ok || err != nil || bytes.Contains([]byte(got.text), []byte("Exif")) {
		t.Errorf("the town fetches %q: status %d, %v", path, got.StatusCode, err)
	}
}
