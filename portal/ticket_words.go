package portal

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

// ticketSentences say where a ticket stands, and what happens next.
func (b builder) ticketSentences(source Source, st Standing) []string {
	t := st.Ticket
	the := b.w.T("the." + string(cmp.Or(source.Domain, Recreation)))
	switch t.State {
	case dossier.TicketHeld, dossier.TicketDone:
		return []string{b.w.T("ticket.yours")}
	case dossier.TicketLeft:
		return []string{b.w.T("ticket.left")}
	case dossier.TicketLapsed:
		return []string{b.w.T("ticket.lapsed")}
	case dossier.TicketRefused:
		no := dossier.Transaction{Receipt: record.Receipt{Refusal: t.Reason}, Action: record.Register{}}
		return []string{b.refusal(no, the)}
	case dossier.TicketWaiting:
	}
	keeps := b.w.T("ticket.keeps")
	switch {
	case t.Rank == 0:
		return []string{b.w.T("ticket.opens", "time", b.w.Moment(st.Opens, b.now)), b.w.N("ticket.present", st.Progress.Present), keeps}
	case st.Resting != "":
		return []string{b.w.T("ticket.turn", "n", strconv.Itoa(st.Progress.Ahead+1)), b.w.T("ticket.resting", "the", the), keeps}
	case st.Scarce:
		return []string{b.w.T("ticket.scarce", "n", strconv.Itoa(st.Progress.AheadHere+1)), keeps}
	}
	return []string{b.w.T("ticket.turn", "n", strconv.Itoa(st.Progress.Ahead+1)), b.estimate(st.Wait), keeps}
}

// estimate words how long a turn is away: a range, since others may decide fast
// or slowly.
func (b builder) estimate(wait time.Duration) string {
	switch {
	case wait == 0:
		return b.w.T("ticket.wait.unknown")
	case wait < time.Minute:
		return b.w.T("ticket.wait.soon")
	case wait > 2*time.Hour:
		return b.w.T("ticket.wait.long")
	}
	from, to := math.Floor(wait.Minutes()*0.7), math.Ceil(wait.Minutes()*1.5)
	return b.w.T("ticket.wait.range", "from", strconv.Itoa(max(int(from), 1)), "to", strconv.Itoa(int(to)))
}

// drawFacts are what anybody needs to check the draw.
func (b builder) drawFacts(st Standing) []views.Fact {
	seed, rank := "", ""
	if st.Draw.Seed != nil {
		seed = hex.EncodeToString(st.Draw.Seed)
	}
	if st.Ticket.Rank > 0 {
		rank = strconv.Itoa(st.Ticket.Rank)
	}
	return b.ifGiven("ticket.number", st.Ticket.ID, "ticket.rank", rank,
		"ticket.commitment", hex.EncodeToString(st.Draw.Commitment[:]), "ticket.seed", seed)
}

// tickets are the citizen's tickets that are not final.
func (p *Portal) tickets(ctx context.Context, citizen record.Citizen) (open []dossier.Ticket, err error) {
	if p.opt.WaitingRoom == nil {
		return nil, nil
	}
	all, err := p.opt.WaitingRoom.Tickets(ctx, citizen)
	if err != nil {
		return nil, fmt.Errorf("waiting room: %w", err)
	}
	for _, t := range all {
		if !t.State.Final() {
			open = append(open, t)
		}
	}
	return open, nil
}

// ticketsVersion changes when what a page says of tickets does.
func ticketsVersion(open []dossier.Ticket) string {
	var all strings.Builder
	for _, t := range open {
		all.WriteString(" " + t.ID + string(t.State))
	}
	return all.String()
}

// todoTickets makes a line of each ticket: a place that waits presses most.
func (b builder) todoTickets(open []dossier.Ticket) (todo []urgent) {
	for _, t := range open {
		line := urgent{rankSent, views.Todo{
			Tone: views.Soon, Href: ticketPath(t.ID), Action: b.w.T("todo.action.ticket"), Text: b.w.T("todo.ticket.waiting", "what", t.About),
		}}
		if t.State == dossier.TicketHeld {
			line.rank, line.Tone = rankLate, views.Late
			line.Text = b.w.T("todo.ticket.held", "what", t.About, "time", b.w.Hour(t.HeldUntil))
		}
		todo = append(todo, line)
	}
	return todo
}

// ticketRows are the tickets at the top of the list of what was sent.
func (b builder) ticketRows(open []dossier.Ticket) (rows []views.Row) {
	for _, t := range open {
		row := views.Row{Title: b.w.T("ticket.title", "what", t.About), Href: ticketPath(t.ID), Badge: &views.Badge{Tone: views.Soon, Word: b.w.T("ticket.badge.waiting")}}
		if t.State == dossier.TicketHeld {
			row.Badge = &views.Badge{Tone: views.Ready, Word: b.w.T("ticket.badge.held")}
			row.Detail = []string{b.countdown(t.HeldUntil)}
		}
		rows = append(rows, row)
	}
	return rows
}
