// Command sem is SEM en ligne: the town's systems behind one door. Each
// subcommand is a file of this folder; what they do is in the packages.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones on machines that lack the database
)

// The exit codes.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitWarnings = 3
)

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// logger writes operators' lines to the terminal's error stream.
func (t terminal) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: level}))
}

type command struct {
	name, usage, summary string
	run                  func(ctx context.Context, t terminal, args []string) int
}

func commands() []command {
	return []command{
		{"demo", "demo [--people N] [--seed N] [--listen ADDR] [--print text|json]", "an invented town with its legacy systems and its portal", demo},
		{"serve", "serve -c FILE", "the portal and its connectors", serve},
		{"check", "check [--live] FILE", "every mistake of a configuration file; with --live, ask each source too", check},
		{"fetch", "fetch -c FILE SOURCE [REF]", "what a source says about one person, or about the town", fetch},
		{"act", "act -c FILE SOURCE REF ACTION [key=value …]", "one action for one person", act},
		{"mail", "mail -c FILE SOURCE to=ADDRESS subject=… text=… [key=value …]", "one message through a mail server; text=- is standard input, file=PATH an attachment", sendMail},
		{"authenticate", "authenticate -c FILE SOURCE CARD", "check a card; the PIN is read from standard input", authenticate},
		{"citizen", "citizen pin -c FILE CARD", "give a card a new random PIN and print it once", citizen},
		{"outbox", "outbox -c FILE [-as NAME] [show|replay|drop ID]", "what citizens sent and is not settled; decide about what is parked", outboxCommand},
		{"schema", "schema", "the JSON Schema of the configuration", schema},
		{"version", "version", "what was built", version},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, terminal{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, t terminal, args []string) int {
	// net/http writes there, unasked, what a server sent out of turn: a reply's
	// text, which may be a person's. What is ours goes through the terminal.
	log.SetOutput(io.Discard)
	if len(args) == 0 {
		help(t.err)
		return exitUsage
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, t, args[1:])
		}
	}
	switch args[0] {
	case "help", "-h", "--help":
		help(t.out)
		return exitOK
	}
	fmt.Fprintf(t.err, "sem: unknown command %q\n\n", args[0])
	help(t.err)
	return exitUsage
}

func help(w io.Writer) {
	fmt.Fprintln(w, "usage: sem COMMAND …")
	for _, c := range commands() {
		fmt.Fprintf(w, "  sem %s\n      %s\n", c.usage, c.summary)
	}
}

// parse reads a command's flags and wants between least and most words after
// them. It returns the words, or ok false with the exit code.
func parse(t terminal, flags *flag.FlagSet, args []string, least, most int) (words []string, code int, ok bool) {
	flags.SetOutput(t.err)
	usage := func() {
		for _, c := range commands() {
			if c.name == flags.Name() {
				fmt.Fprintf(t.err, "usage: sem %s\n", c.usage)
			}
		}
	}
	flags.Usage = func() { usage(); flags.PrintDefaults() }
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, exitOK, false
	} else if err != nil {
		return nil, exitUsage, false
	}
	words = flags.Args()
	if len(words) < least || most >= 0 && len(words) > most {
		usage()
		return nil, exitUsage, false
	}
	return words, exitOK, true
}
