package watering_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/watering"
	"github.com/semenligne/sem/connectors/record"
)

func TestDevices(t *testing.T) {
	t.Parallel()
	pool, car := []record.Device{record.DevicePool}, []record.Device{record.DeviceCar}
	usual := []record.Device{record.DeviceHand, record.DeviceMobile, record.DeviceAutomatic}
	for name, c := range map[string]struct {
		town watering.Town
		want []record.Device
	}{
		"nothing said":         {watering.Town{}, nil},
		"a rule names one":     {watering.Town{Rules: []record.WateringRule{{Devices: pool}}}, pool},
		"a ban names one":      {watering.Town{Rules: []record.WateringRule{{Devices: pool}}, Bans: []record.WateringBan{{Devices: car}}}, append(pool, car...)},
		"a rule for all":       {watering.Town{Rules: []record.WateringRule{{}, {Devices: car}}}, append(usual, car...)},
		"a ban for all":        {watering.Town{Bans: []record.WateringBan{{}}}, usual},
		"the same named twice": {watering.Town{Rules: []record.WateringRule{{Devices: car}, {Devices: car}}}, car},
	} {
		if diff := cmp.Diff(c.want, c.town.Devices(), cmp.Transformer("list", func(d []record.Device) []string {
			list := []string{}
			for _, one := range d {
				list = append(list, string(one))
			}
			return list
		})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	for want, a := range map[string]watering.Answer{
		"":      {},
		"règle": {Rule: record.WateringRule{Name: "règle"}},
		"note":  {Rule: record.WateringRule{Name: "règle", Note: "note"}},
		"motif": {Rule: record.WateringRule{Note: "note"}, Ban: record.WateringBan{Reason: "motif"}},
	} {
		if a.Words() != want {
			t.Errorf("words %q, want %q", a.Words(), want)
		}
	}
}
