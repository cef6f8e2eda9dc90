package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors/all"
)

// schema prints the JSON Schema of the configuration.
func schema(_ context.Context, t terminal, args []string) int {
	if _, code, ok := parse(t, flag.NewFlagSet("schema", flag.ContinueOnError), args, 0, 0); !ok {
		return code
	}
	text, err := configs.Schema(all.Kinds())
	if err != nil {
		fmt.Fprintln(t.err, err)
		return exitFailed
	}
	if _, err := t.out.Write(text); err != nil {
		fmt.Fprintln(t.err, err)
		return exitFailed
	}
	return exitOK
}

// version prints what the build recorded of itself.
func version(_ context.Context, t terminal, args []string) int {
	if _, code, ok := parse(t, flag.NewFlagSet("version", flag.ContinueOnError), args, 0, 0); !ok {
		return code
	}
	name, revision := "sem", "unknown revision"
	if info, ok := debug.ReadBuildInfo(); ok {
		name += " " + info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	fmt.Fprintf(t.out, "%s, %s, %s\n", name, revision, runtime.Version())
	return exitOK
}
