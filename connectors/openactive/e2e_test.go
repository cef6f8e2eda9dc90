package openactive_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

func TestCatalogueIsJoined(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	if err := src.Check(soon(t)); err != nil {
		t.Fatal(err)
	}
	got, cursor := list(t, src, "")
	if len(got) != 4 {
		t.Fatalf("%d activities, want 4", len(got))
	}
	base := "http://" + sim.Addr()
	at := start().UTC()
	want := record.Activity{
		Name: "Natation, niveau 2", Description: "Pour enfants à l'aise dans l'eau.", Category: "Natation",
		Place: "Piscine des Érables", Point: &record.Point{Lat: 45.5, Long: -73.6},
		Start: at, End: at.Add(3600e9), AgeMin: new(6), AgeMax: new(12), Capacity: new(2), Remaining: new(1),
		Status: record.ActivityScheduled, Link: base + "/series/9/sessions/132",
		Offers: []record.Offer{
			{ID: base + "/series/9#/offers/res", Name: "Résident", Price: new(record.Cents(4000)), Currency: "CAD", Residents: new(true), Opens: at.AddDate(0, 0, -30), Bookable: true},
			{ID: base + "/series/9#/offers/ext", Name: "Non-résident", Price: new(record.Cents(6050)), Currency: "CAD", Residents: new(false), Opens: at.AddDate(0, 0, -20), Bookable: true},
		},
	}
	if diff := cmp.Diff(want, got[base+"/series/9/sessions/132"]); diff != "" {
		t.Error(diff)
	}
	again, same := list(t, src, cursor)
	if len(again) != 0 || same != cursor {
		t.Errorf("nothing new: %d records and cursor changed: %v", len(again), same != cursor)
	}
}

func TestOrdersOfAPerson(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	for _, ref := range []string{"account:" + account, account, "email:ADA.roy@exemple.test", "orders:" + orderAda} {
		got := registrations(t, src, ref)
		if len(got) != 2 || got[0].Person != "Léo" || got[0].Status != record.RegistrationConfirmed ||
			got[1].Status != record.RegistrationWaiting || got[1].Rank == nil || *got[1].Rank != 1 {
			t.Errorf("%s: %+v", ref, got)
		}
	}
}
