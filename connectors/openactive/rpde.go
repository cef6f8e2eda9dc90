package openactive

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// page is one page of a feed (Realtime Paged Data Exchange 1.0, §4). Its items
// stay raw until their turn, so that only one of them is ever unfolded.
type page struct {
	next  string
	items []json.RawMessage
}

// item is one change: the newest state of one thing.
type item struct {
	deleted            bool
	kind, id, modified string
	data               node // nil when deleted
}

// key tells things apart within a feed.
func (i item) key() string { return i.kind + "\x00" + i.id }

// parsePage reads one page.
func parsePage(body []byte) (page, error) {
	var w struct {
		Next  *string            `json:"next"`
		Items *[]json.RawMessage `json:"items"`
	}
	if err := decode(body, &w); err != nil {
		return page{}, err
	}
	if w.Next == nil || *w.Next == "" || w.Items == nil {
		return page{}, fmt.Errorf("page without next or items: %w", connectors.ErrMalformed)
	}
	return page{*w.Next, *w.Items}, nil
}

// each hands over the items in order. One that cannot be understood makes the
// whole page malformed: skipping it would lose a change for good.
func (p page) each(take func(item) error) error {
	for _, raw := range p.items {
		i, err := parseItem(raw)
		if err == nil {
			err = take(i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func parseItem(raw json.RawMessage) (item, error) {
	n, err := decodeNode(raw)
	if err != nil {
		return item{}, err
	}
	i := item{kind: n.raw("kind"), id: n.id(), modified: n.raw("modified")}
	switch n.raw("state") {
	case "deleted":
		i.deleted = true
	case "updated":
		i.data = n.child("data")
		if i.data == nil {
			return item{}, fmt.Errorf("updated item without data: %w", connectors.ErrMalformed)
		}
		if i.kind == "" {
			i.kind = i.data.typ()
		}
		if i.id == "" {
			i.id = i.data.id()
		}
	default:
		return item{}, fmt.Errorf("item that is neither updated nor deleted: %w", connectors.ErrMalformed)
	}
	if i.id == "" {
		return item{}, fmt.Errorf("item without id: %w", connectors.ErrMalformed)
	}
	return i, nil
}

// older tells whether the modified mark a stands before b. Marks are compared
// only when both are whole numbers; otherwise the order of the feed decides.
func older(a, b string) bool {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	return errX == nil && errY == nil && x < y
}

// walk reads a feed page by page from a cursor until the last page. Each item
// goes to take, and once a page's items are through, store gets the cursor that
// stands after it. When walk fails, the next one starts from the last cursor
// stored; what the failed page gave to take must not count.
//
// errLoop means that the cursors lead nowhere.
func (s *source) walk(ctx context.Context, from *url.URL, take func(item) error, store func(cursor *url.URL) error) error {
	seen := map[string]bool{}
	for at := from; ; {
		if seen[canonical(at)] || len(seen) >= s.settings.MaxPages {
			return errLoop
		}
		seen[canonical(at)] = true
		body, err := s.getPage(ctx, at)
		if err != nil {
			return err
		}
		p, err := parsePage(body)
		if err != nil {
			return err
		}
		next, err := follow(at, p.next)
		if err != nil {
			return err
		}
		if len(p.items) == 0 && canonical(next) == canonical(at) {
			return nil
		}
		if err := p.each(take); err != nil {
			return err
		}
		if err := store(next); err != nil {
			return err
		}
		at = next
	}
}

// errLoop is a feed that never ends.
var errLoop = fmt.Errorf("feed without end: a page again, or too many: %w", connectors.ErrMalformed)

// follow resolves next against the page it came from. Another host, port or
// scheme is never followed: the feed does not decide whom we talk to.
func follow(at *url.URL, next string) (*url.URL, error) {
	ref, err := url.Parse(next)
	if err != nil {
		return nil, fmt.Errorf("next is no address: %w", connectors.ErrMalformed)
	}
	u := at.ResolveReference(ref)
	if origin(u) != origin(at) || u.User != nil {
		return nil, fmt.Errorf("next leads to another host: %w", connectors.ErrMalformed)
	}
	u.Fragment = ""
	return u, nil
}

// origin is scheme, host and port.
func origin(u *url.URL) string {
	return strings.ToLower(u.Scheme) + "://" + hostPort(u)
}

// hostPort is host and port, the scheme's own port when none is written.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

// canonical writes an address so that two spellings of it compare equal.
func canonical(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return origin(u) + path + "?" + u.Query().Encode()
}
