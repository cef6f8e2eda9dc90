package address

import (
	"reflect"
	"time"

	"github.com/semenligne/sem/aggregator/watering"
	"github.com/semenligne/sem/connectors/record"
)

// wateringStream is the stream of sectors that are for watering.
const wateringStream = "arrosage"

// Watering is whether some properties may water.
type Watering struct {
	// Gap is why Devices are not known; "" when they are.
	Gap     Gap
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

// Watering returns whether all of some properties may water now.
func (t *Town) Watering(units []record.Unit, now time.Time, zone *time.Location) Watering {
	if len(units) == 0 {
		return Watering{Gap: GapNoProperty}
	}
	var same Watering
	for i, u := range units {
		at := t.wateringAt(u, now, zone)
		switch {
		case i == 0:
			same = at
		case !reflect.DeepEqual(at.Devices, same.Devices):
			return Watering{Gap: GapSeveral}
		default:
			same.Address = ""
		}
	}
	return same
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
