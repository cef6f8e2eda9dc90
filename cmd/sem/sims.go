package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"

	"github.com/semenligne/sem/cmd/sem/town"
	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
	"github.com/semenligne/sem/connectors/smtp/smtpsim"
)

// simulated is one legacy system of the demo: a simulator, and in front of it
// a proxy that makes the faults of the wire.
type simulated struct {
	name  string
	proxy *faultproxy.Proxy
	// content sets a fault of what the simulator says: "", "error" or "empty".
	content func(fault string)
	// calls counts what the simulator was asked so far.
	calls func() int
	close func() error
}

type simulators struct {
	all        []simulated
	library    *sip2sim.Server
	recreation *openactivesim.Server
	requests   *open311sim.Server
	// mail is the mail server among them, and authority the PEM of who vouches
	// for it.
	mail      *smtpsim.Server
	authority []byte
}

// modes lists what a simulator of the demo can be turned to.
func modes() []string {
	return []string{"ok", "hang", "refuse", "cut", "garble", "slow", "error", "empty"}
}

// set turns a simulator to a mode.
func (s *simulators) set(source, mode string) error {
	for _, sim := range s.all {
		if sim.name != source {
			continue
		}
		switch mode {
		case "error", "empty":
			sim.content(mode)
			return sim.proxy.Set(faultproxy.Mode{Fault: faultproxy.OK})
		}
		wire, err := faultproxy.Parse(mode)
		if err != nil {
			return fmt.Errorf("no mode %q; there is %v", mode, modes())
		}
		sim.content("")
		return sim.proxy.Set(wire)
	}
	return fmt.Errorf("no source %q; there is %v", source, s.names())
}

func (s *simulators) names() []string {
	names := make([]string, len(s.all))
	for i, sim := range s.all {
		names[i] = sim.name
	}
	return names
}

// addr is where a source is dialled: its proxy.
func (s *simulators) addr(source string) string {
	for _, sim := range s.all {
		if sim.name == source {
			return sim.proxy.Addr()
		}
	}
	return ""
}

func (s *simulators) url(source, path string) string { return "http://" + s.addr(source) + path }

func (s *simulators) close() error {
	var errs []error
	for _, sim := range s.all {
		errs = append(errs, sim.proxy.Close(), sim.close())
	}
	return errors.Join(errs...)
}

// simulator is what every simulator is.
type simulator interface {
	Addr() string
	Calls() int
	Close() error
}

// add puts a proxy in front of a simulator that just started.
func (s *simulators) add(name string, sim simulator, started error, content func(string)) error {
	if started != nil {
		return fmt.Errorf("%s simulator: %w", name, started)
	}
	proxy, err := faultproxy.Start(sim.Addr())
	if err != nil {
		return errors.Join(fmt.Errorf("%s proxy: %w", name, err), sim.Close())
	}
	s.all = append(s.all, simulated{name, proxy, content, sim.Calls, sim.Close})
	return nil
}

// startSimulators gives each simulator its part of the town.
func startSimulators(t *town.Town) (*simulators, error) {
	const anyPort = "127.0.0.1:0"
	s := &simulators{}
	var err error
	s.library, err = sip2sim.Start(anyPort, libraryOf(t), sip2sim.Config{Personality: sip2sim.Koha, User: "sem", Password: demoKey})
	if err := s.add("library", s.library, err, func(f string) { s.library.SetFault(sip2sim.Fault(f)) }); err != nil {
		return nil, err
	}
	s.recreation, err = openactivesim.Start(anyPort, recreationOf(t))
	if err := s.add("recreation", s.recreation, err, func(f string) { s.recreation.SetFault(openactivesim.Fault(f)) }); err != nil {
		return nil, errors.Join(err, s.close())
	}
	roll, err := rollsim.Start(anyPort, rollOf(t))
	if err := s.add("property", roll, err, func(f string) { roll.SetFault(rollsim.Fault(f)) }); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.requests, err = open311sim.Start(anyPort, requestsOf(t))
	if err := s.add("requests", s.requests, err, func(f string) { s.requests.SetFault(open311sim.Fault(f)) }); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.addMail(anyPort); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// addMail starts the town's mail server, which wants TLS and an account. Its
// "error" is to put everything off, its "empty" to answer without a word.
func (s *simulators) addMail(addr string) error {
	config, authority, err := smtpsim.Certificate("127.0.0.1")
	if err != nil {
		return err
	}
	s.authority = authority
	s.mail, err = smtpsim.Start(addr, smtpsim.Config{User: "sem", Password: demoKey, TLS: config, MaxSize: 10 << 20})
	return s.add("mail", s.mail, err, func(fault string) {
		switch fault {
		case "error":
			s.mail.SetFault(smtpsim.Fault{At: smtpsim.MAIL, Deed: smtpsim.Say, Reply: "451 4.3.0 Try again later"})
		case "empty":
			s.mail.SetFault(smtpsim.Fault{At: smtpsim.Dot, Deed: smtpsim.Say, Reply: ""})
		default:
			s.mail.SetFault(smtpsim.Fault{})
		}
	})
}

// writeCards writes the card registry as the town's card office exports it.
func writeCards(t *town.Town, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // our own temporary folder
	if err != nil {
		return fmt.Errorf("cards: %w", err)
	}
	w := csv.NewWriter(f)
	rows := [][]string{{"carte", "prenom", "nom", "naissance", "bibliotheque", "loisirs", "matricules", "requetes"}}
	for _, family := range t.Families {
		matricule := ""
		if family.Owner {
			matricule = family.Property.Matricule
		}
		for _, p := range family.People {
			rows = append(rows, []string{p.Card, p.Given, p.Last, p.Born.String(), p.Barcode, "account:" + family.Account, matricule, "account:" + p.Requester})
		}
	}
	if err := errors.Join(w.WriteAll(rows), f.Close()); err != nil {
		return fmt.Errorf("cards: %w", err)
	}
	return nil
}
