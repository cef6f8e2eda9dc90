package openactive_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/record"
)

// script is a publisher made of fixed answers, by path and query. An answer is
// a body, or "404" and the like for a status alone.
type script struct {
	mu      sync.Mutex
	answers map[string]string
	asked   []string
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, req.Method+" "+req.URL.RequestURI())
	body, ok := s.answers[req.URL.RequestURI()]
	if !ok {
		body = "404"
	}
	status := http.StatusOK
	if len(body) == 3 {
		_, _ = fmt.Sscan(body, &status)
		body = ""
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func (s *script) set(uri, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[uri] = body
}

// open opens a source on the script: one feed for each path given.
func (s *script) open(t *testing.T, change func(*openactive.Settings), feeds ...string) connectors.Source {
	t.Helper()
	return (&tap{next: s}).open(t, func(settings *openactive.Settings) {
		for _, path := range feeds {
			settings.Feeds = append(settings.Feeds, "https://loisirs.exemple.test"+path)
		}
		if change != nil {
			change(settings)
		}
	})
}

// page writes one page; next starts at the path.
func page(next string, items ...string) string {
	return `{"next":"https://loisirs.exemple.test` + next + `","items":[` + strings.Join(items, ",") + `],"license":"x"}`
}

func session(id, modified, rest string) string {
	return `{"state":"updated","kind":"ScheduledSession","id":` + id + `,"modified":` + modified +
		`,"data":{"@type":"ScheduledSession","@id":"https://loisirs.exemple.test/s/` + strings.Trim(id, `"`) + `"` + rest + `}}`
}

func deleted(id, modified string) string {
	return `{"state":"deleted","kind":"ScheduledSession","id":` + id + `,"modified":` + modified + `}`
}

// names lists what a source offers, as "key name".
func names(got map[string]record.Activity) []string {
	var list []string
	for key, a := range got {
		list = append(list, strings.TrimPrefix(key, "https://loisirs.exemple.test")+" "+a.Name)
	}
	slices.Sort(list)
	return list
}

func TestFeedPages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers map[string]string
		want    []string
		reason  string
	}{
		"one page and its end": {answers: map[string]string{
			"/f":     page("/f?a=1", session("1", "5", `,"name":"Un"`)),
			"/f?a=1": page("/f?a=1"),
		}, want: []string{"/s/1 Un"}},
		"an empty feed is confirmed empty": {answers: map[string]string{"/f": page("/f")}},
		"the end is told by the parsed address": {answers: map[string]string{
			"/f":           page("/f?a=%31&b=2", session("1", "5", `,"name":"Un"`)),
			"/f?a=%31&b=2": page("/f?b=2&a=1"),
		}, want: []string{"/s/1 Un"}},
		"an empty page with another next is not the end": {answers: map[string]string{
			"/f":     page("/f?a=1"),
			"/f?a=1": page("/f?a=2", session("1", "5", `,"name":"Un"`)),
			"/f?a=2": page("/f?a=2"),
		}, want: []string{"/s/1 Un"}},
		"last wins, older is ignored, marks are text or number": {answers: map[string]string{
			"/f": page("/f?a=1", session("1", `"9"`, `,"name":"Neuf"`), session(`"1"`, "8", `,"name":"Vieux"`),
				session("2", "5", `,"name":"Avant"`), session("2", "5", `,"name":"Après"`),
				session("3", `"2027-01-02"`, `,"name":"Avant"`), session("3", `"2027-01-01"`, `,"name":"Après"`)),
			"/f?a=1": page("/f?a=1"),
		}, want: []string{"/s/1 Neuf", "/s/2 Après", "/s/3 Après"}},
		"tombstones delete, also the unknown, and are not undone by older news": {answers: map[string]string{
			"/f":     page("/f?a=1", session("1", "5", ""), deleted(`"1"`, "6"), deleted("77", "6"), session("1", "4", ""), session("2", "6", `,"name":"Deux"`)),
			"/f?a=1": page("/f?a=1"),
		}, want: []string{"/s/2 Deux"}},
		"deleted under one number, alive under another": {answers: map[string]string{
			"/f": page("/f?a=1", session("1", "5", `,"name":"Un"`),
				`{"state":"updated","kind":"ScheduledSession","id":"new","modified":6,"data":{"@type":"ScheduledSession","@id":"https://loisirs.exemple.test/s/2","name":"Deux","superEvent":"https://loisirs.exemple.test/s/1"}}`,
				`{"state":"updated","kind":"ScheduledSession","id":"again","modified":6,"data":{"@type":"ScheduledSession","@id":"https://loisirs.exemple.test/s/1","name":"Un"}}`,
				deleted("1", "7")),
			"/f?a=1": page("/f?a=1"),
		}, want: []string{"/s/1 Un", "/s/2 Deux"}},
		"a relative next stays on the host": {answers: map[string]string{
			"/f":     `{"next":"/f?a=1","items":[` + session("1", "5", "") + `]}`,
			"/f?a=1": `{"next":"?a=1","items":[]}`,
		}, want: []string{"/s/1 "}},
		"ids go with @": {answers: map[string]string{
			"/f":     page("/f?a=1", `{"state":"updated","kind":"Event","@id":"e","modified":"1","data":{"type":"Event","id":"https://loisirs.exemple.test/s/e","name":["Fête"]}}`),
			"/f?a=1": page("/f?a=1"),
		}, want: []string{"/s/e Fête"}},
		"byte-order mark":           {answers: map[string]string{"/f": "\xEF\xBB\xBF" + page("/f")}},
		"another host":              {answers: map[string]string{"/f": `{"next":"https://ailleurs.exemple.test/f","items":[]}`}, reason: connectors.ReasonMalformed},
		"another port":              {answers: map[string]string{"/f": `{"next":"https://loisirs.exemple.test:8443/f","items":[]}`}, reason: connectors.ReasonMalformed},
		"another scheme":            {answers: map[string]string{"/f": `{"next":"http://loisirs.exemple.test/f","items":[]}`}, reason: connectors.ReasonMalformed},
		"own page with items":       {answers: map[string]string{"/f": page("/f", session("1", "5", ""))}, reason: connectors.ReasonMalformed},
		"a circle":                  {answers: map[string]string{"/f": page("/f?a=1", session("1", "5", "")), "/f?a=1": page("/f", session("2", "5", ""))}, reason: connectors.ReasonMalformed},
		"no next":                   {answers: map[string]string{"/f": `{"items":[]}`}, reason: connectors.ReasonMalformed},
		"no items":                  {answers: map[string]string{"/f": `{"next":"https://loisirs.exemple.test/f"}`}, reason: connectors.ReasonMalformed},
		"null items":                {answers: map[string]string{"/f": `{"next":"https://loisirs.exemple.test/f","items":null}`}, reason: connectors.ReasonMalformed},
		"an item of no known state": {answers: map[string]string{"/f": page("/f?a=1", `{"state":"new","kind":"Event","id":1,"modified":1}`)}, reason: connectors.ReasonMalformed},
		"an update without data":    {answers: map[string]string{"/f": page("/f?a=1", `{"state":"updated","kind":"Event","id":1,"modified":1}`)}, reason: connectors.ReasonMalformed},
		"an item without id":        {answers: map[string]string{"/f": page("/f?a=1", `{"state":"deleted","kind":"Event","modified":1}`)}, reason: connectors.ReasonMalformed},
		"a web page":                {answers: map[string]string{"/f": "<!doctype html><p>Maintenance"}, reason: connectors.ReasonMalformed},
		"another charset":           {answers: map[string]string{"/f": page("/f?a=1", session("1", "5", ",\"name\":\"\xC9t\xE9\""))}, reason: connectors.ReasonMalformed},
		"more after the end":        {answers: map[string]string{"/f": page("/f") + page("/f")}, reason: connectors.ReasonMalformed},
		"404":                       {answers: map[string]string{"/f": "404"}, reason: connectors.ReasonNotFound},
		"410":                       {answers: map[string]string{"/f": "410"}, reason: connectors.ReasonNotFound},
		"503":                       {answers: map[string]string{"/f": "503"}, reason: connectors.ReasonUnavailable},
		"401":                       {answers: map[string]string{"/f": "401"}, reason: connectors.ReasonDenied},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := (&script{answers: test.answers}).open(t, nil, "/f")
			got := map[string]record.Activity{}
			_, err := src.List.List(t.Context(), "", func(r record.Record) error {
				got[r.Key] = r.Body.(record.Activity)
				return nil
			})
			if reason := connectors.Reason(err); reason != orOK(test.reason) {
				t.Fatalf("reason %s: %v", reason, err)
			}
			if diff := cmp.Diff(test.want, names(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFeedWithoutEnd(t *testing.T) {
	t.Parallel()
	answers := map[string]string{"/f": page("/f?a=0", session("0", "0", ""))}
	for n := range 50 {
		answers[fmt.Sprintf("/f?a=%d", n)] = page(fmt.Sprintf("/f?a=%d", n+1), session(fmt.Sprint(n), "1", ""))
	}
	for name, limit := range map[string]func(*openactive.Settings){
		"pages": func(s *openactive.Settings) { s.MaxPages = 20 },
		"items": func(s *openactive.Settings) { s.MaxItems = 20 },
	} {
		s := &script{answers: maps.Clone(answers)}
		_, err := s.open(t, limit, "/f").List.List(t.Context(), "", func(record.Record) error { return nil })
		if connectors.Reason(err) != connectors.ReasonMalformed || len(s.asked) > 22 {
			t.Errorf("%s: %v after %d pages", name, err, len(s.asked))
		}
	}
}

func TestCutFeedGoesOnFromTheLastStoredPage(t *testing.T) {
	t.Parallel()
	s := &script{answers: map[string]string{
		"/f":     page("/f?a=1", session("1", "1", `,"name":"Un"`)),
		"/f?a=1": page("/f?a=2", session("2", "2", `,"name":"Deux"`))[:60],
		"/f?a=2": page("/f?a=2"),
	}}
	src := s.open(t, nil, "/f")
	_, err := src.List.List(t.Context(), "", func(record.Record) error { t.Error("emitted"); return nil })
	if connectors.Reason(err) != connectors.ReasonMalformed {
		t.Fatal(err)
	}
	s.set("/f?a=1", page("/f?a=2", session("2", "2", `,"name":"Deux"`)))
	s.asked = nil
	got, _ := list(t, src, "")
	if diff := cmp.Diff([]string{"/s/1 Un", "/s/2 Deux"}, names(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"GET /f?a=1", "GET /f?a=2"}, s.asked); diff != "" {
		t.Error(diff)
	}
}

func TestCursorSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := &script{answers: map[string]string{
		"/f":     page("/f?a=1", session("1", "1", "")),
		"/f?a=1": page("/f?a=1"),
	}}
	_, cursor := list(t, s.open(t, nil, "/f"), "")

	s.asked = nil
	got, same := list(t, s.open(t, nil, "/f"), cursor)
	if len(got) != 0 || same != cursor || len(s.asked) != 1 {
		t.Errorf("nothing new: %d records, same cursor %v, %d calls", len(got), same == cursor, len(s.asked))
	}
	s.set("/f?a=1", page("/f?a=2", session("2", "2", "")))
	s.set("/f?a=2", page("/f?a=2"))
	if got, next := list(t, s.open(t, nil, "/f"), cursor); len(got) != 2 || next == cursor {
		t.Errorf("something new: %v", names(got))
	}
	s.set("/f?a=1", "404") // forgotten by the publisher
	s.set("/f", page("/f?a=2", session("2", "2", "")))
	if got, _ := list(t, s.open(t, nil, "/f"), cursor); len(got) != 1 {
		t.Errorf("cursor forgotten: %v", names(got))
	}
	other := s.open(t, func(s *openactive.Settings) { s.Residents = "citoyen" }, "/f")
	if got, _ := list(t, other, cursor); len(got) != 1 {
		t.Error("other settings, but the old cursor still counted")
	}
	if got, _ := list(t, s.open(t, nil, "/f"), "{garbage"); len(got) != 1 {
		t.Error("a senseless cursor must mean the beginning")
	}
}

func TestOldCursorStartsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: map[string]string{
			"/f":     page("/f?a=1", session("1", "1", `,"name":"Un"`)),
			"/f?a=1": page("/f?a=1"),
		}}
		src := s.open(t, nil, "/f")
		_, cursor := list(t, src, "")
		// Session 1 was deleted, and its tombstone is gone by now.
		s.set("/f", page("/f?a=1", session("2", "2", `,"name":"Deux"`)))
		<-time.After(6 * 24 * time.Hour) // virtual time
		if got, _ := list(t, src, cursor); len(got) != 0 {
			t.Errorf("six days old: %v", names(got))
		}
		<-time.After(8 * 24 * time.Hour)
		for name, src := range map[string]connectors.Source{"in memory": src, "after a restart": s.open(t, nil, "/f")} {
			if got, _ := list(t, src, cursor); len(got) != 1 || names(got)[0] != "/s/2 Deux" {
				t.Errorf("%s: %v", name, names(got))
			}
		}
	})
}

