package open311

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Limits of texts kept, in characters.
const (
	maxLine  = 500
	maxText  = 4000
	maxNotes = 500

	maxPhotos = 50
)

// request is one item of a list of requests: the body to keep, and what says
// whose it is, which is never kept.
type request struct {
	record.Request
	account string
	email   string
}

// readRequest maps an item. An error means that the item contradicts itself in
// what identifies it.
func (s *source) readRequest(n node) (request, error) {
	var r request
	var status string
	for name, field := range map[string]*string{
		"service_request_id": &r.ID, "token": &r.Token, "status": &status,
		"service_code": &r.ServiceCode, "account_id": &r.account, "email": &r.email,
	} {
		value, err := n.scalar(name)
		if err != nil {
			return request{}, err
		}
		*field = value
	}
	r.Status, r.StatusWord = readStatusWord(status)
	r.StatusNote = plain(n.label("status_notes"), maxText)
	r.Service = plain(n.label("service_name"), maxLine)
	r.Description = plain(n.label("description"), maxText)
	r.Department = plain(n.label("agency_responsible"), maxLine)
	r.Notice = plain(n.label("service_notice"), maxText)
	r.Address = plain(n.label("address"), maxLine)
	r.Sent = s.instant(n, "requested_datetime")
	r.Updated = s.instant(n, "updated_datetime")
	r.Expected = s.instant(n, "expected_datetime")
	r.Point = readPoint(n)
	r.Photos = readPhotos(n)
	r.History = s.readNotes(n)
	if r.ID != "" && s.RequestLink != "" {
		r.Link = strings.ReplaceAll(s.RequestLink, "{id}", url.PathEscape(r.ID))
	}
	return r, nil
}

// key is the id; else the token; else, for an item that bears neither, a digest
// of what does not change in it.
func (r request) key() string {
	switch {
	case r.ID != "":
		return r.ID
	case r.Token != "":
		return tokenPrefix + r.Token
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{r.ServiceCode, r.Sent.String(), r.Description, r.Address}, "\x00")))
	return "unnumbered:" + hex.EncodeToString(sum[:8])
}

// readStatusWord groups the words of v2 and of its extensions. A word nobody
// knows counts as open; no word at all is unknown.
func readStatusWord(word string) (record.RequestStatus, string) {
	word = plain(word, maxLine)
	status := record.RequestOpen
	switch strings.ToLower(word) {
	case "":
		status = record.RequestUnknown
	case "closed", "fixed", "duplicate", "not_councils_responsibility", "no_further_action", "cancelled", "canceled":
		status = record.RequestClosed
	}
	if strings.EqualFold(word, string(status)) {
		word = ""
	}
	return status, word
}

// instant reads a date; one that is absent, unreadable or contradicted is
// unknown.
func (s *source) instant(n node, name string) time.Time {
	value, err := n.scalar(name)
	if err != nil {
		return time.Time{}
	}
	return parseTime(value, s.zone)
}

func readPoint(n node) *record.Point {
	lat, okLat := degrees(n, "lat")
	long, okLong := degrees(n, "long")
	p := record.Point{Lat: lat, Long: long}
	if !okLat || !okLong || !p.Valid() {
		return nil
	}
	return &p
}

func degrees(n node, name string) (float64, bool) {
	value, err := n.scalar(name)
	if err != nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(value, 64)
	return f, err == nil
}

// readPhotos keeps web addresses only.
func readPhotos(n node) []string {
	var photos []string
	raws := n.texts("media_url")
	for _, extended := range n.all("extended_attributes") {
		raws = append(raws, extended.texts("media_urls")...)
	}
	for _, raw := range raws {
		fit := webURL(raw) && !strings.ContainsFunc(raw, unprintable) && len(raw) <= maxText
		if fit && len(photos) < maxPhotos && !slices.Contains(photos, raw) {
			photos = append(photos, raw)
		}
	}
	return photos
}

// readNotes reads the notes extension, oldest first.
func (s *source) readNotes(n node) []record.RequestEvent {
	notes := n.listOf("notes", "note")
	for _, extended := range n.all("extended_attributes") {
		notes = append(notes, extended.listOf("notes", "note")...)
	}
	var events []record.RequestEvent
	for _, note := range notes[:min(len(notes), maxNotes)] {
		e := record.RequestEvent{
			At:     s.instant(note, "datetime"),
			Status: plain(note.label("type"), maxLine),
			Note:   plain(note.label("description"), maxText),
		}
		if e != (record.RequestEvent{}) {
			events = append(events, e)
		}
	}
	sortEvents(events)
	return events
}

func sortEvents(events []record.RequestEvent) {
	slices.SortStableFunc(events, func(a, b record.RequestEvent) int { return a.At.Compare(b.At) })
}
