package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os/user"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/dossier"
)

// outboxCommand shows what citizens sent and is not settled, and lets IT decide
// about what is parked. It names no person and shows nothing of what was sent.
func outboxCommand(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("outbox", flag.ContinueOnError)
	file := flags.String("c", "", "configuration `file`")
	operator := flags.String("as", "", "your `name` in the journal; without it, the name of your account")
	words, code, ok := parse(t, flags, args, 0, 2)
	if !ok {
		return code
	}
	do, ok := outboxWords(words)
	if !ok {
		flags.Usage()
		return exitUsage
	}
	if *file == "" {
		fmt.Fprintln(t.err, "sem: -c FILE is missing")
		return exitUsage
	}
	config, _, err := configs.Load(*file, all.Kinds())
	if err != nil {
		fmt.Fprintln(t.err, err)
		return exitUsage
	}
	if err := inOutbox(ctx, t, config, *operator, do); err != nil {
		switch {
		case errors.Is(err, dossier.ErrNotFound):
			err = errors.New("no transaction has this id")
		case errors.Is(err, dossier.ErrMoved):
			err = errors.New("the transaction is not parked: only what is parked is replayed or dropped")
		}
		fmt.Fprintf(t.err, "sem: %v\n", err)
		return exitFailed
	}
	return exitOK
}

// inOutbox opens the dossier for one decision or one look.
func inOutbox(ctx context.Context, t terminal, config *configs.Config, operator string, do outboxAction) (err error) {
	if config.Data == "" {
		return errors.New("data_dir is missing in the configuration: it holds the dossier")
	}
	if operator == "" {
		account, err := user.Current()
		if err != nil {
			return fmt.Errorf("your name is unknown; give it with -as: %w", err)
		}
		operator = account.Username
	}
	if operator == dossier.ByCitizen || operator == dossier.ByRelay {
		return errors.New("this name has another meaning in the journal; give yours with -as")
	}
	store, err := dossier.OpenSQLite(filepath.Join(string(config.Data), "dossier.db"), t.logger(slog.LevelWarn), config.Town.Location)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(ctx, t, store, operator)
}

type outboxAction func(ctx context.Context, t terminal, store dossier.Inspection, operator string) error

// outboxWords reads what to do.
func outboxWords(words []string) (outboxAction, bool) {
	if len(words) == 0 {
		return listOutbox, true
	}
	if len(words) < 2 {
		return nil, false
	}
	id := words[1]
	switch words[0] {
	case "show":
		return func(ctx context.Context, t terminal, s dossier.Inspection, _ string) error {
			return showJournal(ctx, t, s, id)
		}, true
	case "replay":
		return func(ctx context.Context, _ terminal, s dossier.Inspection, who string) error {
			return s.Replay(ctx, id, who, time.Now())
		}, true
	case "drop":
		return func(ctx context.Context, _ terminal, s dossier.Inspection, who string) error {
			return s.Drop(ctx, id, who, time.Now())
		}, true
	}
	return nil, false
}

// listOutbox prints what is not settled, oldest first.
func listOutbox(ctx context.Context, t terminal, store dossier.Inspection, _ string) error {
	all, err := store.Unsettled(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSOURCE\tACTION\tSTATE\tREASON\tATTEMPTS\tCHECKS\tAGE\tNEXT")
	now := time.Now()
	for _, one := range all {
		next := "-"
		if one.State != dossier.Parked {
			next = max(one.NotBefore.Sub(now), 0).Round(time.Second).String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", one.ID, one.Source, one.Action.ActionName(), one.State, orDash(one.Reason),
			one.Attempts, one.Checks, now.Sub(one.Accepted).Round(time.Second), next)
	}
	return w.Flush()
}

// showJournal prints the steps of one transaction.
func showJournal(ctx context.Context, t terminal, store dossier.Inspection, id string) error {
	steps, err := store.Journal(ctx, id)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AT\tFROM\tTO\tREASON\tBY")
	for _, s := range steps {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.At.Format(time.RFC3339Nano), orDash(string(s.From)), s.To, orDash(s.Reason), s.By)
	}
	return w.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
