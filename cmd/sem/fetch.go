package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// fetch reads one source once, through its guard, and prints a JSON object a
// record: all of them, or none when the read failed.
func fetch(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("fetch", flag.ContinueOnError)
	file := flags.String("c", "", "configuration `file`; only its sources are used")
	words, code, ok := parse(t, flags, args, 1, 2)
	if !ok {
		return code
	}
	s, code, ok := openOne(t, *file, words[0])
	if !ok {
		return code
	}
	defer func() { _ = s.free() }()
	// A list may be a roll of a million units: a short run spends processor time
	// rather than memory, and stays within 64 MiB.
	debug.SetGCPercent(25)
	start := time.Now()
	var n int
	var err error
	switch {
	case len(words) == 2 && s.guarded.Find == nil:
		fmt.Fprintf(t.err, "sem: %s cannot be asked about one person; leave the REF out\n", words[0])
		return exitUsage
	case len(words) == 2:
		n, err = printFound(ctx, t.out, s, record.NewRef(words[1]))
	case s.guarded.List == nil:
		fmt.Fprintf(t.err, "sem: %s can only be asked about one person; give a REF\n", words[0])
		return exitUsage
	default:
		n, err = printListed(ctx, t.out, s)
	}
	if err != nil {
		return failed(t, words[0], err)
	}
	fmt.Fprintf(t.err, "%s: %d records read in %s\n", words[0], n, time.Since(start).Round(time.Millisecond))
	return exitOK
}

func printFound(ctx context.Context, out io.Writer, s openedSource, who record.Ref) (int, error) {
	records, err := s.guarded.Find.Find(ctx, who)
	if err != nil {
		return 0, err
	}
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, r := range records {
		if err := lines.Encode(r); err != nil {
			return 0, fmt.Errorf("output: %w", err)
		}
	}
	return len(records), nil
}

// printListed keeps the records of a list aside until it is complete, in a
// file since a list may be a whole assessment roll.
func printListed(ctx context.Context, out io.Writer, s openedSource) (n int, err error) {
	aside, err := os.CreateTemp("", "sem-fetch-*")
	if err != nil {
		return 0, fmt.Errorf("records kept aside: %w", err)
	}
	defer func() {
		_ = aside.Close()
		_ = os.Remove(aside.Name()) // where an open file cannot be removed
	}()
	_ = os.Remove(aside.Name()) // now, since a reader that goes away ends us at once
	buffered := bufio.NewWriterSize(aside, 1<<20)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	_, err = s.guarded.List.List(ctx, "", func(r record.Record) error {
		n++
		return lines.Encode(r)
	})
	if err != nil {
		return 0, err
	}
	if err := buffered.Flush(); err != nil {
		return 0, fmt.Errorf("records kept aside: %w", err)
	}
	if _, err := aside.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("records kept aside: %w", err)
	}
	if _, err := io.Copy(out, aside); err != nil {
		return 0, fmt.Errorf("output: %w", err)
	}
	return n, nil
}
