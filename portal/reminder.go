package portal

import (
	"cmp"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/agenda"
)

const reminderPath = "/rappel.ics"

// reminderHour is when a reminder rings, and reminderLength how long it stays in
// the day.
const (
	reminderHour   = 9
	reminderLength = 15 * time.Minute
)

// wantsReminder tells whether a transaction was refused for no other reason than
// that the source could not be reached: there is something to do again later.
func wantsReminder(t dossier.Transaction) bool {
	if t.State != dossier.Refused {
		return false
	}
	switch cmp.Or(t.Receipt.Refusal, t.Reason) {
	case "unavailable", "paused", "malformed", "late", record.NotDone:
		return true
	}
	return false
}

// reminder is an appointment with oneself to try again, for the calendar of
// one's own telephone: the next morning, or in an hour where something may be
// lost by then.
func (p *Portal) reminder(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	t, err := p.ownTransaction(r.Context(), s, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if !wantsReminder(t) {
		return errNotFound
	}
	b := p.builder(s)
	at := b.remindAt(t)
	summary := b.w.T("reminder.summary", "what", b.transactionTitle(t))
	c := agenda.Calendar{Name: summary, Language: b.w.Tag, Stamp: s.now, Zone: b.zone, Refresh: calendarRefresh, Events: []agenda.Event{{
		UID: "rappel-" + t.ID + "@sem", Start: at, End: at.Add(reminderLength), Summary: summary, Description: t.About, Alarm: true,
	}}}
	w.Header().Set("Content-Disposition", `attachment; filename="rappel.ics"`)
	w.Header().Set("Content-Type", agenda.Type)
	_, _ = w.Write(c.Encode()) // the reader may be gone
	return nil
}

// remindAt is the next morning, unless the loan is due before: then it is in an
// hour.
func (b builder) remindAt(t dossier.Transaction) time.Time {
	tomorrow := b.today().AddDays(1)
	if renew, ok := t.Action.(record.Renew); ok && !renew.Due.IsZero() && renew.Due.Before(tomorrow) {
		return b.now.Add(time.Hour).Truncate(time.Minute)
	}
	return time.Date(tomorrow.Year, tomorrow.Month, tomorrow.Day, reminderHour, 0, 0, 0, b.zone)
}
