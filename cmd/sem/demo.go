package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/semenligne/sem/cmd/sem/town"
	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/portal/signin"
)

// announcement is what `sem demo --print json` says when everything is up.
type announcement struct {
	Portal  string   `json:"portal"`
	Metrics string   `json:"metrics"`
	Control string   `json:"control"`
	People  []shown  `json:"people"`
	Sources []string `json:"sources"`
}

type shown struct {
	Card string `json:"card"`
	PIN  string `json:"pin"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// demo runs an invented town: simulators of its legacy systems on real
// sockets, and the portal in front of them.
func demo(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	people := flags.Int("people", 2000, "how many `people` live in the town")
	seed := flags.Uint64("seed", 2009, "the same `seed` invents the same town")
	listen := flags.String("listen", "127.0.0.1:8080", "`address` of the portal")
	format := flags.String("print", "text", "`text` or json")
	if _, code, ok := parse(t, flags, args, 0, 0); !ok {
		return code
	}
	if *format != "text" && *format != "json" {
		fmt.Fprintln(t.err, "sem: --print is text or json")
		return exitUsage
	}
	invented, err := town.New(*seed, *people, time.Now())
	if err != nil {
		fmt.Fprintln(t.err, err)
		return exitUsage
	}
	folder, err := os.MkdirTemp("", "sem-demo-*")
	if err != nil {
		fmt.Fprintln(t.err, err)
		return exitFailed
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := runDemo(ctx, t, invented, folder, *listen, *format); err != nil {
		fmt.Fprintf(t.err, "sem: demo: %v\n", err)
		return exitFailed
	}
	return exitOK
}

func runDemo(ctx context.Context, t terminal, invented *town.Town, folder, listen, format string) (err error) {
	sims, err := startSimulators(invented)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sims.close()) }()
	file, err := writeDemoFiles(invented, sims, folder, listen)
	if err != nil {
		return err
	}
	config, _, err := configs.Load(file, all.Kinds())
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, config, t.logger(slog.LevelWarn))
	if err != nil {
		return err
	}
	if err := h.admit(ctx, invented, folder); err != nil {
		h.close()
		return err
	}
	control, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		h.close()
		return fmt.Errorf("control: %w", err)
	}
	controls := server(sims.control())
	go func() { _ = controls.Serve(control) }() // ends with Close below
	defer func() { err = errors.Join(err, controls.Close()) }()
	a := announcement{
		Portal: "http://" + h.portal.Addr().String(), Metrics: "http://" + h.operators.Addr().String() + "/metrics",
		Control: "http://" + control.Addr().String(), Sources: sims.names(),
	}
	for _, s := range invented.Showcase() {
		a.People = append(a.People, shown{s.Card, s.PIN, s.Name(), s.Role})
	}
	return h.run(ctx, func() { a.print(t, format) })
}

// admit imports the card registry and gives the people whose cards are printed
// a PIN of the portal's own.
func (h *house) admit(ctx context.Context, invented *town.Town, folder string) error {
	if _, err := h.aggregator.Refresh(ctx, "cards"); err != nil {
		return err
	}
	pepper, err := os.ReadFile(filepath.Join(folder, "pepper")) //nolint:gosec // our own temporary folder
	if err != nil {
		return fmt.Errorf("pepper: %w", err)
	}
	for _, s := range invented.Showcase() {
		citizen, err := h.dossier.ByCard(ctx, s.Card)
		if err != nil {
			return err
		}
		encoded, err := signin.Hash(pepper, s.PIN)
		if err != nil {
			return err
		}
		if err := h.dossier.SetCredential(ctx, citizen, encoded); err != nil {
			return err
		}
	}
	return nil
}

func (a announcement) print(t terminal, format string) {
	if format == "json" {
		line, err := json.Marshal(a)
		if err != nil {
			fmt.Fprintln(t.err, err)
			return
		}
		fmt.Fprintf(t.out, "%s\n", line)
		return
	}
	fmt.Fprintf(t.out, "\n%s, an invented town, is open at  %s\n\n", town.Name, a.Portal)
	for _, p := range a.People {
		fmt.Fprintf(t.out, "  card %s   PIN %s   %-24s %s\n", p.Card, p.PIN, p.Name, p.Role)
	}
	fmt.Fprintf(t.out, "\nmetrics  %s\nmail     %s/mail\n\nBreak a source, then reload the page:\n\n  curl -X POST %s/library/hang\n\n", a.Metrics, a.Control, a.Control)
	fmt.Fprintf(t.out, "  sources  %s\n  modes    %s\n\nCtrl-C ends it and removes everything.\n", strings.Join(a.Sources, " "), strings.Join(modes(), " "))
}

// demoFile is the configuration that the demo writes and then loads as anybody
// would. Ages are short, so that a source that dies is seen at once.
const demoFile = `town: {name: {{.Town}}, timezone: {{.Zone}}, help: au comptoir du SEM}
listen: {{.Listen}}
metrics_listen: 127.0.0.1:0
data_dir: {{.Folder}}
portal: {insecure_cookies: true, {{with .Base}}base_url: "{{.}}", {{end}} authenticate: library}
mail:
  source: mail
  subjects:
    - {name: streets, title: {fr: Rues et trottoirs, en: Streets and sidewalks}, to: voirie@pointe-aux-bouleaux.example}
    - {name: recreation, title: {fr: Loisirs et bibliothèque, en: Recreation and library}, to: loisirs@pointe-aux-bouleaux.example}
    - {name: other, title: {fr: Autre sujet, en: Another subject}, to: info@pointe-aux-bouleaux.example}
sources:
  - name: cards
    kind: tabular
    cards: true
    fresh_for: 1h
    poll: {every: 10m, jitter: 10s}
    settings:
      file: cards.csv
      delimiter: ","
      columns: {card: carte, name: [prenom, nom], born: naissance, links: {library: bibliotheque, recreation: loisirs, property: matricules, requests: requetes}}
  - name: mail
    kind: smtp
    guard: {deadline: 10s, breaker: {failures: 3, rest: 5s}, dial_allow: [127.0.0.0/8], ca_file: mail-authority.pem}
    settings:
      address: {{.Mail}}
      user: sem
      password_file: key
      from: {name: {{.Town}}, address: sem@pointe-aux-bouleaux.example}
      reply_to: sem+{id}@pointe-aux-bouleaux.example
{{range .Sources}}
  - name: {{.Name}}
    kind: {{.Kind}}
    title: {fr: {{.FR}}, en: {{.EN}}}
    fresh_for: 12s
    hide_after: 1h
    poll: {every: 5s, jitter: 1s}
    guard: {deadline: 3s, parallel: 4, breaker: {failures: 3, rest: 5s}, dial_allow: [127.0.0.0/8]}
    settings: { {{- .Settings -}} }
{{end}}`

type demoSource struct{ Name, Kind, FR, EN, Settings string }

func writeDemoFiles(invented *town.Town, sims *simulators, folder, listen string) (string, error) {
	if err := writeCards(invented, filepath.Join(folder, "cards.csv")); err != nil {
		return "", err
	}
	if err := writeMap(invented, folder); err != nil {
		return "", err
	}
	if err := writeSchedules(time.Now().In(invented.Zone), folder); err != nil {
		return "", err
	}
	streets := "odonyme\n" + strings.Join(town.StreetNames(), "\n") + "\n"
	if err := os.WriteFile(filepath.Join(folder, "streets.csv"), []byte(streets), 0o600); err != nil {
		return "", fmt.Errorf("streets: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "key"), []byte(demoKey+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "mail-authority.pem"), sims.authority, 0o600); err != nil {
		return "", fmt.Errorf("mail server's authority: %w", err)
	}
	path := filepath.Join(folder, "sem.yaml")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // our own temporary folder
	if err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	err = template.Must(template.New("demo").Parse(demoFile)).Execute(f, map[string]any{
		"Town": town.Name, "Zone": town.ZoneName, "Listen": listen, "Base": demoBase(listen), "Folder": folder, "Mail": sims.addr("mail"),
		"Sources": []demoSource{
			{"library", "sip2", "La bibliothèque", "The library", fmt.Sprintf("address: %q, login_user: sem, login_password_file: key, institution: VILLE", sims.addr("library"))},
			{"recreation", "openactive", "Les loisirs", "Recreation", fmt.Sprintf("feeds: [%q, %q], booking_url: %q, api_key_file: key", sims.url("recreation", "/rpde/series"), sims.url("recreation", "/rpde/sessions"), sims.url("recreation", "/booking"))},
			{"property", "assessmentroll", "Le rôle d’évaluation", "The assessment roll", fmt.Sprintf("url: %q, streets: streets.csv, points: {csv: points.csv}", sims.url("property", "/role.xml"))},
			{"places", "places", "Les lieux de la Ville", "The town’s places", "file: places.geojson, format: geojson, fields: {id: NO, name: [NOM], category: TYPE, address: [ADRESSE], phone: TEL, hours: HORAIRE}"},
			{"ground", "places", "Le plan de la Ville", "The town’s map", "file: ground.geojson, format: geojson, as: shapes, fields: {name: [NOM], category: TYPE}"},
			{"rules", "schedules", "Les calendriers de la Ville", "The town’s calendars", "file: rules.yaml"},
			{"sectors", "places", "Les secteurs de collecte", "The collection sectors", "file: sectors.geojson, format: geojson, as: sectors, fields: {code: CODE, name: [NOM]}"},
			{"requests", "open311", "Les requêtes", "Service requests", fmt.Sprintf("base_url: %q, api_key_file: key", sims.url("requests", "/v2"))},
		},
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	return path, nil
}

// demoBase is where the demonstration is reached; "" when its port is not known
// yet.
func demoBase(listen string) string {
	if strings.HasSuffix(listen, ":0") {
		return ""
	}
	return "http://" + listen
}

// demoKey is the key of every simulator: no secret.
const demoKey = "cle-de-demonstration"

// control answers POST /SOURCE/MODE, and GET /mail with every message that the
// town's mail server took.
func (s *simulators) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{source}/{mode}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.set(r.PathValue("source"), r.PathValue("mode")); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /mail", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for _, m := range s.mail.Messages() {
			fmt.Fprintf(w, "From <%s> to %v\n%s\n", m.From, m.To, m.Data)
		}
	})
	return mux
}
