package signin

import (
	"errors"
	"strings"
	"testing"
)

var pepper = []byte("0123456789abcdef0123456789abcdef")

func TestHash(t *testing.T) {
	t.Parallel()
	encoded, err := Hash(pepper, "583027")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1,keyid=") {
		t.Errorf("encoded as %s", encoded)
	}
	if again, err := Hash(pepper, "583027"); err != nil || again == encoded {
		t.Errorf("the same PIN twice: equal %v, error %v", again == encoded, err)
	}
	for pin, want := range map[string]bool{"583027": true, "583028": false, "": false} {
		if got, err := verify(pepper, encoded, pin); got != want || err != nil {
			t.Errorf("verify %q: %v, %v", pin, got, err)
		}
	}
	if _, err := verify([]byte("another pepper, as long as it is"), encoded, "583027"); !errors.Is(err, ErrPepper) {
		t.Errorf("another pepper: %v", err)
	}
}

func TestHashRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Hash([]byte("short"), "583027"); err == nil {
		t.Error("a short pepper was accepted")
	}
	if _, err := Hash(pepper, ""); err == nil {
		t.Error("an empty PIN was accepted")
	}
}

func FuzzParseCredential(f *testing.F) {
	good, err := Hash(pepper, "583027")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		good, "", "$argon2id$", good[:40], strings.Replace(good, "m=19456", "m=4294967295", 1), strings.Replace(good, "t=2", "t=0", 1),
		strings.Replace(good, "p=1", "p=255", 1), strings.Replace(good, "argon2id", "argon2i", 1), good + "$x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		c, err := parseCredential(encoded)
		if err != nil {
			return
		}
		if c.memory > 256*1024 || c.passes > 10 || c.lanes > 4 || len(c.key) > 64 {
			t.Errorf("a cost of %d KiB, %d passes, %d lanes, %d bytes was accepted", c.memory, c.passes, c.lanes, len(c.key))
		}
		if again, err := parseCredential(c.String()); err != nil || again.String() != c.String() {
			t.Errorf("written again: %v", err)
		}
	})
}

func TestCheckNewPIN(t *testing.T) {
	t.Parallel()
	for pin, want := range map[string]error{
		"583027": nil, "7391826": nil,
		"5830": ErrPINShape, "58302a": ErrPINShape, "1234567890123": ErrPINShape, "": ErrPINShape,
		"111111": ErrPINWeak, "121212": ErrPINWeak, "123123": ErrPINWeak,
		"123456": ErrPINWeak, "987654": ErrPINWeak, "567890": ErrPINWeak,
		"850712": ErrPINWeak, "120785": ErrPINWeak, "071285": ErrPINWeak, "19850712": ErrPINWeak,
		"204817": ErrPINWeak,
	} {
		if got := CheckNewPIN(pin, "204817"); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", pin, got, want)
		}
	}
}
