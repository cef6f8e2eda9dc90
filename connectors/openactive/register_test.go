package openactive_test

import (
	"testing"

	"github.com/semenligne/sem/connectors/record"
)

func TestRegisterAndCancel(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim.Addr())
	who := record.NewRef("account:F-3003")
	session := "http://" + sim.Addr() + "/series/10/sessions/140"
	receipt, err := src.Do.Do(soon(t), who, record.Register{
		Session: session, Email: "cleo@exemple.test", GivenName: "Cléo", FamilyName: "Tran", AttendeeGivenName: "Cléo",
	})
	if err != nil || receipt.Outcome != record.OutcomeDone || len(receipt.Records) != 1 {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if sim.Orders() != 3 || sim.SeatsTaken("140") != 1 || sim.Leases() != 0 {
		t.Errorf("orders %d, seats %d, leases %d", sim.Orders(), sim.SeatsTaken("140"), sim.Leases())
	}
	place := registrations(t, src, who.Reveal())
	if len(place) != 1 || place[0].Name != "Yoga doux" || place[0].Session != session || place[0].Person != "Cléo" {
		t.Fatalf("%+v", place)
	}
	other, err := src.Do.Do(soon(t), record.NewRef("account:F-4004"), record.Register{Session: session, Email: "dan@exemple.test"})
	if err != nil || other.Outcome != record.OutcomeRefused || other.Refusal != "activity_full" {
		t.Errorf("full session: %+v, %v", other, err)
	}
	gone, err := src.Do.Do(soon(t), who, record.CancelRegistration{ID: place[0].ID})
	if err != nil || gone.Outcome != record.OutcomeDone || sim.SeatsTaken("140") != 0 {
		t.Errorf("cancel: %+v, %v, seats %d", gone, err, sim.SeatsTaken("140"))
	}
	if len(gone.Records) != 1 || gone.Records[0].Body.(record.Registration).Status != record.RegistrationCancelled {
		t.Errorf("read back: %+v", gone.Records)
	}
}
