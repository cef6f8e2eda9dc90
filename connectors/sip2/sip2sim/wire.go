package sip2sim

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

var (
	errBlank  = errors.New("sip2sim: empty message")
	errUnread = errors.New("sip2sim: message that cannot be read")
)

// request is a message from a client.
type request struct {
	code, fixed string
	fields      map[string]string
	sequence    string // digit of AY, "" without error detection
	summed      bool
}

// requestWidth is the length of the fixed part of each request.
func requestWidth(code string) int {
	return map[string]int{
		"93": 2, "99": 8, "97": 0, "23": 21, "63": 31, "17": 18, "29": 38, "65": 18, "15": 19, "35": 18,
	}[code]
}

// required lists the fields without which a request is not one.
func required(code string) []string {
	return map[string][]string{
		"93": {"CN", "CO"}, "23": {"AO", "AA", "AC"}, "63": {"AO", "AA"}, "17": {"AO", "AB"}, "29": {"AO", "AA"},
		"65": {"AO", "AA"}, "15": {"AO", "AA"}, "35": {"AO", "AA"},
	}[code]
}

// parseRequest reads a message strictly.
func parseRequest(line []byte, charset string) (request, error) {
	line = bytes.Trim(line, "\r\n")
	if len(line) == 0 {
		return request{}, errBlank
	}
	var rq request
	if m := regexp.MustCompile(`^(.*?)(?:AY(\d))?AZ([0-9A-F]{4})$`).FindSubmatch(line); m != nil {
		rq.sequence, rq.summed = string(m[2]), true
		if string(m[3]) != sum(line[:len(line)-4]) {
			return rq, errUnread
		}
		line = m[1]
	}
	text, err := fromCharset(line, charset)
	if err != nil || len(text) < 2 {
		return rq, errUnread
	}
	rq.code = text[:2]
	width := requestWidth(rq.code)
	if len(text) < 2+width {
		return rq, errUnread
	}
	rq.fixed = text[2 : 2+width]
	rq.fields, err = parseFields(text[2+width:])
	for _, id := range required(rq.code) {
		if _, ok := rq.fields[id]; !ok {
			err = errUnread
		}
	}
	return rq, err
}

func parseFields(text string) (map[string]string, error) {
	fields := map[string]string{}
	for text != "" {
		value, rest, ended := strings.Cut(text, "|")
		if !ended || len(value) < 2 {
			return nil, errUnread
		}
		if _, twice := fields[value[:2]]; twice {
			return nil, errUnread
		}
		fields[value[:2]] = value[2:]
		text = rest
	}
	return fields, nil
}

// sum is the checksum as four upper-case digits: what, added to the bytes'
// values, makes zero in sixteen bits.
func sum(b []byte) string {
	total := 0
	for i := range b {
		total += int(b[i])
	}
	return fmt.Sprintf("%04X", (0x10000-total%0x10000)%0x10000)
}

func fromCharset(b []byte, charset string) (string, error) {
	switch charset {
	case "iso-8859-1":
		return charmap.ISO8859_1.NewDecoder().String(string(b))
	case "cp850":
		return charmap.CodePage850.NewDecoder().String(string(b))
	}
	if !utf8.Valid(b) {
		return "", errUnread
	}
	return string(b), nil
}

// toCharset writes text, with ? for what the charset lacks.
func toCharset(text, charset string) []byte {
	var table *charmap.Charmap
	switch charset {
	case "iso-8859-1":
		table = charmap.ISO8859_1
	case "cp850":
		table = charmap.CodePage850
	default:
		return []byte(text)
	}
	var out []byte
	for _, r := range text {
		b, ok := table.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// spoil changes a reply's checksum.
func spoil(message []byte) []byte {
	out := bytes.Clone(message)
	if at := bytes.LastIndex(out, []byte("AZ")); at >= 0 && at+6 <= len(out) {
		if out[at+2]++; out[at+2] == 'G' || out[at+2] == 'g' || out[at+2] == ':' {
			out[at+2] = '0'
		}
	}
	return out
}
