package smtp

import (
	"net/mail"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/smtp/smtpsim"
)

// TestConformance holds the connector to the contract, on the wire.
func TestConformance(t *testing.T) {
	t.Parallel()
	settings := func(password string) func(string) connectors.Settings {
		return func(addr string) connectors.Settings {
			s := defaults()
			s.Address, s.TLS, s.User, s.Password = addr, TLSNone, "portail-sem", connectors.NewSecret(password)
			s.From = From{Name: "Ville de Pointe-aux-Bouleaux", Address: "ne-pas-repondre@ville.example"}
			return &s
		}
	}
	connectortest.Run(t, connectortest.Suite{
		Kind: Kind(),
		Start: func() (connectortest.Fake, error) {
			sim, err := smtpsim.Start("127.0.0.1:0", smtpsim.Config{User: "portail-sem", Password: "mot-de-passe", Unknown: []string{"personne@ville.example"}})
			if err != nil {
				return connectortest.Fake{}, err
			}
			return connectortest.Fake{Addr: sim.Addr(), Close: sim.Close, Performed: func() int { return len(sim.Messages()) }}, nil
		},
		Settings: settings("mot-de-passe"),
		Denied:   settings("wrong-password"),
		Message: record.Message{
			ID: "essai-1", To: []mail.Address{{Address: "greffe@ville.example"}},
			Subject: "Un essai", Text: "Trois petits oiseaux", Language: "fr",
		},
		RefusedMessage: record.Message{
			ID: "essai-2", To: []mail.Address{{Address: "personne@ville.example"}},
			Subject: "Un essai", Text: "Trois petits oiseaux", Language: "fr",
		},
		MessageMatch: "Trois petits oiseaux",
		Secrets:      []string{"mot-de-passe", "wrong-password"},
		Persons:      []string{"portail-sem", "greffe@ville.example", "personne@ville.example"},
	})
}
