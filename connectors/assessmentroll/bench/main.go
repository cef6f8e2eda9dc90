// Bench compares the import of a roll with expat, the C parser, on the same
// file in the same run: well-formedness guard and records included on our side,
// nothing but counting on expat's. Each import runs in a process of its own, as
// each expat does, and tells its peak resident set (Linux). Bench prints the
// ratio of speeds and the memory above idle, and exits 1 when one of them misses
// its gate.
//
// The ratio is of wall-clock medians of interleaved rounds; that of processor
// time is printed beside it, which neighbours on the machine disturb less.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
)

//go:embed expat/expat.c
var yardstick string

func main() {
	size := flag.String("size", "200MB", "size of the roll, in MB or GB")
	rounds := flag.Int("rounds", 5, "interleaved rounds; medians count")
	gate := flag.Float64("gate", 1.3, "lowest ratio that passes")
	memory := flag.Int64("memory", 64, "highest peak of resident memory above idle that passes, in MiB")
	compact := flag.Bool("compact", false, "a roll without white space between elements")
	child := flag.String("child", "", "internal: import this file, or idle, and print the peak resident set")
	flag.Parse()
	if *child != "" {
		exit(runChild(context.Background(), *child))
		return
	}
	passed, err := bench(context.Background(), *size, *compact, *rounds, *gate, *memory)
	exit(err)
	if !passed {
		fmt.Println("FAIL: roll import")
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
func bench(ctx context.Context, size string, compact bool, rounds int, gate float64, memory int64) (passed bool, err error) {
	folder, err := os.MkdirTemp("", "roll-bench-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	parser, err := compile(ctx, folder)
	if err != nil {
		return false, err
	}
	path, bytes, err := generate(folder, size, compact)
	if err != nil {
		return false, err
	}
	idle, err := runImport(ctx, idleChild)
	if err != nil {
		return false, err
	}
	var expat, ours []measured
	var above int64
	for range rounds {
		e, err := run(exec.CommandContext(ctx, parser, path))
		if err != nil {
			return false, fmt.Errorf("expat: %w", err)
		}
		o, err := runImport(ctx, path)
		if err != nil {
			return false, fmt.Errorf("import: %w", err)
		}
		expat, ours = append(expat, e), append(ours, o)
		above = max(above, (o.peak-idle.peak)>>10)
	}
	wall, processor := func(m measured) time.Duration { return m.wall }, func(m measured) time.Duration { return m.processor }
	ratio := median(expat, wall).Seconds() / median(ours, wall).Seconds()
	speed := func(list []measured) float64 { return float64(bytes) / 1e6 / median(list, wall).Seconds() }
	fmt.Printf("roll import: %d MB, median of %d rounds: import %.0f MB/s, expat %.0f MB/s\n", bytes/1e6, rounds, speed(ours), speed(expat))
	fmt.Printf("roll import: %.2f times expat's speed (at least %.2f), %.2f times by processor time\n",
		ratio, gate, median(expat, processor).Seconds()/median(ours, processor).Seconds())
	fmt.Printf("roll import: peak resident set %d MiB above idle (at most %d)\n", above, memory)
	return ratio >= gate && above <= memory, nil
}

func median(list []measured, of func(measured) time.Duration) time.Duration {
	var times []time.Duration
	for _, m := range list {
		times = append(times, of(m))
	}
	slices.Sort(times)
	return times[len(times)/2]
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
func generate(folder, size string, compact bool) (path string, bytes int64, err error) {
	var n int64
	var unit string
	if _, err := fmt.Sscanf(size, "%d%s", &n, &unit); err != nil || n < 1 || unit != "MB" && unit != "GB" {
		return "", 0, fmt.Errorf("size %q: write a number and MB or GB", size)
	}
	if n *= 1e6; unit == "GB" {
		n *= 1e3
	}
	roll := func(units int) rollsim.Roll { return rollsim.Roll{Units: rollsim.Generate(1, units), Compact: compact} }
	sample, err := roll(1000).WriteTo(io.Discard)
	if err != nil {
		return "", 0, err
	}
	path = filepath.Join(folder, "roll.xml")
	f, err := os.Create(path)
	if err != nil {
		return "", 0, err
	}
	bytes, err = roll(int(n*1000/sample) + 1).WriteTo(f)
	return path, bytes, errors.Join(err, f.Close())
}
