package portal

import (
	"context"
	"net/mail"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/agenda"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

// Letters are the mails that follow from a transaction that was just settled or
// parked: a receipt to the address that the citizen gave with it, in the
// citizen's language. Without an address, and for our own mails, there are
// none. It is pure.
func (p *Portal) Letters(t dossier.Transaction, language string, now time.Time) []dossier.Transaction {
	to, ok := receiptAddress(t)
	if p.opt.Mail == nil || !ok || t.Follows != "" || !t.State.Final() && t.State != dossier.Parked {
		return nil
	}
	w := p.words[language]
	if w == nil {
		w = p.words[locale.French]
	}
	b := builder{w: w, now: now, zone: p.opt.Town.Zone}
	page := b.receipt(p.opt.Town.Name, p.source(t.Source), t)
	html := new(strings.Builder)
	if err := views.Mail(page).Render(context.Background(), html); err != nil {
		html.Reset() // the plain text says the same
	}
	m := record.Message{
		To: []mail.Address{to}, Language: w.Lang, InReplyTo: t.ID, Subject: page.Subject,
		Text: plainMail(page), HTML: html.String(), Files: b.receiptFiles(t, now),
	}
	return []dossier.Transaction{{
		Citizen: t.Citizen, For: t.Citizen, Source: p.opt.Mail.Source, Action: m, About: b.transactionTitle(t),
		Follows: t.ID, Accepted: now,
	}}
}

// receiptAddress is where the citizen asked for news of a transaction.
func receiptAddress(t dossier.Transaction) (mail.Address, bool) {
	var a mail.Address
	switch action := t.Action.(type) {
	case record.Submit:
		a = mail.Address{Address: action.Email}
	case record.Register:
		a = mail.Address{Name: strings.TrimSpace(action.GivenName + " " + action.FamilyName), Address: action.Email}
	case record.Message:
		if len(action.ReplyTo) > 0 {
			a = action.ReplyTo[0]
		}
	}
	return a, mailAddress(a.Address)
}

// trackingNumber is how a citizen and the town speak of a transaction.
func trackingNumber(t dossier.Transaction) string { return strings.ToUpper(t.ID[:min(len(t.ID), 8)]) }

// receipt is what a mail about a transaction says.
func (b builder) receipt(town string, source Source, t dossier.Transaction) views.MailPage {
	far := b
	far.now = time.Time{} // a mail is read on another day: every instant has its date
	page := views.MailPage{
		Lang: b.w.Tag, Town: town + " – " + b.w.T("portal.name"), Heading: b.transactionTitle(t), About: t.About,
		Subject:   b.w.T("receipt.subject", "town", town, "what", b.transactionTitle(t), "number", trackingNumber(t)),
		Sentences: b.outcome(source, t), Facts: far.transactionFacts(t), Why: b.w.T("receipt.why"),
	}
	for i, f := range page.Facts {
		page.Facts[i].Label = b.w.T("receipt.label", "label", f.Label)
	}
	if m, ok := t.Action.(record.Message); ok {
		page.CopyTitle, page.Copy = b.w.T("receipt.copy"), m.Text
	}
	return page
}

// plainMail is the mail in plain text.
func plainMail(m views.MailPage) string {
	parts := []string{strings.TrimSpace(m.Heading + "\n" + m.About), strings.Join(m.Sentences, "\n")}
	var facts []string
	for _, f := range m.Facts {
		facts = append(facts, f.Label+" "+f.Value)
	}
	parts = append(parts, strings.Join(facts, "\n"))
	if m.Copy != "" {
		parts = append(parts, m.CopyTitle, strings.TrimSpace(m.Copy))
	}
	return strings.Join(append(parts, m.Town+"\n"+m.Why), "\n\n") + "\n"
}

// receiptFiles is the calendar of what the citizen registered for, where the
// source gave its hours.
func (b builder) receiptFiles(t dossier.Transaction, now time.Time) []record.File {
	c := agenda.Calendar{Name: b.transactionTitle(t), Language: b.w.Tag, Stamp: now, Zone: b.zone, Refresh: 24 * time.Hour}
	for _, r := range t.Receipt.Records {
		reg, ok := r.Body.(record.Registration)
		if !ok || t.State != dossier.Done || reg.Status == record.RegistrationCancelled || reg.Start.IsZero() {
			continue
		}
		end := reg.End
		if !end.After(reg.Start) {
			end = reg.Start.Add(time.Hour)
		}
		c.Events = append(c.Events, agenda.Event{
			UID: t.ID + "@sem", Start: reg.Start, End: end, Summary: reg.Name, Location: reg.Place, Category: string(Recreation),
			Tentative: reg.Status != record.RegistrationConfirmed,
		})
	}
	if len(c.Events) == 0 {
		return nil
	}
	return []record.File{{Name: "activite.ics", Type: "text/calendar; charset=utf-8; method=PUBLISH", Data: c.Encode()}}
}
