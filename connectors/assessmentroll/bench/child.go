package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/assessmentroll"
	"github.com/semenligne/sem/connectors/record"
)

// idleChild is the child that imports nothing.
const idleChild = "idle"

// measured is one run of a process.
type measured struct {
	wall, processor time.Duration
	peak            int64 // resident set in KiB, as the process printed it
}

// run runs a process to its end.
func run(cmd *exec.Cmd) (measured, error) {
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return measured{}, err
	}
	m := measured{wall: time.Since(start), processor: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	_, err = fmt.Sscan(string(out), &m.peak)
	return m, err
}

// runImport imports a roll in a process of its own.
func runImport(ctx context.Context, path string) (measured, error) {
	self, err := os.Executable()
	if err != nil {
		return measured{}, err
	}
	return run(exec.CommandContext(ctx, self, "-child", path))
}

// runChild is that process.
func runChild(ctx context.Context, path string) error {
	if path != idleChild {
		if err := load(ctx, path); err != nil {
			return err
		}
	}
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			fmt.Println(strings.Fields(value)[0])
			return nil
		}
	}
	return fmt.Errorf("no VmHWM in /proc/self/status")
}

// load imports the roll as the aggregator would, and drops the records.
func load(ctx context.Context, path string) error {
	kind := assessmentroll.Kind()
	settings, ok := kind.Settings().(*assessmentroll.Settings)
	if !ok {
		return connectors.ErrDefect
	}
	settings.File = connectors.Path(path)
	source, err := kind.Open(settings, connectors.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = source.List.List(ctx, "", func(record.Record) error { return nil })
	return err
}
