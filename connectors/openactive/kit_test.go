package openactive_test

import (
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

// The identifiers of the kit's town do not change with its port.
const base = "https://loisirs.exemple.test"

func TestConformance(t *testing.T) {
	t.Parallel()
	settings := func(addr, key string) connectors.Settings {
		s := openactive.Kind().Settings().(*openactive.Settings)
		reaching(addr)(s)
		s.APIKey = connectors.NewSecret(key)
		return s
	}
	connectortest.Run(t, connectortest.Suite{
		Kind: openactive.Kind(),
		Start: func() (connectortest.Fake, error) {
			town := seed()
			town.Base, town.PageSize = base, 50
			sim, err := openactivesim.Start("127.0.0.1:0", town)
			if err != nil {
				return connectortest.Fake{}, err
			}
			return connectortest.Fake{
				Addr: sim.Addr(), Close: sim.Close, Performed: sim.Changes,
				Foreign: func() { sim.SetFault(openactivesim.FaultForeign) },
			}, nil
		},
		Settings: func(addr string) connectors.Settings { return settings(addr, key) },
		Denied:   func(addr string) connectors.Settings { return settings(addr, "fausse-cle") },
		Known:    record.NewRef("orders:" + orderAda),
		Unknown:  record.NewRef("account:F-9999"),

		FindGolden: "testdata/find.golden", ListGolden: "testdata/list.golden",
		Acts: []connectortest.Act{
			{
				Who: cleo(), Match: "PUT /booking/orders/",
				Action:  record.Register{Session: base + "/series/10/sessions/140", Order: uuid1, Email: "cleo@exemple.test", AttendeeGivenName: "Cléo"},
				Another: record.Register{Session: base + "/series/10/sessions/140", Order: uuid2, Email: "cleo@exemple.test", AttendeeGivenName: "Cléo"},
			},
			{
				Who: record.NewRef("account:" + account), Match: "PATCH /booking/orders/",
				Action: record.CancelRegistration{ID: orderAda + "#" + base + "/booking/orders/" + orderAda + "#/orderedItem/1"},
			},
		},
		Secrets: []string{key, "fausse-cle"},
		Persons: []string{account, email, "F-3003", "F-9999", "cleo@exemple.test", orderAda, uuid1, "Cléo"},
	})
}
