package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reprise/replay/cause"
	"runtime"
	"strconv"

	"bench/box"
)

// measureBox scores what is said of runs in which it is known why requests were slow.
func measureBox(ctx context.Context, b *bench) error {
	var further []string
	if name := os.Getenv("RECORDING"); name != "" {
		further = append(further, b.path("recording.rpz"))
		if err := b.must(ctx, b.reprise, "capture", name, "-o", further[0], "--quiet"); err != nil {
			return err
		}
	}
	traffic := box.NewTraffic(filepath.Join(b.root, "fixtures", "testdata", "mixed.rpz"), further...)
	judge := func(t *cause.Table) (*cause.Report, error) { return cause.Search(ctx, t, cause.Limits{}) }
	seed, err := strconv.ParseUint(choose(os.Getenv("BOX_SEED") == "", "0", os.Getenv("BOX_SEED")), 10, 64)
	if err != nil {
		return fmt.Errorf("BOX_SEED: %w", err)
	}
	err = box.Measure(traffic, judge, box.Options{Seed: seed, Short: b.short, Workers: runtime.NumCPU(), Wants: b.wants, Notes: os.Getenv("BOX_NOTES"), Further: os.Getenv("BOX_FURTHER") != ""}, b.out)
	if b.short {
		return err
	}
	return errors.Join(err, overSockets(ctx, b), spinning(ctx, b))
}
