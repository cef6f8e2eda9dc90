package signin_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/signin"
)

const (
	card, pin = "204817", "583027"
	wrong     = "111112"
)

// desk is a sign-in over a real dossier with three cards: the first has a PIN
// here, the others have none.
type desk struct {
	t   *testing.T
	s   *signin.Service
	cfg signin.Config
}

func open(t *testing.T, authenticate signin.Authenticate) desk {
	t.Helper()
	store, err := dossier.OpenSQLite(filepath.Join(t.TempDir(), "dossier.db"), slog.New(slog.DiscardHandler), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx := context.Background()
	if _, err := store.ImportCards(ctx, []record.Card{{Number: card}, {Number: "300001"}, {Number: "300002"}}); err != nil {
		t.Fatal(err)
	}
	pepper := []byte("0123456789abcdef0123456789abcdef")
	citizen, err := store.ByCard(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := signin.Hash(pepper, pin)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SetCredential(ctx, citizen, encoded); err != nil {
		t.Fatal(err)
	}
	d := desk{t: t, cfg: signin.Config{
		Citizens: store, Credentials: store, Attempts: store, Pepper: pepper, Authenticate: authenticate, Now: time.Now,
	}}
	d.restart()
	return d
}

func (d *desk) restart() {
	d.t.Helper()
	var err error
	if d.s, err = signin.New(d.cfg); err != nil {
		d.t.Fatal(err)
	}
}

// try attempts from an address of its own network for each number.
func (d *desk) try(card, pin string, from int) error {
	addr := netip.AddrFrom4([4]byte{198, byte(from >> 8), byte(from), 7})
	_, err := d.s.SignIn(d.t.Context(), signin.Attempt{Card: card, PIN: pin, Addr: addr})
	return err
}

// outcome names an error for a table.
func outcome(err error) string {
	var throttled signin.ThrottledError
	switch {
	case err == nil:
		return "in"
	case errors.Is(err, signin.ErrRefused):
		return "refused"
	case errors.Is(err, signin.ErrUnavailable):
		return "unavailable"
	case errors.As(err, &throttled):
		return "wait " + throttled.Wait.Round(time.Minute).String()
	}
	return err.Error()
}

func TestCardIsLimitedWhetherItExistsOrNot(t *testing.T) {
	t.Parallel()
	for _, number := range []string{card, "999999"} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := open(t, nil)
				var got []string
				for i := range 6 {
					got = append(got, outcome(d.try(number, wrong+strconv.Itoa(i), i)))
				}
				d.restart() // a restart forgets nothing
				got = append(got, outcome(d.try(number, pin, 7)))
				time.Sleep(15 * time.Minute)
				for i := range 6 {
					got = append(got, outcome(d.try(number, wrong+strconv.Itoa(i), 10+i)))
				}
				want := []string{
					"refused", "refused", "refused", "refused", "refused", "wait 15m0s", "wait 15m0s",
					"refused", "refused", "refused", "refused", "refused", "wait 23h45m0s",
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("outcomes (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestSuccessClearsTheCard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		for i := range 3 {
			for j := range 4 {
				if got := outcome(d.try(card, wrong+strconv.Itoa(4*i+j), 4*i+j)); got != "refused" {
					t.Fatalf("round %d: %s", i, got)
				}
			}
			if got := outcome(d.try(card, pin, 100+i)); got != "in" {
				t.Fatalf("round %d: right PIN: %s", i, got)
			}
		}
	})
}

// A botnet tries one PIN on every card, each from an address of its own: no
// limit on cards or addresses ever fires.
func TestOnePINOverAllCardsIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		refused := 0
		for i := range 30 {
			if got := outcome(d.try(strconv.Itoa(500000+i), "1234", i)); got == "refused" {
				refused++
			}
		}
		if refused != 20 {
			t.Errorf("%d attempts of one PIN were checked within an hour, want 20", refused)
		}
	})
}

func TestAddressIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		checked := 0
		for i := range 30 {
			if outcome(d.try(strconv.Itoa(500000+i), "77"+strconv.Itoa(i), 1)) == "refused" {
				checked++
			}
		}
		if checked != 20 {
			t.Errorf("%d attempts of one address were checked, want 20", checked)
		}
		time.Sleep(11 * time.Minute)
		if got := outcome(d.try(card, pin, 1)); got != "in" {
			t.Errorf("after the time of the limit: %s", got)
		}
	})
}

// Attempts that run at the same time do not slip in between the check and the
// count of each other.
func TestParallelAttemptsAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		results := make(chan error, 40)
		for i := range 40 {
			go func() { results <- d.try(card, wrong+strconv.Itoa(i), i) }()
		}
		checked := 0
		for range 40 {
			if outcome(<-results) == "refused" {
				checked++
			}
		}
		if checked > 5 {
			t.Errorf("%d parallel attempts were checked, at most 5 allowed", checked)
		}
	})
}

func TestUnknownCardIsLikeAWrongPIN(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		for _, tc := range []struct{ name, card, pin string }{
			{"wrong PIN", card, wrong},
			{"unknown card", "999999", pin},
			{"card without PIN", "300001", pin},
			{"the decoy's own PIN", "999999", "decoy"},
		} {
			started := time.Now()
			err := d.try(tc.card, tc.pin, 1)
			// Hashing takes no time in the bubble, so this is the floor itself.
			if took := time.Since(started); took < 400*time.Millisecond || took > 440*time.Millisecond {
				t.Errorf("%s: answered after %v", tc.name, took)
			}
			if !errors.Is(err, signin.ErrRefused) {
				t.Errorf("%s: %v", tc.name, err)
			}
		}
	})
}

func TestDelegatedPIN(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, down := 0, false
		d := open(t, func(_ context.Context, card string, citizen record.Citizen, pin string) (bool, error) {
			calls++
			if down {
				return false, errors.New("source unavailable")
			}
			return card == "300001" && pin == "4711" && citizen != "", nil
		})
		var got []string
		step := func(card, pin string) { got = append(got, outcome(d.try(card, pin, len(got)))) }
		step("300001", "4711") // right
		step("300001", "4712") // wrong
		step(card, pin)        // has a PIN here: nobody is asked
		step("999999", "4711") // unknown: nobody is asked
		down = true
		step("300002", "4711")
		step("999999", "4713") // as for the card before
		down = false
		step("300001", "4711")
		step("999999", "4714")
		want := []string{"in", "refused", "in", "refused", "unavailable", "unavailable", "in", "refused"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("outcomes (-want +got)\n%s", diff)
		}
		if calls != 4 {
			t.Errorf("the keeper of the PINs was asked %d times, want 4", calls)
		}
	})
}
