package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/semenligne/sem/dossier"
)

func sessionOf(n int) string { return fmt.Sprintf("session of citizen %06d", n) }

// signEverybodyIn stores a session for each citizen, as signing in would.
func (s *season) signEverybodyIn() {
	s.t.Helper()
	for i := range s.people {
		citizen, err := s.house.dossier.ByCard(s.t.Context(), fmt.Sprintf("%06d", i))
		if err != nil {
			s.t.Fatal(err)
		}
		until := time.Now().Add(time.Hour)
		hash := sha256.Sum256([]byte(sessionOf(i)))
		data := fmt.Appendf(nil, `{"deadline":%q,"values":{"citizen":%q}}`, until.Format(time.RFC3339), citizen)
		if err := s.house.dossier.CommitCtx(s.t.Context(), base64.RawURLEncoding.EncodeToString(hash[:]), data, until); err != nil {
			s.t.Fatal(err)
		}
	}
}

// tickets are those of everybody.
func (s *season) tickets() (all []dossier.Ticket) {
	s.t.Helper()
	for i := range s.people {
		citizen, err := s.house.dossier.ByCard(s.t.Context(), fmt.Sprintf("%06d", i))
		if err != nil {
			s.t.Fatal(err)
		}
		own, err := s.house.dossier.Tickets(s.t.Context(), citizen)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, own...)
	}
	return all
}

// ask makes one request of a citizen and returns the status, where it leads, and
// the page.
func (s *season) ask(ctx context.Context, method, path string, n int, form url.Values) (status int, to, page string) {
	req, err := http.NewRequestWithContext(ctx, method, s.portal+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", ""
	}
	req.AddCookie(&http.Cookie{Name: "sem", Value: sessionOf(n)})
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := s.client
	if n == s.people-1 {
		client = s.reader
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", ""
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

var (
	activityLink = regexp.MustCompile(`/loisirs/activites/[0-9a-f]{10}`)
	hiddenInput  = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)
	offerInput   = regexp.MustCompile(`name="tarif" id="tarif-0" value="([^"]*)"`)
	confirmTo    = regexp.MustCompile(`action="(/loisirs/activites/[0-9a-f]+)/confirmer"`)
)

// findSessions reads the catalogue as a citizen would.
func (s *season) findSessions(want int) {
	s.t.Helper()
	found := map[string]bool{}
	for page := 1; page <= 5 && len(s.sessions) < want; page++ {
		_, _, html := s.ask(s.t.Context(), http.MethodGet, fmt.Sprintf("/loisirs/activites?page=%d", page), 0, nil)
		for _, link := range activityLink.FindAllString(html, -1) {
			if !found[link] {
				found[link] = true
				s.sessions = append(s.sessions, link)
			}
		}
	}
	if len(s.sessions) != want {
		s.t.Fatalf("%d activities in the catalogue, want %d", len(s.sessions), want)
	}
}

// arrive sends everybody but the last citizen, who reads other pages: seven in
// ten before the opening, the others after it.
func (s *season) arrive() {
	lobby := time.Until(s.opens)
	for n := range s.people - 1 {
		at := rand.N(lobby - 500*time.Millisecond)
		if n%10 >= 7 {
			at = lobby + time.Second + rand.N(lobby/2)
		}
		s.citizens.Go(func() {
			if wait(s.t.Context(), at) {
				s.register(n)
			}
		})
	}
}

// register is what one citizen does: take a number, look from time to time, and
// decide when the place is there.
func (s *season) register(n int) {
	ctx, path := s.t.Context(), s.sessions[n%len(s.sessions)]
	_, _, form := s.ask(ctx, http.MethodGet, path, n, nil)
	offer := offerInput.FindStringSubmatch(form)
	if offer == nil {
		s.t.Errorf("citizen %d: no form", n)
		return
	}
	values := url.Values{"commande": {uuid.NewString()}, "qui": {"moi"}, "tarif": {offer[1]}, "courriel": {"personne@exemple.test"}}
	status, ticket, body := s.ask(ctx, http.MethodPost, path, n, values)
	if status != http.StatusSeeOther || !strings.HasPrefix(ticket, "/loisirs/file/") {
		s.t.Errorf("citizen %d: status %d to %q: %s", n, status, ticket, problemOf(body))
		return
	}
	for wait(ctx, s.poll/2+rand.N(s.poll)) {
		status, to, page := s.ask(ctx, http.MethodGet, ticket, n, nil)
		confirm := confirmTo.FindStringSubmatch(page)
		switch {
		case status == http.StatusSeeOther && strings.HasPrefix(to, "/demarches/"):
			return
		case status != http.StatusOK:
			s.t.Errorf("citizen %d: status %d", n, status)
			return
		case confirm != nil && s.whim(n) == 3: // does nothing, until it runs out
		case confirm != nil:
			s.decide(n, confirm[1], page)
		case !strings.Contains(page, ticket+"/laisser"):
			return // an answer, whichever
		}
	}
}

// whim decides what a citizen does with a place: among those who want the same
// activity one in twenty is of each kind.
func (s *season) whim(n int) int { return n / len(s.sessions) % 20 }

// problemOf is what a page complains of.
func problemOf(page string) string {
	_, after, _ := strings.Cut(page, `role="alert"`)
	if after == "" {
		_, after, _ = strings.Cut(page, "<h1")
	}
	return after[:min(len(after), 300)]
}

// decide confirms the place, or gives it up.
func (s *season) decide(n int, path, page string) {
	values := url.Values{}
	part := page[strings.Index(page, path+"/confirmer"):]
	part, _, _ = strings.Cut(part, "</form>")
	for _, input := range hiddenInput.FindAllStringSubmatch(part, -1) {
		values.Set(input[1], strings.ReplaceAll(input[2], "&#34;", `"`))
	}
	values.Set("conditions", "1")
	path += "/confirmer"
	if s.whim(n) == 4 {
		path = strings.TrimSuffix(path, "/confirmer") + "/laisser"
	}
	if status, _, body := s.ask(s.t.Context(), http.MethodPost, path, n, values); status != http.StatusSeeOther {
		s.t.Errorf("citizen %d: decided with status %d %.80s", n, status, body)
	}
}
