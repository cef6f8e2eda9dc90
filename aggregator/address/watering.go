package address

import (
	"time"

	"github.com/semenligne/sem/aggregator/watering"
	"github.com/semenligne/sem/connectors/record"
)

// wateringStream is the stream of sectors that are for watering.
const wateringStream = "arrosage"

// Watering is whether one property may water.
type Watering struct {
	// Gap is why Devices are not known; "" when they are.
	Gap Gap
	// Address is the property in words; "" when unknown.
	Address string
	// Devices are those that the town speaks of, in the order of
	// [record.Devices].
	Devices []DeviceAnswer
}

// DeviceAnswer is the answer for one sort of device.
type DeviceAnswer struct {
	Device record.Device
	watering.Answer
}

// Watering returns whether each of some properties may water now: an answer a
// property, in their order, or a single one that says that there is none.
func (t *Town) Watering(units []record.Unit, now time.Time, zone *time.Location) []Watering {
	if len(units) == 0 {
		return []Watering{{Gap: GapNoProperty}}
	}
	var list []Watering
	for _, u := range units {
		list = append(list, t.wateringAt(u, now, zone))
	}
	return list
}

// wateringAt answers for one property and each device that the town speaks of.
func (t *Town) wateringAt(u record.Unit, now time.Time, zone *time.Location) Watering {
	p := watering.Property{Matricule: u.Matricule}
	if len(u.Addresses) > 0 {
		p.Address = u.Addresses[0]
	}
	if s, ok := t.sectors.Of(u, wateringStream); ok {
		p.Sector = s.Code
	}
	w := Watering{Address: addressOf(u)}
	for _, device := range t.watering.Devices() {
		w.Devices = append(w.Devices, DeviceAnswer{device, t.watering.Ask(p, device, now, zone)})
	}
	return w
}
