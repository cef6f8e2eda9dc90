package sip2

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
)

// TestChecksum holds the sum to the published vectors; the last rows fail when
// characters are summed instead of bytes.
func TestChecksum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		charset  Charset
		body     string
		sequence int
		want     string
	}{
		{CharsetUTF8, "9300CNscclient|COclientpwd|CPkiosk1|", 0, "AY0AZF134\r"},
		{CharsetUTF8, "941", 0, "AY0AZFDFD\r"},
		{CharsetUTF8, "9900802.00", 1, "AY1AZFCA0\r"},
		{CharsetUTF8, "97", -1, "AZFEF5\r"},
		{CharsetUTF8, "96", -1, "AZFEF6\r"},
		{CharsetUTF8, "2301120261124    083000AOMAIN|AAHélène|AC|AD1234|", 4, "AY4AZF00B\r"},
		{CharsetLatin1, "2301120261124    083000AOMAIN|AAHélène|AC|AD1234|", 4, "AY4AZF111\r"},
		{CharsetCP850, "2301120261124    083000AOMAIN|AAHélène|AC|AD1234|", 4, "AY4AZF1D6\r"},
		{CharsetUTF8, "6301120260115    093000  Y       AOVILLE|AA210001|AC|AD4821|", 2, "AY2AZF16E\r"},
		{CharsetUTF8, "29NN20260115    093000                  AOVILLE|AA210001|AC|AD4821|AB33002|BON|", 3, "AY3AZED48\r"},
	} {
		s := defaults()
		s.Charset = c.charset
		body := []byte(c.body)
		if table := c.charset.table(); table != nil {
			var err error
			if body, err = table.NewEncoder().Bytes(body); err != nil {
				t.Fatal(err)
			}
		}
		if got := string(s.sealed(body, c.sequence)); got != string(body)+c.want {
			t.Errorf("%s: sealed as %q; want …%q", c.charset, got, c.want)
		}
	}
}

