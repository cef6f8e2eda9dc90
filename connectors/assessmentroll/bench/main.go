// Bench compares the import of a roll with expat, the C parser, on the same
// file in the same run: well-formedness guard and records included on our side,
// nothing but counting on expat's. It also imports the file in a process of its
// own and reads its peak resident set (Linux). It prints the ratio and the
// memory above idle and exits 1 when one of them misses its gate.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/assessmentroll"
	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
	"github.com/semenligne/sem/connectors/record"
)

//go:embed expat/expat.c
var yardstick string

func main() {
	size := flag.String("size", "200MB", "size of the roll, in MB or GB")
	rounds := flag.Int("rounds", 5, "interleaved rounds; medians count")
	gate := flag.Float64("gate", 1.3, "lowest ratio that passes")
	memory := flag.Int64("memory", 64, "highest peak of resident memory above idle that passes, in MiB")
	child := flag.String("child", "", "internal: import this file, or idle, and print the peak resident set")
	flag.Parse()
	if *child != "" {
		exit(printPeak(context.Background(), *child))
		return
	}
	passed, err := bench(context.Background(), *size, *rounds, *gate, *memory)
	exit(err)
	if !passed {
		os.Exit(1)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// bench prints what was measured and tells whether it passes.
func bench(ctx context.Context, size string, rounds int, gate float64, memory int64) (passed bool, err error) {
	folder, err := os.MkdirTemp("", "roll-bench-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	parser, err := compile(ctx, folder)
	if err != nil {
		return false, err
	}
	path, bytes, units, err := generate(folder, size)
	if err != nil {
		return false, err
	}
	above, err := peakAboveIdle(ctx, path)
	if err != nil {
		return false, err
	}
	fmt.Printf("roll import: %d MB, peak resident set %d MiB above idle (at most %d)\n", bytes/1e6, above, memory)
	ratio, err := compare(ctx, parser, path, bytes, units, rounds)
	if err != nil {
		return false, err
	}
	fmt.Printf("roll import: %.2f times expat's speed (at least %.2f)\n", ratio, gate)
	return ratio >= gate && above <= memory, nil
}

// compare returns how many times expat's speed the import has.
func compare(ctx context.Context, parser, path string, bytes int64, units, rounds int) (ratio float64, err error) {
	var expat, ours []time.Duration
	for range rounds {
		start := time.Now()
		if err := exec.CommandContext(ctx, parser, path).Run(); err != nil {
			return 0, fmt.Errorf("expat: %w", err)
		}
		expat = append(expat, time.Since(start))
		start = time.Now()
		n, err := load(ctx, path)
		if err != nil || n != units {
			return 0, fmt.Errorf("import: %d units of %d: %w", n, units, err)
		}
		ours = append(ours, time.Since(start))
	}
	speed := func(times []time.Duration) float64 {
		slices.Sort(times)
		return float64(bytes) / 1e6 / times[len(times)/2].Seconds()
	}
	fmt.Printf("roll import: %d units, median of %d rounds: import %.0f MB/s, expat %.0f MB/s\n", units, rounds, speed(ours), speed(expat))
	return speed(ours) / speed(expat), nil
}

// compile builds the yardstick with the machine's C compiler and libexpat.
func compile(ctx context.Context, folder string) (string, error) {
	source, binary := filepath.Join(folder, "expat.c"), filepath.Join(folder, "expat")
	if err := os.WriteFile(source, []byte(yardstick), 0o600); err != nil {
		return "", err
	}
	text, err := exec.CommandContext(ctx, "cc", "-O2", "-o", binary, source, "-lexpat").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc with libexpat: %w\n%s", err, text)
	}
	return binary, nil
}

// generate writes a roll of at least the size.
func generate(folder, size string) (path string, bytes int64, units int, err error) {
	var n int64
	var unit string
	if _, err := fmt.Sscanf(size, "%d%s", &n, &unit); err != nil || n < 1 || unit != "MB" && unit != "GB" {
		return "", 0, 0, fmt.Errorf("size %q: write a number and MB or GB", size)
	}
	if n *= 1e6; unit == "GB" {
		n *= 1e3
	}
	path = filepath.Join(folder, "roll.xml")
	f, err := os.Create(path)
	if err != nil {
		return "", 0, 0, err
	}
	sample, err := rollsim.Roll{Units: rollsim.Generate(1, 1000)}.WriteTo(io.Discard)
	if err != nil {
		return "", 0, 0, errors.Join(err, f.Close())
	}
	units = int(n*1000/sample) + 1
	bytes, err = rollsim.Roll{Units: rollsim.Generate(1, units)}.WriteTo(f)
	return path, bytes, units, errors.Join(err, f.Close())
}

// load imports the roll as the aggregator would, and drops the records.
func load(ctx context.Context, path string) (units int, err error) {
	kind := assessmentroll.Kind()
	settings, ok := kind.Settings().(*assessmentroll.Settings)
	if !ok {
		return 0, connectors.ErrDefect
	}
	settings.File = connectors.Path(path)
	source, err := kind.Open(settings, connectors.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	_, err = source.List.List(ctx, "", func(record.Record) error { units++; return nil })
	return units, err
}
