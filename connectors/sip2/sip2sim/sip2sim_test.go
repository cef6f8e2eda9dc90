package sip2sim

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"
)

// talk sends raw bytes and returns what comes back until the line is quiet or
// closed: as many messages as wanted.
func talk(t *testing.T, s *Server, sent string, replies int) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(sent)); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r := bufio.NewReader(conn)
	for range replies {
		line, err := r.ReadString('\r')
		out.WriteString(line)
		if err != nil {
			return out.String() + "<closed>"
		}
	}
	return out.String()
}

// TestStrict: what the server refuses, and how each personality does it.
func TestStrict(t *testing.T) {
	t.Parallel()
	lib := Library{Institution: "VILLE", Patrons: []Patron{{Card: "1", PIN: "2", Name: "Zoé"}}}
	const status = "9900802.00AY1AZFCA0\r"
	for _, c := range []struct {
		name    string
		config  Config
		sent    string
		replies int
		want    string // beginning
	}{
		{"published checksum", Config{}, status, 1, "98Y"},
		{"LF alone is no end", Config{}, "9900802.00AY1AZFCA0\n" + status, 1, "96"},
		{"wrong checksum", Config{}, "9900802.00AY1AZFCA1\r", 1, "96  AZ"},
		{"other charset", Config{}, "2301120261124    083000AOVILLE|AAH\xe9l\xe8ne|AC|\r", 1, "96"},
		{"missing field", Config{}, "2301120261124    083000AOVILLE|AA1|\r", 1, "96"},
		{"short fixed part", Config{}, "23011AOVILLE|AA1|AC|\r", 1, "96"},
		{"field without end", Config{}, "2301120261124    083000AOVILLE|AA1|AC\r", 1, "96"},
		{"field twice", Config{}, "2301120261124    083000AOVILLE|AA1|AA2|AC|\r", 1, "96"},
		{"without error detection, none comes back", Config{}, "2301120261124    083000AOVILLE|AA1|AC|AD2|\r", 1, "24              011"},
		{"unsupported, Koha", Config{Personality: Koha, Supported: "NNNNYYYYYNY"}, "2301120261124    083000AOVILLE|AA1|AC|\r", 1, "96\r"},
		{"unsupported, Evergreen", Config{Personality: Evergreen, Supported: "NNNNYYYYYNY"}, "2301120261124    083000AOVILLE|AA1|AC|\r", 1, "<closed>"},
		{"not logged in", Config{User: "u", Password: "p"}, "2301120261124    083000AOVILLE|AA1|AC|\r", 1, "<closed>"},
		{"wrong password, Koha hangs up", Config{Personality: Koha, User: "u", Password: "p"}, "9300CNu|COx|\r", 2, "940\r\n<closed>"},
		{"logged in", Config{User: "u", Password: "p"}, "9300CNu|COp|\r2301120261124    083000AOVILLE|AA1|AC|\r", 2, "941\r"},
		{"resend", Config{}, status + "97AZFEF5\r", 2, "98Y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := Start("127.0.0.1:0", lib, c.config)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got := talk(t, s, c.sent, c.replies)
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("%q; want %q…", got, c.want)
			}
		})
	}
}

// TestPIN: personal details come whatever the PIN; CQ tells.
func TestPIN(t *testing.T) {
	t.Parallel()
	s, err := Start("127.0.0.1:0", Library{Institution: "VILLE", Patrons: []Patron{{Card: "1", PIN: "2", Name: "Zoé"}}}, Config{Personality: Evergreen})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for fields, want := range map[string]string{"AA1|AC|AD2|": "AEZoé|BLY|CQY|", "AA1|AC|AD3|": "AEZoé|BLY|CQN|", "AA1|AC|": "AEZoé|BLY|BH", "AA9|AC|AD2|": "AE|BLN|"} {
		if got := talk(t, s, "6301120261124    083000          AOVILLE|"+fields+"\r", 1); !strings.Contains(got, want) {
			t.Errorf("%s: %q", fields, got)
		}
	}
}
