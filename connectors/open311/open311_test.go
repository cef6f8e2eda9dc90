package open311_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

const key = "cle-inventee"

// town is the invented town of these tests, at a fixed instant.
func town() open311sim.Seed {
	quebec := time.FixedZone("EST", -5*3600)
	at := func(d, h int) time.Time { return time.Date(2026, 11, d, h, 15, 0, 0, quebec) }
	return open311sim.Seed{
		Keys:      []string{key},
		Changeset: "2026-11-01 09:30",
		Services:  services(),
		Requests: []open311sim.Request{
			{
				ID: "26-004417", Status: "open", ServiceCode: "NIDPOULE",
				Description: "Trou devant le 14,\nprès de l'école", Agency: "Travaux publics",
				Notice: "Inspection sous 3 jours ouvrables", StatusNotes: "Équipe avisée",
				Requested: at(20, 8), Updated: at(21, 9), Expected: at(25, 17),
				Address: "14, rue des Essais", Zip: "J0X 0X0", Lat: 45.5612, Long: -73.9034,
				Media:   []string{"https://photos.example/1.jpg", "https://photos.example/2.jpg"},
				Account: "C-100", Email: "ada@example.org", FirstName: "Ada", Phone: "555-0100",
				Notes: []open311sim.Note{{At: at(20, 8), Type: "opened", Description: "Requête reçue"}, {At: at(21, 9), Type: "in_progress", Description: "Équipe avisée"}},
			},
			{
				ID: "1002", Status: "closed", ServiceCode: "012", Description: "Lampadaire éteint",
				Requested: at(2, 10), Updated: at(5, 11), Lat: 45.56, Long: -73.9, Account: "C-100", Email: "ada@example.org",
			},
			{
				ID: "7", Status: "open", ServiceCode: "012", Description: "Lampadaire d'un voisin",
				Requested: at(3, 10), Updated: at(3, 10), Account: "C-200", Email: "bob@example.org",
			},
			{ID: "26-T1", Token: "555", ServiceCode: "EAU", Requested: at(4, 10), Updated: at(4, 10), Account: "C-300"},
		},
	}
}

func services() []open311sim.Service {
	return []open311sim.Service{
		{
			Code: "NIDPOULE", Name: "Nid-de-poule", Description: "Trou dans la chaussée", Group: "Voirie",
			Keywords: []string{"rue", "chaussée"}, Attributes: []open311sim.Attribute{
				{Code: "AVIS", Datatype: "string", Info: true, Order: 1, Description: "Pour un danger immédiat, faites le 911."},
				{Code: "COTE", Datatype: "multivaluelist", Order: 3, Description: "De quels côtés?", Values: []open311sim.Value{{Key: "1", Name: "Nord"}, {Key: "2", Name: "Sud"}}},
				{Code: "PROF", Datatype: "number", Required: true, Order: 2, Description: "Profondeur", Hint: "en centimètres"},
			},
		},
		{Code: "012", Name: "Lampadaire", Group: "Voirie"},
		{Code: "EAU", Name: "Fuite d'eau", Type: "batch"},
		{Code: "MERCI", Name: "Un mot", Type: "blackbox"},
		{Code: "arbre: abattage", Name: "Arbre à abattre"},
	}
}

// start serves a town and opens a source on it.
func start(t *testing.T, seed open311sim.Seed, change func(*open311.Settings)) (*open311sim.Server, connectors.Source) {
	t.Helper()
	server, err := open311sim.Start("127.0.0.1:0", seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, openAt(t, "http://"+server.Addr()+"/v2", change)
}

func openAt(t *testing.T, baseURL string, change func(*open311.Settings)) connectors.Source {
	t.Helper()
	return openWith(t, baseURL, change, func(r http.RoundTripper) http.RoundTripper { return r })
}

func openWith(t *testing.T, baseURL string, change func(*open311.Settings), wrap func(http.RoundTripper) http.RoundTripper) connectors.Source {
	t.Helper()
	kind := open311.Kind()
	settings, ok := kind.Settings().(*open311.Settings)
	if !ok {
		t.Fatal("not the settings of open311")
	}
	settings.BaseURL = baseURL
	settings.Key = connectors.NewSecret(key)
	if change != nil {
		change(settings)
	}
	if p := settings.Validate(); len(p) > 0 {
		t.Fatal(p)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	source, err := kind.Open(settings, connectors.Deps{
		Log: slog.New(slog.DiscardHandler), HTTP: &http.Client{Transport: wrap(transport)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func find(ctx context.Context, source connectors.Source, ref string) ([]record.Record, error) {
	return source.Find.Find(ctx, record.NewRef(ref))
}

func list(ctx context.Context, source connectors.Source) ([]record.Record, error) {
	var out []record.Record
	_, err := source.List.List(ctx, "", func(r record.Record) error {
		out = append(out, r)
		return nil
	})
	return out, err
}
