package portal

import (
	"context"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// Schedules is what the town's own calendars come to at each of a citizen's
// properties, in an order that stays: one answer a property, or a single one for
// all of them. Answers are worked out from what was read before; none asks a
// source.
type Schedules interface {
	// Version is another number whenever an answer may be another one. It costs
	// next to nothing: each page view asks.
	Version(ctx context.Context) (uint64, error)
	// Collections returns the collections from one day to another, both included.
	Collections(ctx context.Context, citizen record.Citizen, from, to record.Date) ([]Collections, error)
	// Watering tells whether the citizen may water now.
	Watering(ctx context.Context, citizen record.Citizen, now time.Time) ([]Watering, error)
}

// Ignorance is why the town's calendars say nothing, closed; "" is that they do.
type Ignorance string

// The reasons.
const (
	IgnoranceUnread      Ignorance = "unread"      // never read, or too long ago
	IgnoranceUnpublished Ignorance = "unpublished" // no day of that time is published
	IgnoranceNoProperty  Ignorance = "no_property" // no address is known for the citizen
	IgnoranceNoSector    Ignorance = "no_sector"   // the address is in no sector that is known
)

// Collections is which collections pass at one property.
type Collections struct {
	// Read is how old the calendar is.
	Read cache.View
	// Why is why Days are not known; "" when they are: then no day is none.
	Why Ignorance
	// Address and Sector are what the answer is for, in words; "" when unknown, or
	// when the answer is the whole town's.
	Address, Sector string
	// Days are in order; the called-off ones are among them.
	Days []record.Collection
	// Ends is the last day of which anything is published, where that is before
	// the last day asked for; zero elsewhere. After it no day is not none.
	Ends record.Date
	// Streams tell what goes in, by code; one may lack.
	Streams map[string]record.Stream
}

// Watering is whether one property may water.
type Watering struct {
	Read    cache.View
	Why     Ignorance
	Address string
	Devices []DeviceWatering
}

// DeviceWatering is the answer for one sort of device.
type DeviceWatering struct {
	Device record.Device
	State  WateringState
	Why    WateringWhy
	// From and Until bound the time allowed: the one that runs, or the next; zero
	// when none is known.
	From, Until time.Time
	// Words are the rule's or the ban's own; "" when it has none.
	Words string
}

// WateringState is the answer, closed.
type WateringState string

// The answers. WateringLater is forbidden now and allowed from From.
const (
	WateringAllowed   WateringState = "allowed"
	WateringLater     WateringState = "later"
	WateringForbidden WateringState = "forbidden"
	WateringUnknown   WateringState = "unknown"
)

// WateringWhy explains an answer, closed.
type WateringWhy string

// The reasons.
const (
	WateringRule     WateringWhy = "rule"
	WateringPermit   WateringWhy = "permit"
	WateringBan      WateringWhy = "ban"
	WateringNoNumber WateringWhy = "no_number" // no civic number is known
	WateringNoSector WateringWhy = "no_sector" // the sector is not known, and it matters
	WateringNoRule   WateringWhy = "no_rule"   // no rule speaks of it
)
