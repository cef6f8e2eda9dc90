// Package dossier holds what cannot be read again from any source: who holds a
// dossier, how each system knows them, how they sign in, what they chose, who
// is in their household, what each agreed to, and their calendar subscriptions.
// Losing it loses something for good; hence one store with full durability.
//
// # How the portal uses households
//
// For each request, and at each heartbeat of a stream, read the signed-in
// citizen's [Households.Household] once and ask [Authorize] for every person
// and dataset before reading that person's cache. Keep no decision longer than
// [Household.NextChange], nor than one request: removing a member and
// withdrawing a consent take effect with the next one. A no is answered as if
// the thing were not there (404), whatever [Decision.Why] says; Why serves the
// household page alone, where [Lapsed] is the moment to tell both sides that
// the teenager may confirm.
//
// Adding somebody by card: verify the card and PIN of the member with the
// portal's sign-in rules, then [Households.AddMember]. Adding by the recreation
// system's family file: [Relatives.Relatives] says whom the card registry links
// to the same family account, and [Relatives.Join] puts them in; an adult may do
// so for a child under 14, everybody else only for themselves. When the file does
// not have both any more, parental consent by it rests, and the person's own
// stays. By itself being in a dossier shows a name. For a child ([AgeChild]) the holder may then give
// [Parental] consent, dataset by dataset; anybody else gives their [Own],
// signed in as themselves. A teenager confirms by giving their own.
// [Households.RemoveMember] serves both "remove" and "leave"; offer "leave",
// [Households.Holders] and [Consents.ConsentsAbout] only to a person for whom
// [Born.DecidesAlone] says yes, since a parent may be signed in with the card
// of a child whose other parent is no business of theirs. For the same reason
// the export of a child leaves them out.
//
// # Calendars
//
// [Calendars.CreateCalendar] returns the token of the subscription's URL once.
// Each fetch begins with [Calendars.FindCalendar]; every person and dataset in
// the calendar is then decided by [Authorize] with the calendar's Owner as the
// subject, exactly as on a page. The URL's path belongs in no log.
//
// # What citizens send
//
// A [Transaction] is stored by [Transactions.Accept] before anything is sent.
// Package aggregator/outbox works the [Queue] and says what follows from what;
// here is only that each step is durable, that it begins where the caller
// believes it to begin, and that it is in the journal. Operators have
// [Inspection].
package dossier
