package record

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// encodedAction is how an action is kept: its name, and its fields under their
// Go names.
type encodedAction struct {
	Name   string          `json:"action"`
	Fields json.RawMessage `json:"fields"`
}

// EncodeAction writes an action for a store, personal data included. Equal
// actions have equal encodings, and [DecodeAction] gives the very action back;
// one that JSON cannot carry exactly (text that is not UTF-8) is an error.
func EncodeAction(a Action) ([]byte, error) {
	if a == nil {
		return nil, fmt.Errorf("action: none")
	}
	fields, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("action %s: %w", a.ActionName(), err)
	}
	data, err := json.Marshal(encodedAction{a.ActionName(), fields})
	if err != nil {
		return nil, fmt.Errorf("action %s: %w", a.ActionName(), err)
	}
	back, err := DecodeAction(data)
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(a, back) {
		return nil, fmt.Errorf("action %s: not text in UTF-8", a.ActionName())
	}
	return data, nil
}

// DecodeAction reads what [EncodeAction] wrote. An unknown action is an error.
func DecodeAction(data []byte) (Action, error) {
	var e encodedAction
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("action: %w", err)
	}
	a, err := decodeFields(e)
	if err != nil {
		return nil, fmt.Errorf("action %s: %w", e.Name, err)
	}
	return a, nil
}

func decodeFields(e encodedAction) (Action, error) {
	switch e.Name {
	case Renew{}.ActionName():
		return fields[Renew](e)
	case RenewAll{}.ActionName():
		return fields[RenewAll](e)
	case PlaceHold{}.ActionName():
		return fields[PlaceHold](e)
	case CancelHold{}.ActionName():
		return fields[CancelHold](e)
	case Register{}.ActionName():
		return fields[Register](e)
	case HoldSeat{}.ActionName():
		return fields[HoldSeat](e)
	case ReleaseSeat{}.ActionName():
		return fields[ReleaseSeat](e)
	case CancelRegistration{}.ActionName():
		return fields[CancelRegistration](e)
	case Submit{}.ActionName():
		return fields[Submit](e)
	case Message{}.ActionName():
		return fields[Message](e)
	}
	return nil, fmt.Errorf("unknown")
}

func fields[A Action](e encodedAction) (Action, error) {
	var a A
	err := json.Unmarshal(e.Fields, &a)
	return a, err
}
