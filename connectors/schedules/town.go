package schedules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// town is all that a rule file says, whatever its format.
type town struct {
	streams  []record.Stream
	seasonal map[string]bool // streams that rest in a part of the year
	rules    []record.CollectionRule
	watering []record.WateringRule
	bans     []record.WateringBan
	permits  []record.WateringPermit
	noted    []string // mistakes found while reading
}

// problem notes a mistake at a place in a list, counted from 1.
func (t *town) problem(list string, i int, what string) {
	t.noted = append(t.noted, fmt.Sprintf("%s %d: %s", list, i+1, what))
}

func place(line int) string { return fmt.Sprintf("line %d", line) }

// except adds an exception to the rules that it is for: those that plan its
// date, or for a day that is only added the first of each stream and sector.
func (t *town) except(i int, e exception) {
	found := false
	added := map[string]bool{}
	for j := range t.rules {
		r := &t.rules[j]
		if len(e.Streams) > 0 && !slices.Contains(e.Streams, r.Stream) || len(e.Sectors) > 0 && !share(e.Sectors, r.Sectors) {
			continue
		}
		if e.Date.IsZero() {
			key := r.Stream + "\n" + strings.Join(r.Sectors, "\n")
			if added[key] {
				continue
			}
			added[key] = true
		} else if !r.Planned(e.Date) {
			continue
		}
		found = true
		if len(e.Sectors) > 0 && (len(r.Sectors) == 0 || slices.ContainsFunc(r.Sectors, func(s string) bool { return !slices.Contains(e.Sectors, s) })) {
			t.problem("exceptions", i, "a rule is for more sectors than it: give them rules of their own")
		}
		r.Exceptions = append(r.Exceptions, record.Exception{Date: e.Date, To: e.To, Reason: text(e.Reason)})
	}
	switch {
	case e.Date.IsZero() && e.To.IsZero():
		t.problem("exceptions", i, "write date, to, or both")
	case !found:
		t.problem("exceptions", i, "no rule has this day")
	}
}

// share tells whether two lists of sectors, of which an empty one is the whole
// town, have one in common.
func share(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// hours fills in the hours that no rule says.
func (t *town) hours(usual record.Hours) {
	for i := range t.rules {
		h := &t.rules[i].Hours
		if h.OutAfter == "" {
			h.OutAfter = usual.OutAfter
		}
		if h.OutBefore == "" {
			h.OutBefore = usual.OutBefore
		}
		if h.Until == "" {
			h.Until = usual.Until
		}
	}
}

// records returns everything with keys that stay while a rule keeps its stream,
// sectors and season.
func (t *town) records() []record.Record {
	var all []record.Record
	seen := map[string]int{}
	add := func(key string, body record.Body) {
		id := string(body.Kind()) + ":" + key
		if seen[id]++; seen[id] > 1 {
			id += fmt.Sprintf("#%d", seen[id])
		}
		all = append(all, record.Record{Key: id, Body: body})
	}
	for _, s := range t.streams {
		add(s.Code, s)
	}
	for _, r := range t.rules {
		add(strings.Join([]string{r.Stream, strings.Join(r.Sectors, "+"), string(r.Season.From) + r.Valid.From.String()}, "/"), r)
	}
	for _, r := range t.watering {
		add(r.Name, r)
	}
	for _, b := range t.bans {
		b.Reason = text(b.Reason)
		add(b.Period.From.String()+"/"+strings.Join(b.Sectors, "+"), b)
	}
	for _, p := range t.permits {
		p.Address = text(p.Address)
		add(p.Matricule+p.Address+"/"+p.Period.From.String(), p)
	}
	return all
}
