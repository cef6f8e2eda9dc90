package record

import "time"

// WateringRule says when some devices may water at some addresses. Rules are
// tried in their Order and the first that takes the address, the device and the
// day decides for that day.
type WateringRule struct {
	Order int    `json:"order"`
	Name  string `json:"name,omitempty"`
	// Season and Valid bound the days; the zero of either does not.
	Season Season `json:"season,omitzero"`
	Valid  Period `json:"valid,omitzero"`
	// Devices and Sectors; none is all.
	Devices []Device `json:"devices,omitempty"`
	Sectors []string `json:"sectors,omitempty"`
	// Numbers is the parity of the civic number that the rule is for.
	Numbers Parity `json:"numbers,omitempty"`
	// Days are the days it allows: of the date's parity, of the weekdays, or all.
	Days     WateringDays   `json:"days"`
	Weekdays []time.Weekday `json:"weekdays,omitempty"`
	// On31 says whether the 31st counts as an odd day. With DaysByDate only.
	On31 On31 `json:"on_31,omitempty"`
	// Windows are the hours allowed on such a day; none forbids the whole day.
	Windows []Window `json:"windows,omitempty"`
	// Permit is for a rule that holds only where a permit is in force.
	Permit bool   `json:"permit,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Kind returns KindWateringRule.
func (WateringRule) Kind() Kind { return KindWateringRule }

// Device is what waters, or fills, or washes.
type Device string

// The devices, closed.
const (
	DeviceHand      Device = "hand"
	DeviceMobile    Device = "mobile"    // a sprinkler on a hose
	DeviceAutomatic Device = "automatic" // a buried or programmed system
	DeviceDrip      Device = "drip"
	DevicePool      Device = "pool"
	DeviceCar       Device = "car"
	DevicePavement  Device = "pavement" // washing drives and walls
)

// Devices lists every device.
func Devices() []Device {
	return []Device{DeviceHand, DeviceMobile, DeviceAutomatic, DeviceDrip, DevicePool, DeviceCar, DevicePavement}
}

// WateringDays is how a rule picks its days.
type WateringDays string

// The ways to pick days, closed.
const (
	DaysByDate    WateringDays = "date_parity" // even dates for even numbers, odd for odd
	DaysByWeekday WateringDays = "weekdays"
	DaysAll       WateringDays = "all"
)

// On31 is what a by-law says of the 31st, which comes before another odd day.
type On31 string

// What by-laws say of the 31st. There is no default.
const (
	On31Allowed   On31 = "allowed"
	On31Forbidden On31 = "forbidden"
)

// Window is a time of day. One whose To is not after its From ends on the next
// day and belongs to the day on which it starts.
type Window struct {
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// WateringBan forbids watering and beats every rule and permit.
type WateringBan struct {
	// Period has no end for a ban until further notice.
	Period  Period   `json:"period"`
	Devices []Device `json:"devices,omitempty"` // none is all
	Sectors []string `json:"sectors,omitempty"` // none is the whole town
	Reason  string   `json:"reason,omitempty"`
	Link    string   `json:"link,omitempty"`
}

// Kind returns KindWateringBan.
func (WateringBan) Kind() Kind { return KindWateringBan }

// WateringPermit lets one property water beyond the rules, such as for a new
// lawn. It names a place, never a person.
type WateringPermit struct {
	// Matricule or Address, as the roll has it, says where.
	Matricule string   `json:"matricule,omitempty"`
	Address   string   `json:"address,omitempty"`
	Period    Period   `json:"period"`
	Devices   []Device `json:"devices,omitempty"` // none is all
}

// Kind returns KindWateringPermit.
func (WateringPermit) Kind() Kind { return KindWateringPermit }
