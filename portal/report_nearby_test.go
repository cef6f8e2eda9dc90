package portal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestNearbyRequests: open requests about the same service of the family and of
// the members who agreed, all of them until the place is chosen, and of nobody
// else.
func TestNearbyRequests(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	metres := func(n float64) *record.Point {
		home := record.Point{Lat: 45.5612, Long: -73.9034}
		home.Lat += n / 111_195
		return &home
	}
	request := func(id, code string, status record.RequestStatus, at *record.Point, address string) record.Record {
		return record.Record{Key: id, Source: "requetes", Body: record.Request{ID: id, Service: id, ServiceCode: code, Status: status, Point: at, Address: address, Sent: portaltest.Now().Add(-time.Hour)}}
	}
	put := func(who portaltest.Person, records ...record.Record) {
		t.Helper()
		section := cache.Section{Source: "requetes"}.Succeeded(records, portaltest.Now(), cache.Ages{FreshFor: time.Hour, HideAfter: time.Hour})
		if err := h.Cache.Put(t.Context(), citizen(t, h, who), section); err != nil {
			t.Fatal(err)
		}
	}
	put(portaltest.Family,
		request("PRES", "NIDPOULE", record.RequestOpen, metres(149), ""), request("LOIN", "NIDPOULE", record.RequestOpen, metres(152), "99, rue Lointaine"),
		request("ADRESSE", "NIDPOULE", record.RequestPending, nil, "14, RUE DES ERABLES"), request("FINI", "NIDPOULE", record.RequestClosed, metres(0), ""),
		request("AUTRE", "LAMPADAIRE", record.RequestOpen, metres(0), ""))
	put(portaltest.Stale, request("MEMBRE", "NIDPOULE", record.RequestOpen, metres(0), ""))
	put(portaltest.Newcomer, request("ETRANGER", "NIDPOULE", record.RequestOpen, metres(0), ""))
	put(portaltest.Empty, request("MUET", "NIDPOULE", record.RequestOpen, metres(0), ""))
	before := portaltest.Now().Add(-time.Hour)
	if err := errors.Join(
		h.Add(t.Context(), portaltest.Family, portaltest.Stale, before), h.Add(t.Context(), portaltest.Family, portaltest.Empty, before),
		h.Grant(t.Context(), portaltest.Stale, portaltest.Family, dossier.Requests, dossier.Own, before),
	); err != nil {
		t.Fatal(err)
	}
	b := visit(t, p)
	b.signIn(portaltest.Family)
	form := b.get(potholePath)
	home := form.html.Find("input[name=lieu]").First().AttrOr("value", "")
	for name, tc := range map[string]struct {
		got  page
		want string
	}{
		"no place yet": {form, "ADRESSE LOIN MEMBRE PRES"},
		"at home":      {b.postForm(potholePath, filled("nearbynearbynearby", "lieu", home, "adresse", "", "courriel", "x")), "ADRESSE MEMBRE PRES"},
		"far away":     {b.postForm(potholePath, filled("nearbynearbynearby", "adresse", "99, rue lointaine", "courriel", "x")), "LOIN"},
		"elsewhere":    {b.postForm(potholePath, filled("nearbynearbynearby", "courriel", "x")), ""},
	} {
		var got []string
		for _, e := range tc.got.html.Find("section[aria-labelledby=semblables] .row-title").EachIter() {
			got = append(got, strings.TrimSpace(e.Text()))
		}
		slices.Sort(got)
		if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	if text := form.at("section[aria-labelledby=semblables]"); !strings.Contains(text, "En cours") || !strings.Contains(text, portaltest.Stale.Name) {
		t.Errorf("without status or name: %q", text)
	}
}
