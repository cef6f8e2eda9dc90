package sip2

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// item is what an 18 says.
type item struct {
	title, media, branch string
	due                  string // AH, as written
	keptUntil            string // CM, as written: until when a hold waits on the shelf
	circulation          string // 01 to 13
}

// onHoldShelf is the circulation status of an item that waits for its reader.
const onHoldShelf = "08"

// known tells whether the system described the item at all: an unknown one
// comes back without title and without an error flag.
func (i item) known() bool { return i.title != "" || i.due != "" }

// item asks about one barcode. An item that the system does not know, or
// cannot be asked about, comes back empty, without error.
func (ss *session) item(ctx context.Context, barcode string) (item, error) {
	if ss.link == nil || !ss.link.supports(bxItem) {
		return item{}, nil
	}
	m, err := ss.ask(ctx, request{
		code: "17", fixed: ss.now(), want: "18", item: barcode,
		fields: []field{{"AO", ss.link.institution()}, {"AB", barcode}, {"AC", ss.source.settings.TerminalPassword.Reveal()}},
	})
	switch {
	case errors.Is(err, errUnread), errors.Is(err, connectors.ErrRefused):
		return item{}, nil // the system has no such message, or the protocol no such barcode
	case err != nil:
		return item{}, fmt.Errorf("item information: %w", err)
	case m.first("AB") == "":
		return item{}, nil
	}
	i := item{
		title: record.Text(m.first("AJ"), 300), media: media(m.first("CK")),
		branch: record.Text(m.first("AQ"), 100), due: m.first("AH"), keptUntil: m.first("CM"), circulation: m.fixed[:2],
	}
	if i.title != "" {
		ss.source.titles.put(barcode, i.title)
	}
	return i, nil
}

// media is the word for a media type (CK).
func media(code string) string {
	switch code {
	case "001":
		return "book"
	case "002":
		return "magazine"
	case "003":
		return "bound_journal"
	case "004":
		return "audio_tape"
	case "005":
		return "video_tape"
	case "006":
		return "disc"
	case "007":
		return "diskette"
	case "008":
		return "book_with_diskette"
	case "009":
		return "book_with_disc"
	case "010":
		return "book_with_tape"
	}
	return ""
}

// maxTitles bounds the memory of titles.
const maxTitles = 20_000

// titles remembers titles by barcode, which is catalogue data and nobody's.
// When it is full an older half is forgotten.
type titles struct {
	mu            sync.Mutex
	recent, older map[string]string
}

func newTitles() *titles { return &titles{recent: map[string]string{}} }

func (t *titles) get(barcode string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if title, ok := t.recent[barcode]; ok {
		return title
	}
	return t.older[barcode]
}

func (t *titles) put(barcode, title string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.recent) >= maxTitles/2 {
		t.recent, t.older = map[string]string{}, t.recent
	}
	t.recent[barcode] = title
}
