package aggregator

import (
	"context"

	"github.com/semenligne/sem/connectors/record"
)

// Reread asks a source about one citizen, however fresh the section is, and
// returns when the section is written: something was just done there. A source
// that can only be listed is read whole soon, by Run.
func (a *Aggregator) Reread(ctx context.Context, name string, citizen record.Citizen) {
	s, ok := a.sources[name]
	switch {
	case !ok || s.Cards:
	case s.finder != nil:
		a.touchOne(ctx, s, citizen)
	case s.lister != nil:
		s.kick()
	}
}
