package tabular

import (
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
)

// TestKit holds the connector to the contract; a file has no wire.
func TestKit(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Suite{
		Kind: Kind(),
		Settings: func(string) connectors.Settings {
			s := goldenSettings()
			return &s
		},
		ListGolden: "testdata/cartes.json",
		Persons:    []string{"004217", "Désilets", "29900001234567", "0719-81-0976", "1948-02-29"},
	})
}
