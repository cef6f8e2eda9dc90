package sip2

import (
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

// TestConformance holds the connector to the contract, on the wire.
func TestConformance(t *testing.T) {
	t.Parallel()
	settings := func(password string) func(string) connectors.Settings {
		return func(addr string) connectors.Settings {
			s := defaults()
			s.Address, s.LoginUser, s.LoginPassword = addr, "sem-account", connectors.NewSecret(password)
			return &s
		}
	}
	who := record.NewRef(card)
	connectortest.Run(t, connectortest.Suite{
		Kind: Kind(),
		Start: func() (connectortest.Fake, error) {
			sim, err := sip2sim.Start("127.0.0.1:0", library(), sip2sim.Config{User: "sem-account", Password: "mot-de-passe"})
			if err != nil {
				return connectortest.Fake{}, err
			}
			return connectortest.Fake{
				Addr: sim.Addr(), Close: sim.Close, Performed: sim.Changes,
				Foreign: func() { sim.SetFault(sip2sim.FaultForeign) },
			}, nil
		},
		Settings: settings("mot-de-passe"),
		Denied:   settings("wrong-password"),
		Known:    who, Unknown: record.NewRef("999999"),
		FindGolden: "testdata/find-plain.json",
		Card:       card, PIN: pin, WrongPIN: "0000", UnknownCard: "999999", Authenticated: who,
		Acts: []connectortest.Act{
			{Who: who, Action: record.Renew{Item: "33002", Due: record.Date{Year: 2026, Month: 1, Day: 15}}, Match: "29NN"},
			{Who: who, Action: record.PlaceHold{Item: "33005"}, Match: "15+", Another: record.PlaceHold{Item: "33099"}},
			{Who: who, Action: record.CancelHold{Item: "33004"}, Match: "15-", Leaves: true, Another: record.CancelHold{Item: "33003"}},
		},
		Integrity: true,
		Secrets:   []string{"mot-de-passe", "wrong-password"},
		Persons:   []string{card, pin, "999999", "Zoé", "Légaré"},
	})
}
