package portal

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

// collections returns what passes at a citizen's address in a span; nil where
// the town has no calendar.
func (p *Portal) collections(ctx context.Context, citizen record.Citizen, within span) (*Collections, error) {
	if p.opt.Schedules == nil {
		return nil, nil //nolint:nilnil // none is an answer
	}
	c, err := p.opt.Schedules.Collections(ctx, citizen, within.first, within.last)
	if err != nil {
		return nil, fmt.Errorf("collections: %w", err)
	}
	return &c, nil
}

// collectionEvent is a collection in the week.
func (b builder) collectionEvent(c record.Collection, d record.Date, streams map[string]record.Stream) event {
	e := event{day: d, kind: eventCollection, title: b.streamName(c, streams), note: b.collectionNote(c), stream: streams[c.Stream]}
	if c.Cancelled {
		e.status = record.RegistrationCancelled
	}
	return e
}

// streamName is what a collection is called in the page's language.
func (b builder) streamName(c record.Collection, streams map[string]record.Stream) string {
	s := streams[c.Stream]
	if b.w.Lang == locale.English && s.NameEN != "" {
		return s.NameEN
	}
	return cmp.Or(s.Name, c.Name, b.w.T("collections.unnamed"))
}

// collectionNote says that a day was moved, and what the town adds.
func (b builder) collectionNote(c record.Collection) string {
	var parts []string
	if !c.MovedFrom.IsZero() {
		parts = append(parts, b.w.T("collections.moved", "date", b.w.WeekdayDate(c.MovedFrom, b.now)))
	}
	if c.Note != "" {
		parts = append(parts, c.Note)
	}
	return strings.Join(parts, " · ")
}

// chip is the sign of a stream; nil for what is no collection.
func (b builder) chip(s record.Stream) *views.Chip {
	if s.Code == "" {
		return nil
	}
	letter := s.Letter
	if letter == "" {
		letter = strings.ToUpper(string([]rune(cmp.Or(s.Name, s.Code))[:1]))
	}
	chip := &views.Chip{Letter: letter}
	if rgb, err := strconv.ParseUint(strings.TrimPrefix(s.Color, "#"), 16, 32); err == nil && len(s.Color) == 7 {
		chip.Color, chip.Ink = s.Color, pick(luminance(rgb) > 0.179, "#000000", "#ffffff")
	}
	return chip
}
