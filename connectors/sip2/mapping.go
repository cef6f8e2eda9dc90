package sip2

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// Refusals, closed: why the library system, or we, said no to an action.
const (
	RefusalTooManyRenewals = "too_many_renewals"
	RefusalOnHoldForOther  = "on_hold_for_other"
	RefusalNotOnLoan       = "not_on_loan"
	RefusalNotOnHold       = "not_on_hold"
	RefusalBlocked         = "blocked"
	RefusalUnsupported     = "unsupported"
	RefusalOther           = "other"
	// RefusalSomeNotRenewed: of all loans some were renewed, and some were not.
	RefusalSomeNotRenewed = "some_not_renewed"
)

// refusal maps the system's wording (AF), which is English on most systems
// whatever language was asked for, to a closed set.
func refusal(text string) string {
	text = strings.ToLower(text)
	for _, known := range []struct {
		refusal string
		words   []string
	}{
		{RefusalNotOnLoan, []string{"not checked out", "not charged", "not on loan", "pas emprunté", "pas prêté"}},
		{RefusalTooManyRenewals, []string{
			"maximum renewals", "max renewals", "too many renewals", "renewal limit", "renewals exceeded", "no renewals remaining",
			"no more renewals", "too_many", "nombre maximal de renouvellement", "nombre maximum de renouvellement", "limite de renouvellement",
		}},
		{RefusalOnHoldForOther, []string{
			"outstanding hold", "on hold for another", "item is on hold", "reserved for another", "requested by another", "on_reserve",
			"réservé par", "réservé pour", "item has holds",
		}},
		{RefusalBlocked, []string{"blocked", "barred", "suspended", "expired", "debarred", "excessive", "bloqué", "suspendu", "expiré"}},
		{RefusalUnsupported, []string{"not supported", "unsupported", "not allowed", "not permitted", "not implemented"}},
	} {
		for _, words := range known.words {
			if strings.Contains(text, words) {
				return known.refusal
			}
		}
	}
	return RefusalOther
}

// blockReasons are the patron status flags, in the order of the specification.
func blockReasons() [14]record.BlockReason {
	return [14]record.BlockReason{
		record.BlockCharge, record.BlockRenewal, record.BlockRecall, record.BlockHold, record.BlockCardLost,
		record.BlockTooManyCharged, record.BlockTooManyOverdue, record.BlockTooManyRenewed, record.BlockClaimsReturned,
		record.BlockTooManyLost, record.BlockFines, record.BlockFees, record.BlockRecallOverdue, record.BlockBilled,
	}
}

// blocks maps patron status: a space is no, anything else is set.
func (p patron) blocks() []record.Record {
	var records []record.Record
	for i, reason := range blockReasons() {
		if p.flags[i] != ' ' {
			records = append(records, record.Record{Key: string(reason), Body: record.Block{Reason: reason}})
		}
	}
	return records
}

// fees maps the lines of an account (AV, free text) and its balance (BV). The
// amounts inside the lines are not parsed: systems write them before or after
// the text, or not at all. Without BV the balance is unknown.
func fees(lines []string, p patron) []record.Record {
	var records []record.Record
	for i, text := range lines {
		records = append(records, record.Record{Key: digest(strconv.Itoa(i+1) + "|" + text), Body: record.Fee{Description: text}})
	}
	balance := p.message.first("BV")
	if balance == "" {
		return records
	}
	total := record.Fee{Total: true}
	if cents, err := record.ParseCents(balance); err == nil {
		total.Amount = &cents
	} else {
		total.Description = record.Text(balance, 100)
	}
	return append(records, record.Record{Key: "balance", Body: total})
}

// digest is a short stable key of a text.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}

// keys hands out keys that stay the same from read to read and are unique in
// one: the barcode, or for the nth copy of a title its digest and n.
type keys map[string]int

func (k keys) of(barcode, title string) string {
	key := barcode
	if key == "" {
		key = "title-" + digest(title)
	}
	k[key]++
	if n := k[key]; n > 1 {
		key = fmt.Sprintf("%s-%d", key, n)
	}
	return key
}

// loan maps one charged item that the system described, or did not.
func (s *source) loan(barcode string, i item) record.Loan {
	l := record.Loan{Item: barcode, Title: i.title, Media: i.media, Branch: i.branch, Due: s.due(i.due)}
	if l.Title == "" {
		l.Title = s.titles.get(barcode)
	}
	if l.Due.IsZero() {
		l.DueText = record.Text(i.due, 60)
	}
	l.DetailsUnknown = !i.known()
	return l
}
