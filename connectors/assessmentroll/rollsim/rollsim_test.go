package rollsim

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"testing"
)

// TestDeterministic wants the same roll of the same seed, another of another,
// and every matricule once.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	render := func(seed uint64) []byte {
		var b bytes.Buffer
		n, err := Roll{Units: Generate(seed, 500), Owners: true}.WriteTo(&b)
		if err != nil || n != int64(b.Len()) {
			t.Fatalf("%d bytes written, %d counted, error %v", b.Len(), n, err)
		}
		return b.Bytes()
	}
	one := render(1)
	if !bytes.Equal(one, render(1)) || bytes.Equal(one, render(2)) {
		t.Error("the seed does not decide the roll")
	}
	if !bytes.Contains(one, []byte(OwnerName)) {
		t.Error("a roll with owners names none")
	}
	if err := xml.Unmarshal(one, new(struct{ XMLName xml.Name })); err != nil {
		t.Errorf("not well-formed: %v", err)
	}
	seen := map[string]bool{}
	for u := range Generate(1, 200_000) {
		if seen[u.Matricule] {
			t.Fatalf("matricule %s twice", u.Matricule)
		}
		seen[u.Matricule] = true
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	s, err := Start("127.0.0.1:0", Of(Unit{Matricule: "0719810976"}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	get := func(header, value string) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			req.Header.Set(header, value)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return resp, body
	}
	whole, body := get("", "")
	if whole.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("<RL0104C>0976</RL0104C>")) {
		t.Errorf("status %d, %d bytes", whole.StatusCode, len(body))
	}
	if same, _ := get("If-None-Match", whole.Header.Get("ETag")); same.StatusCode != http.StatusNotModified {
		t.Errorf("same tag: status %d", same.StatusCode)
	}
	if part, body := get("Range", "bytes=0-9"); part.StatusCode != http.StatusPartialContent || len(body) != 10 {
		t.Errorf("range: status %d, %d bytes", part.StatusCode, len(body))
	}
	if s.Calls() != 3 {
		t.Errorf("%d calls, want 3", s.Calls())
	}
}