func TestErrorOfEmitComesBack(t *testing.T) {
	t.Parallel()
	s := &script{answers: map[string]string{
		"/f":     page("/f?a=1", session("1", "1", ""), session("2", "1", "")),
		"/f?a=1": page("/f?a=1"),
	}}
	calls := 0
	_, err := s.open(t, nil, "/f").List.List(t.Context(), "", func(record.Record) error { calls++; return io.ErrShortWrite })
	if calls != 1 || err == nil || !strings.Contains(err.Error(), io.ErrShortWrite.Error()) {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// A session may come before its series, and a series may go before its
// sessions.
func TestSessionsWithoutSeries(t *testing.T) {
	t.Parallel()
	series := func(state, modified string) string {
		data := ""
		if state == "updated" {
			data = `,"data":{"@type":"SessionSeries","@id":"https://loisirs.exemple.test/series/9","name":"Yoga"}`
		}
		return `{"state":"` + state + `","kind":"SessionSeries","id":9,"modified":` + modified + data + `}`
	}
	s := &script{answers: map[string]string{
		"/f":     page("/f?a=1", session("1", "1", `,"superEvent":"https://loisirs.exemple.test/series/9"`)),
		"/f?a=1": page("/f?a=1"),
		"/g":     page("/g"),
	}}
	src := s.open(t, nil, "/f", "/g")
	steps := []struct {
		page string
		want []string
	}{
		{"", []string{"/s/1 "}},
		{page("/g?a=1", series("updated", "1")), []string{"/s/1 Yoga"}},
		{page("/g?a=2", series("deleted", "2")), nil},
		{page("/g?a=3", series("updated", "3")), []string{"/s/1 Yoga"}},
	}
	at := "/g"
	for n, step := range steps {
		if step.page != "" {
			s.set(at, step.page)
			at = fmt.Sprintf("/g?a=%d", n)
			s.set(at, page(at))
		}
		got, _ := list(t, src, "")
		if diff := cmp.Diff(step.want, names(got)); diff != "" {
			t.Errorf("step %d: %s", n, diff)
		}
	}
}

func TestTombstonesAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: map[string]string{"/f": page("/f?a=0")}}
		src := s.open(t, func(s *openactive.Settings) { s.MaxItems = 30 }, "/f")
		for day := range 60 { // one session a day, deleted the day after
			at, next := fmt.Sprintf("/f?a=%d", day), fmt.Sprintf("/f?a=%d", day+1)
			s.set(at, page(next, session(fmt.Sprint(day), "1", ""), deleted(fmt.Sprint(day-1), "2")))
			s.set(next, page(next))
			if got, _ := list(t, src, ""); len(got) != 1 {
				t.Fatalf("day %d: %v", day, names(got))
			}
			<-time.After(24 * time.Hour) // virtual time
		}
	})
}

// A cursor that the publisher refuses is given up, and the next read starts
// again.
func TestRefusedCursorStartsAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"400", "404", "410"} {
		s := &script{answers: map[string]string{
			"/f":     page("/f?a=1", session("1", "1", "")),
			"/f?a=1": page("/f?a=1"),
		}}
		src := s.open(t, nil, "/f")
		list(t, src, "")
		s.set("/f?a=1", status)
		if _, err := src.List.List(t.Context(), "", func(record.Record) error { return nil }); err == nil {
			t.Errorf("%s: no error", status)
		}
		s.set("/f", page("/f?a=2", session("2", "1", `,"name":"Deux"`)))
		s.set("/f?a=2", page("/f?a=2"))
		if got, _ := list(t, src, ""); len(got) != 1 || names(got)[0] != "/s/2 Deux" {
			t.Errorf("%s: %v", status, names(got))
		}
	}
}
