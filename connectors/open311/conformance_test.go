package open311_test

import (
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

// TestConformance holds the connector to the contract, in both formats.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "xml"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, suite(format))
		})
	}
}

func suite(format string) connectortest.Suite {
	settings := func(addr, secret string) connectors.Settings {
		s, _ := open311.Kind().Settings().(*open311.Settings)
		s.BaseURL = "http://" + addr + "/v2"
		s.Format = format
		s.Key = connectors.NewSecret(secret)
		s.KeyOnReads = true // reading by the book cannot be denied
		return s
	}
	return connectortest.Suite{
		Kind:       open311.Kind(),
		Start:      startFake,
		Settings:   func(addr string) connectors.Settings { return settings(addr, key) },
		Denied:     func(addr string) connectors.Settings { return settings(addr, "autre-cle-inventee") },
		Known:      record.NewRef(allIDs),
		Unknown:    record.NewRef("ids:99-999999"),
		FindGolden: "testdata/find.golden.json",
		ListGolden: "testdata/services.golden.json",
		Acts: []connectortest.Act{
			{Who: record.NewRef("account:C-100"), Action: pothole(), Match: "POST /v2/requests.", Another: pothole()},
			{Who: record.NewRef("email:ada@example.org"), Action: leak(), Match: "POST /v2/requests.", Another: leak()},
		},
		Waive:   map[string]string{"learn/foreign": "the list is the town's: everybody's requests are in it"},
		Secrets: []string{key, "autre-cle-inventee"},
		Persons: []string{"26-004417", "99-999999", "C-100", "ada@example.org", "555-0100", "rue des Essais", "près de l'école"},
	}
}

func startFake() (connectortest.Fake, error) {
	seed := town()
	seed.Dialect.KeyForReads = true
	filed := len(seed.Requests)
	server, err := open311sim.Start("127.0.0.1:0", seed)
	if err != nil {
		return connectortest.Fake{}, err
	}
	return connectortest.Fake{
		Addr:      server.Addr(),
		Close:     server.Close,
		Performed: func() int { return len(server.Requests()) - filed },
		Foreign:   func() { server.SetFault(open311sim.FaultForeign) },
	}, nil
}
