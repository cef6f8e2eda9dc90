package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// act does one thing for one person, once, and prints the receipt. Its exit
// code is 0 only when the thing is done.
func act(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("act", flag.ContinueOnError)
	file := flags.String("c", "", "configuration `file`; only its sources are used")
	words, code, ok := parse(t, flags, args, 3, -1)
	if !ok {
		return code
	}
	action, err := record.ParseAction(words[2], words[3:])
	if err != nil {
		fmt.Fprintf(t.err, "sem: %v\n", err)
		return exitUsage
	}
	s, code, ok := openOne(t, *file, words[0])
	if !ok {
		return code
	}
	defer func() { _ = s.free() }()
	if s.guarded.Do == nil {
		fmt.Fprintf(t.err, "sem: %s takes no actions\n", words[0])
		return exitUsage
	}
	receipt, err := s.guarded.Do.Do(ctx, record.NewRef(words[1]), action)
	return receipted(t, words[0], action, receipt, err)
}

// receipted prints how an action ended and returns the exit code.
func receipted(t terminal, source string, action record.Action, receipt record.Receipt, err error) int {
	lines := json.NewEncoder(t.out)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(settle(receipt, err)); err != nil {
		fmt.Fprintf(t.err, "sem: receipt: %v\n", err)
		return exitFailed
	}
	switch {
	case err != nil:
		return failed(t, source, err)
	case receipt.Outcome != record.OutcomeDone:
		fmt.Fprintf(t.err, "%s: %s: %s\n", source, action.ActionName(), receipt.Outcome)
		return exitFailed
	}
	fmt.Fprintf(t.err, "%s: %s: done\n", source, action.ActionName())
	return exitOK
}

// settle gives every end of an action an outcome: an error other than an
// unknown outcome means that nothing was changed.
func settle(receipt record.Receipt, err error) record.Receipt {
	switch {
	case err == nil:
	case errors.Is(err, connectors.ErrOutcomeUnknown):
		receipt.Outcome = record.OutcomeUnknown
	default:
		receipt.Outcome = record.OutcomeRefused
		if receipt.Refusal == "" {
			receipt.Refusal = connectors.Reason(err)
		}
	}
	return receipt
}