// TestTranscript takes the replies of a published conversation apart.
func TestTranscript(t *testing.T) {
	t.Parallel()
	s := defaults()
	for _, c := range []struct {
		line     string
		sequence int
		want     message
	}{
		{
			"64              01120260115    0930000001000000020000    0000AOVILLE|AA210001|AEZoé Légaré|BLY|CQY|BHCAD|BV0.00|AU33001|AU33002|AY2AZDD7F", 2,
			message{"64", "              01120260115    0930000001000000020000    0000", []field{
				{"AO", "VILLE"}, {"AA", "210001"}, {"AE", "Zoé Légaré"}, {"BL", "Y"}, {"CQ", "Y"}, {"BH", "CAD"}, {"BV", "0.00"}, {"AU", "33001"}, {"AU", "33002"},
			}},
		},
		{
			"301YNN20260115    093000AOVILLE|AA210001|AB33002|AJL'hiver à Deux-Montagnes|AH20260205    235900|AY3AZE43E", 3,
			message{"30", "1YNN20260115    093000", []field{
				{"AO", "VILLE"}, {"AA", "210001"}, {"AB", "33002"}, {"AJ", "L'hiver à Deux-Montagnes"}, {"AH", "20260205    235900"},
			}},
		},
	} {
		f := parseFrame([]byte(c.line))
		if !f.sound || f.sequence != c.sequence {
			t.Errorf("trailer read as %+v", f)
		}
		m, err := s.parseMessage(f.body)
		if diff := cmp.Diff(c.want, m, cmp.AllowUnexported(message{}, field{})); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// TestReadFrame reads messages as servers end them, a byte at a time.
func TestReadFrame(t *testing.T) {
	t.Parallel()
	whole := "941AY0AZFDFD"
	for _, c := range []struct {
		name, stream string
		want         []string // bodies
		end          error
	}{
		{"CR", whole + "\r" + whole + "\r", []string{"941", "941"}, io.EOF},
		{"CRLF", whole + "\r\n" + whole + "\r\n", []string{"941", "941"}, io.EOF},
		{"LF", whole + "\n" + whole + "\n", []string{"941", "941"}, io.EOF},
		{"NUL", whole + "\x00" + whole + "\x00", []string{"941", "941"}, io.EOF},
		{"CR NUL and spaces", "\n\x00  " + whole + " \r\x00", []string{"941"}, io.EOF},
		{"nothing between", whole + whole, []string{"941", "941"}, io.EOF},
		{"lower case, after spaces", "941  AY0AZfdbd\r", []string{"941"}, io.EOF},
		{"without checksum", "941\r", []string{"941"}, io.EOF},
		{"line break inside", "98Y|AFa\nb|\r", []string{"98Y|AFa\nb|"}, io.EOF},
		{"cut", "941AY0AZFDF", nil, connectors.ErrMalformed},
		{"cut without checksum", "941", nil, connectors.ErrMalformed},
		{"too long", strings.Repeat("A", 2000), nil, connectors.ErrMalformed},
		{"nothing but blanks", strings.Repeat(" \r\x00\n", 1000), nil, connectors.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := bufio.NewReader(iotest.OneByteReader(strings.NewReader(c.stream)))
			for _, want := range c.want {
				f, err := readFrame(r, 1000)
				if err != nil || string(f.body) != want {
					t.Fatalf("read %q, %v; want %q", f.body, err, want)
				}
			}
			if f, err := readFrame(r, 1000); !errors.Is(err, c.end) {
				t.Errorf("then %q, %v; want %v", f.body, err, c.end)
			}
		})
	}
}

// TestParseMessage: fields as they come, and fixed parts that are too short.
func TestParseMessage(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 254)
	for _, c := range []struct {
		name, body string
		charset    Charset
		want       []field
		bad        bool
	}{
		{"no bar after flags", "941BLYBV7.00|CQYAFx|", "", []field{{"BL", "Y"}, {"BV", "7.00"}, {"CQ", "Y"}, {"AF", "x"}}, false},
		{"bar after flags, blank, empty", "941BL |CQ|BLN|", "", []field{{"BL", " "}, {"CQ", ""}, {"BL", "N"}}, false},
		{"no last bar", "941AAx|AFy", "", []field{{"AA", "x"}, {"AF", "y"}}, false},
		{"unknown ids, empty fields, repeats", "941U1z|||A|AF|AFa|AFb|", "", []field{{"U1", "z"}, {"AF", ""}, {"AF", "a"}, {"AF", "b"}}, false},
		{"bar inside", "941AJa &#124; b &amp;|", "", []field{{"AJ", "a | b &amp;"}}, false},
		{"line breaks between", "941AAx|\n\x00AFy|\r\n", "", []field{{"AA", "x"}, {"AF", "y"}}, false},
		{"cut at 255 bytes", "941AJ" + long + "\xc3|", "", []field{{"AJ", long}}, false},
		{"cut elsewhere", "941AJxx\xc3|", "", nil, true},
		{"Latin-1 instead of UTF-8", "941AJ\xe9t\xe9|", "", nil, true},
		{"Latin-1", "941AJ\xe9t\xe9|", CharsetLatin1, []field{{"AJ", "été"}}, false},
		{"CP850", "941AJ\x82t\x82|", CharsetCP850, []field{{"AJ", "été"}}, false},
		{"UTF-8 instead of Latin-1", "941AJété|", CharsetLatin1, nil, true},
		{"UTF-8 instead of ASCII", "941AJété|", CharsetASCII, nil, true},
		{"undefined in Windows-1252", "941AJ\x81|", CharsetWindows, nil, true},
		{"no fixed part", "94", "", nil, true},
		{"short fixed part", "64              011", "", nil, true},
		{"bar in the fixed part", "3010NUAA|20260115    093000", "", nil, true},
		{"accent in the fixed part", "94é", "", nil, true},
		{"no code", "9", "", nil, true},
		{"a request", "63", "", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := defaults()
			if c.charset != "" {
				s.Charset = c.charset
			}
			m, err := s.parseMessage([]byte(c.body))
			if errors.Is(err, connectors.ErrMalformed) != c.bad {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(c.want, m.fields, cmp.AllowUnexported(field{})); !c.bad && diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}
