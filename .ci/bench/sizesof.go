package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// sampleRecords is how many records' lines zstd packs at most: -19 takes half a minute for 100,000.
func (b *bench) sampleRecords() int { return choose(b.short, 5_000, 200_000) }

// sizeOf measures a corpus, with zstd beside it or without.
func (b *bench) sizeOf(ctx context.Context, name, file string, zstd bool) (*size, error) {
	s := &size{Corpus: name}
	var err error
	if s.Records, err = b.recordsOf(ctx, file); err != nil {
		return nil, err
	}
	if s.Written, err = fileSize(file); err != nil {
		return nil, err
	}
	best := file
	packed := b.path(name + "-packed.rpz")
	if s.Pack, err = b.pack(ctx, file, packed, s.Records); err != nil {
		return nil, err
	}
	if s.Pack > 0 {
		if err := b.sameLines(ctx, file, packed); err != nil {
			return nil, err
		}
		if s.Packed, err = fileSize(packed); err != nil {
			return nil, err
		}
		if s.Packed < s.Written {
			best = packed
		}
	}
	if s.codecFigures, err = b.codecOf(ctx, best); err != nil {
		return nil, err
	}
	if !zstd {
		return s, nil
	}
	s.Sample = min(s.Records, int64(b.sampleRecords()))
	for level, size := range map[int]*int64{3: &s.Zstd3, 19: &s.Zstd19} {
		if _, err := exec.LookPath("zstd"); err != nil {
			b.say("sizes: zstd is not installed")
			break
		}
		b.say("sizes: zstd -%d of %s", level, name)
		if s.Lines, *size, err = b.zstd(ctx, file, level); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// recordsOf asks inspect how many records a corpus has.
func (b *bench) recordsOf(ctx context.Context, file string) (int64, error) {
	u, err := do(ctx, job{argv: []string{b.reprise, "inspect", file, "--json"}, cpu: anyCPU, limit: time.Hour})
	if err != nil || u.exit != 0 {
		return 0, errors.Join(fmt.Errorf("inspect: %s", u.complaint()), err)
	}
	var said struct {
		Records int64 `json:"records"`
	}
	err = json.Unmarshal([]byte(u.out), &said)
	return said.Records, err
}

// pack makes one corpus of one, by merge, and returns how many records a second of CPU time that took: 0 where this reprise cannot.
func (b *bench) pack(ctx context.Context, file, packed string, records int64) (perSecond float64, err error) {
	u, err := do(ctx, job{argv: []string{b.reprise, "merge", file, "-o", packed, "--quiet"}, cpu: 0, env: []string{"GOMAXPROCS=1"}, limit: time.Hour})
	switch {
	case err != nil:
		return 0, err
	case u.exit == 2:
		b.say("sizes: not packed: %s", u.complaint())
		return 0, nil
	case u.exit != 0:
		return 0, fmt.Errorf("merge: %s", u.complaint())
	}
	return float64(records) / max(u.cpu().Seconds(), 1e-9), nil
}

// sameLines fails where two corpora do not print the same.
func (b *bench) sameLines(ctx context.Context, one, other string) error {
	var sums [2]string
	for i, file := range []string{one, other} {
		sum := sha256.New()
		if err := b.catTo(ctx, sum, file, 0); err != nil {
			return err
		}
		sums[i] = string(sum.Sum(nil))
	}
	if sums[0] != sums[1] {
		return errors.New("what merge made of it prints other lines")
	}
	return nil
}

// catTo writes the lines of cat, of so many records (0: of all).
func (b *bench) catTo(ctx context.Context, w io.Writer, file string, records int) error {
	cmd := exec.CommandContext(ctx, b.reprise, "cat", file, "--limit", strconv.Itoa(records))
	cmd.Stdout = w
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cat: %w", err)
	}
	return nil
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// zstd packs the lines that cat prints, and returns their size before and after.
func (b *bench) zstd(ctx context.Context, file string, level int) (lines, packed int64, err error) {
	cmd := exec.CommandContext(ctx, "zstd", "-"+strconv.Itoa(level), "-q", "-c", "-T1")
	var in, out counter
	cmd.Stdout = &out
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	err = b.catTo(ctx, io.MultiWriter(&in, pipe), file, b.sampleRecords())
	err = errors.Join(err, pipe.Close(), cmd.Wait())
	return int64(in), int64(out), err
}

// zstdVersion is what the program says of itself.
func zstdVersion() string {
	text, err := exec.Command("zstd", "--version").Output()
	if err != nil {
		return "not installed"
	}
	for word := range strings.FieldsSeq(string(text)) {
		if strings.HasPrefix(word, "v") {
			return strings.TrimRight(word, ",")
		}
	}
	return "of an unknown version"
}

func fileSize(file string) (int64, error) {
	i, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return i.Size(), nil
}
