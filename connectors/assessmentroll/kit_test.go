package assessmentroll

import (
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/record"
)

// TestKit holds the connector to the contract, over HTTP.
func TestKit(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Suite{
		Kind: Kind(),
		Start: func() (connectortest.Fake, error) {
			tower := rollsim.Unit{Matricule: "080000010010010001", Use: "1000", LandValue: 41_000, BuildingValue: 209_000}
			server, err := rollsim.Start("127.0.0.1:0", rollsim.Roll{Owners: true, Units: rollsim.Of(house(), tower).Units})
			if err != nil {
				return connectortest.Fake{}, err
			}
			foreign := func() { server.SetFault(rollsim.FaultForeign) } // the roll of the next town
			return connectortest.Fake{Addr: server.Addr(), Close: server.Close, Foreign: foreign}, nil
		},
		Settings: func(addr string) connectors.Settings {
			s := defaults()
			s.URL, s.Municipality = "http://"+addr+"/role/RL99001_2026.xml", rollsim.Municipality
			return &s
		},
		Known: record.NewRef("0719-81-0976"), Unknown: record.NewRef("9999-99-9999"),
		FindGolden: "testdata/find.json", ListGolden: "testdata/list.json",
		Persons: []string{"0719-81-0976", "071981097600000000", rollsim.OwnerName, "ERABLES"},
	})
}

// TestKitFile holds it to the contract with a file, which has no wire.
func TestKitFile(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Suite{
		Kind: Kind(),
		Settings: func(string) connectors.Settings {
			s := defaults()
			s.File = "testdata/roll.xml"
			return &s
		},
		Known: record.NewRef("0719-81-0976"), Unknown: record.NewRef("9999-99-9999"),
		FindGolden: "testdata/find-file.json", ListGolden: "testdata/roll.json",
		Persons: []string{"0719-81-0976", "071981097600000000", "CANARI", "ERABLES"},
		Waive:   map[string]string{"quiet": "the sample has a padded matricule and an unreadable value, which are logged once a list, counted"},
	})
}
