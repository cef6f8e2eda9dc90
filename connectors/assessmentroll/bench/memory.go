package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// idle is the child that does nothing.
const idle = "idle"

// peakAboveIdle imports a roll in a fresh process and returns its peak resident
// set above that of a process that does nothing, in MiB.
func peakAboveIdle(ctx context.Context, path string) (int64, error) {
	var peaks [2]int64
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	for i, what := range [...]string{idle, path} {
		out, err := exec.CommandContext(ctx, self, "-child", what).Output()
		if err != nil {
			return 0, fmt.Errorf("import in a process of its own: %w", err)
		}
		if _, err := fmt.Sscan(string(out), &peaks[i]); err != nil {
			return 0, fmt.Errorf("peak: %w", err)
		}
	}
	return (peaks[1] - peaks[0]) / 1024, nil
}

// printPeak prints this process's peak resident set in KiB, after the import of
// a roll or of nothing.
func printPeak(ctx context.Context, path string) error {
	if path != idle {
		if _, err := load(ctx, path); err != nil {
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
