package openactive_test

import (
	"context"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

// The town of the tests: everybody in it is invented.
const (
	key      = "cle-inventee"
	orderAda = "6c0d2b8e-0000-4000-8000-000000000001"
	orderBob = "6c0d2b8e-0000-4000-8000-000000000002"
	account  = "F-1001"
	email    = "ada.roy@exemple.test"
)

func start() time.Time {
	return time.Date(2027, time.January, 12, 18, 30, 0, 0, time.FixedZone("", -5*3600))
}

func seed() openactivesim.Seed {
	at := start()
	return openactivesim.Seed{
		APIKey: key, PageSize: 2,
		Series: []openactivesim.Series{{
			ID: "9", Name: "Natation, niveau 2", Description: "Pour enfants à l'aise dans l'eau.", Activity: "Natation",
			Place: "Piscine des Érables", Lat: 45.5, Long: -73.6, AgeMin: 6, AgeMax: 12,
			Offers: []openactivesim.Offer{
				{ID: "res", Name: "Résident", Cents: 4000, Opens: "P30D"},
				{ID: "ext", Name: "Non-résident", Cents: 6050, Opens: "P20D"},
			},
		}, {
			ID: "10", Name: "Yoga doux", Activity: "Yoga", Place: "Centre Paul-Exemple",
			Offers: []openactivesim.Offer{{ID: "u", Name: "Tarif unique", Cents: 0}},
		}},
		Sessions: []openactivesim.Session{
			{ID: "132", Series: "9", Start: at, End: at.Add(time.Hour), Capacity: 2},
			{ID: "133", Series: "9", Start: at.AddDate(0, 0, 7), End: at.AddDate(0, 0, 7).Add(time.Hour), Capacity: 1, WaitingList: true},
			{ID: "140", Series: "10", Start: at, End: at.Add(90 * time.Minute), Capacity: 1},
		},
		Courses: []openactivesim.Course{{
			ID: "20", Name: "Poterie", Activity: "Poterie", Place: "Atelier", AgeMin: 16, From: "2027-01-11", Until: "2027-03-15",
			Weekday: "Monday", Begins: "19:00", Ends: "21:00", Capacity: 8,
			Offers: []openactivesim.Offer{{ID: "a", Name: "Adulte", Cents: 12500, Flow: []string{"OpenBookingApproval"}}},
		}},
		Orders: []openactivesim.Order{
			{UUID: orderAda, Account: account, Email: email, GivenName: "Ada", FamilyName: "Roy", Items: []openactivesim.Item{
				{Session: "132", Offer: "res", Attendee: "Léo"},
				{Session: "133", Offer: "res", Attendee: "Léo", Status: "OrderItemWaiting"},
			}},
			{UUID: orderBob, Account: "F-2002", Email: "bob@exemple.test", Items: []openactivesim.Item{
				{Session: "133", Offer: "ext", Attendee: "Zoé"},
			}},
		},
	}
}

func startSim(t *testing.T, seed openactivesim.Seed) *openactivesim.Server {
	t.Helper()
	sim, err := openactivesim.Start("127.0.0.1:0", seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return sim
}

// open opens the connector on a simulator, with changes to the usual settings.
func open(t *testing.T, sim *openactivesim.Server, change ...func(*openactive.Settings)) connectors.Source {
	t.Helper()
	src, _ := tapped(t, sim, nil, change...)
	return src
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// list gathers what List emits, by key.
func list(t *testing.T, src connectors.Source, since connectors.Cursor) (map[string]record.Activity, connectors.Cursor) {
	t.Helper()
	got := map[string]record.Activity{}
	cursor, err := src.List.List(soon(t), since, func(r record.Record) error {
		if _, twice := got[r.Key]; twice {
			t.Errorf("emitted twice: %s", r.Key)
		}
		got[r.Key] = r.Body.(record.Activity)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, cursor
}

func registrations(t *testing.T, src connectors.Source, ref string) []record.Registration {
	t.Helper()
	records, err := src.Find.Find(soon(t), record.NewRef(ref))
	if err != nil {
		t.Fatal(err)
	}
	var list []record.Registration
	for _, r := range records {
		if r.Owner != record.NewRef(ref) {
			t.Error("a record of another owner")
		}
		list = append(list, r.Body.(record.Registration))
	}
	return list
}

// orOK is the reason that a test wants: none is ok.
func orOK(reason string) string {
	if reason == "" {
		return connectors.ReasonOK
	}
	return reason
}
