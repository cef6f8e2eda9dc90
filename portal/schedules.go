package portal

import (
	"context"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Schedules is what the town's own calendars come to at a citizen's address.
// Answers are worked out from what was read before; none asks a source.
type Schedules interface {
	// Version is another number whenever an answer may be another one. It costs
	// next to nothing: each page view asks.
	Version(ctx context.Context) (uint64, error)
	// Collections returns the collections from one day to another, both included.
	Collections(ctx context.Context, citizen record.Citizen, from, to record.Date) (Collections, error)
	// Watering tells whether the citizen may water now.
	Watering(ctx context.Context, citizen record.Citizen, now time.Time) (Watering, error)
}

// Ignorance is why the town's calendars say nothing, closed; "" is that they do.
type Ignorance string

// The reasons.
const (
	IgnoranceUnread      Ignorance = "unread"      // never read, or too long ago
	IgnoranceUnpublished Ignorance = "unpublished" // no day of that time is published
	IgnoranceNoProperty  Ignorance = "no_property" // no address is linked
	IgnoranceNoSector    Ignorance = "no_sector"   // the address is in no sector that is known
	IgnoranceNoNumber    Ignorance = "no_number"   // the address has no civic number
	IgnoranceSeveral     Ignorance = "several"     // several addresses with different answers
	IgnoranceNotOffered  Ignorance = "not_offered" // the town gives no such calendar
	IgnoranceNoRule      Ignorance = "no_rule"     // no rule speaks of that day and address
	IgnoranceOurs        Ignorance = "ours"        // a failure of our own, which was logged
)

// Collections is which collections pass at an address.
type Collections struct {
	// Why is why Days are not known; "" when they are: then no day is none.
	Why Ignorance
	// Address and Sector are what the answer is for, in words; "" when unknown.
	Address, Sector string
	// Days are in order; the called-off ones are among them.
	Days []record.Collection
	// Until is the last day that is published; zero when there is no such end.
	Until record.Date
	// Streams tell what goes in, by code; a stream may lack.
	Streams map[string]record.Stream
	// AsOf is when the calendar was last read.
	AsOf time.Time
}

// Watering is whether an address may water.
type Watering struct {
	Why     Ignorance
	Address string
	Devices []DeviceWatering
	AsOf    time.Time
}

// DeviceWatering is the answer for one sort of device.
type DeviceWatering struct {
	Device record.Device
	State  WateringState
	// Until is when the present permission or ban ends, and From and To the next
	// time it is allowed; zero is not known, or none.
	Until, From, To time.Time
	// Rule is why, in the town's own words; "" when it gives none.
	Rule string
}

// WateringState is the answer, closed.
type WateringState string

// The answers.
const (
	WateringFree      WateringState = "free"      // nothing restricts it now
	WateringAllowed   WateringState = "allowed"   // within its hours
	WateringLater     WateringState = "later"     // not now, from From
	WateringForbidden WateringState = "forbidden" // by a rule or a ban
)
