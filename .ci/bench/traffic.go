package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// trafficMap says where the lines of the made traffic, and of TWILIO, have what.
const trafficMap = "time: /time\ntime_format: unix_us\nmethod: /method\nurl: /url\nheaders: /headers\nbody: /body\n"

// bfcmMessages are those of the curve in the time that -short has.
const bfcmMessages = 20_000

func (b *bench) bfcmCorpus(ctx context.Context, file string) error {
	argv := []string{b.reprise, "fixtures", "synth", "--curve", "bfcm2022", "-o", file, "--quiet"}
	if b.short {
		argv = append(argv, "--messages", strconv.Itoa(bfcmMessages))
	}
	return b.must(ctx, argv...)
}

// recordingCorpus captures RECORDING, or what the demo brings along, with the answers in it.
func (b *bench) recordingCorpus(ctx context.Context, file string) error {
	recording := os.Getenv("RECORDING")
	if recording == "" {
		recording = filepath.Join(b.root, "cmd", "internal", "demo", "recording.pcap.gz")
	}
	return b.must(ctx, b.reprise, "capture", recording, "-o", file, "--quiet")
}

// twilioCorpus captures TWILIO, lines of requests as madeLine writes them, or requests of its own of that make.
func (b *bench) twilioCorpus(ctx context.Context, file string) error {
	lines := os.Getenv("TWILIO")
	if lines == "" {
		return b.capturedLines(ctx, file, newTwilioTraffic(1))
	}
	if !b.short {
		return b.captureLines(ctx, lines, file)
	}
	first := file + ".ndjson"
	if err := b.firstLines(ctx, lines, first, b.sampleRecords()); err != nil {
		return err
	}
	return errors.Join(b.captureLines(ctx, first, file), os.Remove(first))
}

func (b *bench) unknownCorpus(ctx context.Context, file string) error {
	return b.capturedLines(ctx, file, newUnknownTraffic(2))
}

// madeTraffic makes requests, one after another, the same ones each time.
type madeTraffic interface {
	next() madeRequest
}

// madeRequest is a request as a log has it.
type madeRequest struct {
	gap     time.Duration // since the one before
	url     string
	headers [][2]string // but for Host and Content-Length
	body    string
}

// capturedLines writes so many requests down and captures them.
func (b *bench) capturedLines(ctx context.Context, file string, t madeTraffic) (err error) {
	lines := file + ".ndjson"
	f, err := os.Create(lines)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	at := time.Date(2025, 1, 2, 7, 4, 5, 0, time.UTC)
	for range b.sampleRecords() {
		q := t.next()
		at = at.Add(q.gap)
		if err := writeMade(w, at, &q); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return err
	}
	return errors.Join(b.captureLines(ctx, lines, file), os.Remove(lines))
}

func (b *bench) captureLines(ctx context.Context, lines, file string) error {
	fields := b.path("traffic.yaml")
	if err := os.WriteFile(fields, []byte(trafficMap), 0o600); err != nil {
		return err
	}
	return b.must(ctx, b.reprise, "capture", "logs", lines, "--map", fields, "-o", file, "--quiet")
}

// firstLines copies the first lines of a file that may be packed by zstd.
func (b *bench) firstLines(ctx context.Context, from, to string, n int) error {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	argv := []string{"cat", from}
	if strings.HasSuffix(from, ".zst") {
		argv = []string{"zstd", "-dcq", from}
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		enough()
		return errors.Join(err, cmd.Wait())
	}
	s := bufio.NewScanner(out)
	s.Buffer(nil, 16<<20)
	w := bufio.NewWriter(f)
	for range n {
		if !s.Scan() {
			break
		}
		fmt.Fprintf(w, "%s\n", s.Bytes())
	}
	err = errors.Join(s.Err(), w.Flush(), f.Close())
	enough()
	_ = cmd.Wait() // it was broken off
	return err
}
