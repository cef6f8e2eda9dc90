// Bench compares the import of a roll with expat, the C parser, on the same
// file in the same run: well-formedness guard and records included on our side,
// nothing but counting on expat's. It prints both speeds and their ratio and
// exits 1 when the ratio is below the gate.
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
	flag.Parse()
	ratio, err := compare(context.Background(), *size, *rounds, os.Stdout)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case ratio < *gate:
		fmt.Printf("FAIL: below %.2f\n", *gate)
		os.Exit(1)
	}
}

// compare returns how many times expat's speed the import has.
func compare(ctx context.Context, size string, rounds int, out io.Writer) (ratio float64, err error) {
	folder, err := os.MkdirTemp("", "roll-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	parser, err := compile(ctx, folder)
	if err != nil {
		return 0, err
	}
	path, bytes, units, err := generate(folder, size)
	if err != nil {
		return 0, err
	}
	var expat, ours []time.Duration
	for range rounds {
		start := time.Now()
		if err := exec.CommandContext(ctx, parser, path).Run(); err != nil { //nolint:gosec // compiled above
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
	ratio = speed(ours) / speed(expat)
	_, err = fmt.Fprintf(out, "roll import: %d MB, %d units, median of %d rounds: import %.0f MB/s, expat %.0f MB/s, ratio %.2f\n",
		bytes/1e6, units, rounds, speed(ours), speed(expat), ratio)
	return ratio, err
}

// compile builds the yardstick with the machine's C compiler and libexpat.
func compile(ctx context.Context, folder string) (string, error) {
	source, binary := filepath.Join(folder, "expat.c"), filepath.Join(folder, "expat")
	if err := os.WriteFile(source, []byte(yardstick), 0o600); err != nil {
		return "", err
	}
	text, err := exec.CommandContext(ctx, "cc", "-O2", "-o", binary, source, "-lexpat").CombinedOutput() //nolint:gosec // our own file
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
	f, err := os.Create(path) //nolint:gosec // in a folder of ours
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
