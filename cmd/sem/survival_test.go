package main

import (
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/smtp/smtpsim"
	"github.com/semenligne/sem/dossier"
)

// kept is everything that must not be lost: what the family sent, with its
// receipts and what followed from it, and each step of each.
type kept struct {
	Sent  []dossier.Transaction
	Steps map[string][]dossier.Step
}

func (c calmHouse) kept(t *testing.T) kept {
	t.Helper()
	citizen, err := c.dossier.ByCard(t.Context(), c.who(t, "family").Card)
	if err != nil {
		t.Fatal(err)
	}
	k := kept{Steps: map[string][]dossier.Step{}}
	if k.Sent, err = c.dossier.Transactions(t.Context(), citizen); err != nil {
		t.Fatal(err)
	}
	for _, one := range k.Sent {
		if k.Steps[one.ID], err = c.dossier.Journal(t.Context(), one.ID); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// TestNothingSentIsLost acts, loses the cache, starts again, and then puts a
// backup of the dossier in its place: every receipt and every step is there, and
// what was waiting then is done.
func TestNothingSentIsLost(t *testing.T) {
	t.Parallel()
	c := openCalmHouse(t)
	v := c.visit(t, "family")
	c.until(t, v.client, "four fresh sections", allFresh)
	v.says("renewals", v.send(v.get("/bibliotheque"), "form:has(input[name='pret'] ~ input[name='pret'])"), 200, "Fait")
	confirm, _ := v.booking("chorale", "Chorale de quartier")
	v.says("registration", v.send(confirm, "form[action$='/confirmer']"), 200, "L’inscription est faite.")
	v.says("letter", v.write(), 200, "Votre courriel est envoyé.")
	eventually(t, "the receipts", func() bool { return len(c.sims.mail.Messages()) == 3 })
	c.sims.mail.SetFault(smtpsim.Fault{At: smtpsim.MAIL, Deed: smtpsim.Say, Reply: "451 4.3.0 Later"})
	waiting := v.write("texte", "Une autre lettre.")
	v.says("a letter that waits", waiting, 200, "C’est noté")
	// A renewal, a registration and a letter, the receipts of two of them, and the
	// letter that waits; the last receipt is settled before anything is compared.
	eventually(t, "all but one settled", func() bool {
		open := 0
		for _, one := range c.kept(t).Sent {
			if !one.State.Final() {
				open++
			}
		}
		return open == 1
	})
	before := c.kept(t)
	if len(before.Sent) < 7 {
		t.Fatalf("only %d transactions", len(before.Sent))
	}
	folder := string(c.config.Data)
	backup := filepath.Join(t.TempDir(), "dossier.db")
	vacuum(t, filepath.Join(folder, "dossier.db"), backup)
	changed := c.sims.library.Changes() + c.sims.recreation.Changes()

	c.stop()
	if err := os.Remove(filepath.Join(folder, "cache.db")); err != nil {
		t.Fatal(err)
	}
	same := func(*house) error { return nil }
	again := c.start(t, same)
	if diff := cmp.Diff(before, again.kept(t), stillWaiting()); diff != "" {
		t.Errorf("after a start without cache (-before +after)\n%s", diff)
	}
	old := visitor{t, again.Portal, moved(t, v.client, c.Portal, again.Portal)}
	old.says("the same session, after the start", old.get(waiting.path), 200, "C’est noté")
	old.write("texte", "Une lettre d’après la copie.")
	again.stop()

	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(folder, "dossier.db"+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(backup)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "dossier.db"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	restored := c.start(t, same)
	if diff := cmp.Diff(before, restored.kept(t), stillWaiting()); diff != "" {
		t.Errorf("after the restore (-before +after)\n%s", diff)
	}
	back := visitor{t, restored.Portal, moved(t, v.client, c.Portal, restored.Portal)}
	list := back.get("/demarches")
	back.says("the list", list, 200, "Prolongation d’un prêt", "Inscription à une activité", "Courriel à la Ville")
	for _, one := range before.Sent {
		if one.Follows == "" {
			back.says("the receipt of "+one.About, back.get("/demarches/"+one.ID), 200, strings.ToUpper(one.ID[:8]))
		}
	}
	c.sims.mail.SetFault(smtpsim.Fault{})
	eventually(t, "the letter that waited", func() bool {
		return strings.Contains(back.get(waiting.path).text("main"), "Votre courriel est envoyé.")
	})
	if n := c.sims.library.Changes() + c.sims.recreation.Changes(); n != changed {
		t.Errorf("%d things were done again", n-changed)
	}
}

// stillWaiting leaves out when the relay looks next, which moves while a letter
// waits, and what it counts meanwhile.
func stillWaiting() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		switch p.Last().String() {
		case ".NotBefore", ".Sent", ".Attempts":
			return true
		}
		return false
	}, cmp.Ignore())
}

// moved gives a client's cookies to another address: a portal that starts again
// in a test has another port.
func moved(t *testing.T, c *http.Client, from, to string) *http.Client {
	t.Helper()
	a, err := url.Parse(from)
	if err != nil {
		t.Fatal(err)
	}
	b, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	c.Jar.SetCookies(b, c.Jar.Cookies(a))
	return c
}

// vacuum copies a dossier that is in use, as the manual tells operators to.
func vacuum(t *testing.T, from, to string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+from+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "VACUUM INTO ?", to); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Size() == 0 {
		t.Fatalf("the copy: %v", err)
	}
}
