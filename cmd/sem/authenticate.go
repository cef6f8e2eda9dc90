package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// authenticate checks a card and the PIN read from standard input. It prints
// granted only when the source positively confirmed both.
func authenticate(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("authenticate", flag.ContinueOnError)
	file := flags.String("c", "", "configuration `file`; only its sources are used")
	words, code, ok := parse(t, flags, args, 2, 2)
	if !ok {
		return code
	}
	s, code, ok := openOne(t, *file, words[0])
	if !ok {
		return code
	}
	defer func() { _ = s.free() }()
	if s.guarded.Authenticate == nil {
		fmt.Fprintf(t.err, "sem: %s does not check cards\n", words[0])
		return exitUsage
	}
	pin, err := bufio.NewReader(io.LimitReader(t.in, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintf(t.err, "sem: PIN on standard input: %v\n", err)
		return exitUsage
	}
	_, err = s.guarded.Authenticate.Authenticate(ctx, words[1], strings.TrimRight(pin, "\r\n"))
	switch {
	case err == nil:
		fmt.Fprintln(t.out, "granted")
		return exitOK
	case errors.Is(err, connectors.ErrDenied), errors.Is(err, connectors.ErrNotFound):
		fmt.Fprintln(t.out, "denied")
	}
	return failed(t, words[0], err)
}
