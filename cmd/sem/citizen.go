package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/big"
	"path/filepath"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/signin"
)

// citizen gives a card a new PIN. The PIN is drawn at random, since what staff
// may choose they may also know, and printed once.
func citizen(ctx context.Context, t terminal, args []string) int {
	if len(args) == 0 || args[0] != "pin" {
		fmt.Fprintln(t.err, "usage: sem citizen pin -c FILE CARD")
		return exitUsage
	}
	flags := flag.NewFlagSet("citizen", flag.ContinueOnError)
	file := flags.String("c", "", "configuration `file`")
	words, code, ok := parse(t, flags, args[1:], 1, 1)
	if !ok {
		return code
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
	pin, err := newPIN(ctx, config, t.logger(slog.LevelWarn), words[0])
	switch {
	case errors.Is(err, dossier.ErrNotFound):
		fmt.Fprintln(t.err, "sem: no valid card has this number; is it in the registry, and was the registry read?")
		return exitFailed
	case err != nil:
		fmt.Fprintf(t.err, "sem: %v\n", err)
		return exitFailed
	}
	fmt.Fprintln(t.out, pin)
	return exitOK
}

func newPIN(ctx context.Context, config *configs.Config, log *slog.Logger, card string) (pin string, err error) {
	folder := string(config.Data)
	if folder == "" {
		return "", errors.New("data_dir is missing in the configuration: it holds the dossier")
	}
	store, err := dossier.OpenSQLite(filepath.Join(folder, "dossier.db"), log, config.Town.Location)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	who, err := store.ByCard(ctx, card)
	if err != nil {
		return "", err
	}
	secret, err := pepper(config, folder)
	if err != nil {
		return "", err
	}
	if pin, err = drawPIN(card); err != nil {
		return "", err
	}
	encoded, err := signin.Hash(secret, pin)
	if err != nil {
		return "", err
	}
	return pin, store.SetCredential(ctx, who, encoded)
}

// drawPIN draws six digits, none of the guessable ones.
func drawPIN(card string) (string, error) {
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			return "", fmt.Errorf("random PIN: %w", err)
		}
		if pin := fmt.Sprintf("%06d", n); signin.CheckNewPIN(pin, card) == nil {
			return pin, nil
		}
	}
}
