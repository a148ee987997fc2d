package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// The busiest hour of the curve bfcm2022, and how many messages it has.
const (
	hourLength   = time.Hour
	hourMessages = 81_564
	shortHour    = 20 * time.Second
	shortCorpus  = 40_000 // messages of the whole corpus of -short
)

// hourRun is one way to play the hour.
type hourRun struct {
	name     string
	scale    float64
	volume   int
	messages int64 // 0: whatever the plan says
	planned  time.Duration
}

// hourRuns are both ways. With -short the hour is played in seconds, by a larger time scale.
func hourRuns(s settings) []hourRun {
	faster, messages := 1.0, int64(hourMessages)
	if s.short {
		length := shortHour
		if s.asked.length > 0 {
			length = s.asked.length
		}
		faster, messages = float64(hourLength)/float64(length), 0
	}
	all := []hourRun{
		{name: "2x", scale: 2 * faster, volume: 1, messages: messages},
		{name: "true time, volume 2", scale: faster, volume: 2, messages: 2 * messages},
	}
	var wanted []hourRun
	for _, r := range all {
		if s.wants(r.name) {
			r.planned = time.Duration(float64(hourLength) / r.scale)
			wanted = append(wanted, r)
		}
	}
	return wanted
}

const hourAbout = "The busiest hour of `fixtures synth --curve bfcm2022`, played beside a receiver in a process of its own. Both runs at once, where " +
	"`-only` names none. Every second is in the CSV files. Arrival is the kernel's receive stamp, by the wall clock, minus the intended moment. " +
	"The tool keeps its deadlines by the monotonic clock: the wall clock's drift is what the two differ by since the start."

// measureHour plays the hour, prints what it showed, and fails where a check does.
func measureHour(ctx context.Context, b *bench) error {
	runs := hourRuns(b.settings)
	if len(runs) == 0 {
		return errors.New("-only names neither 2x nor true")
	}
	folder, err := hourFolder(b.folder)
	if err != nil {
		return err
	}
	b.say("hour: files go to %s", folder)
	corpus, err := b.hourCorpus(ctx, folder)
	if err != nil {
		return err
	}
	shown := make([]*hourFigures, len(runs))
	failed := make([]error, len(runs))
	var all sync.WaitGroup
	for i, r := range runs {
		all.Go(func() { shown[i], failed[i] = b.playHour(ctx, corpus, folder, r) })
	}
	all.Wait()
	b.title("One real hour", hourAbout)
	var t table
	t.head, t.rows = hourTable(shown)
	fmt.Fprintln(b.out, t.String())
	for i, f := range shown {
		if f == nil {
			continue
		}
		for _, c := range f.checks(b.short) {
			fmt.Fprintf(b.out, "%s: %s: %s\n", f.run.name, c.name, choose(c.err == nil, "holds", fmt.Sprint(c.err)))
			failed[i] = errors.Join(failed[i], c.err)
		}
	}
	for i, r := range runs {
		if failed[i] != nil {
			failed[i] = fmt.Errorf("%s: %w", r.name, failed[i])
		}
	}
	return errors.Join(failed...)
}

// hourFolder is the folder that was given, or a new one, which is kept.
func hourFolder(given string) (string, error) {
	if given == "" {
		return os.MkdirTemp("", "hour-*")
	}
	return given, os.MkdirAll(given, 0o700)
}

func (b *bench) hourCorpus(ctx context.Context, folder string) (string, error) {
	file := filepath.Join(folder, choose(b.short, "bfcm2022-short.rpz", "bfcm2022.rpz"))
	if _, err := os.Stat(file); err == nil {
		b.say("hour: %s is used again", file)
		return file, nil
	}
	argv := []string{b.reprise, "fixtures", "synth", "--curve", "bfcm2022", "-o", file, "--quiet"}
	if b.short {
		argv = append(argv, "--messages", strconv.Itoa(shortCorpus))
	}
	b.say("hour: making the corpus")
	return file, b.must(ctx, argv...)
}

// playHour plays the hour one way. An interrupt ends the run, and what it has shown so far is told all the same.
func (b *bench) playHour(ctx context.Context, corpus, folder string, r hourRun) (*hourFigures, error) {
	file := func(ending string) string { return filepath.Join(folder, choose(r.volume == 1, "2x", "true")+ending) }
	after := context.WithoutCancel(ctx)
	receiver, err := serve(after, anyCPU, "receiver", "-listen", "127.0.0.1:0", "-gc", "-log", file(".arrivals"))
	if err != nil {
		return nil, err
	}
	w := newWatcher(receiver.cmd.Process.Pid, func(s sample) { b.say("%s: %s", r.name, s) })
	argv := []string{
		b.reprise, "replay", corpus, "--target", "http://" + receiver.addr, "--peak", hourLength.String(),
		"--time-scale", strconv.FormatFloat(r.scale, 'g', -1, 64), "--volume", strconv.Itoa(r.volume), "--stop-on", "none",
		"--progress", "none", "--json", "--force", "-o", file(".rpr"),
	}
	b.say("%s: playing for %v", r.name, r.planned.Round(time.Second))
	u, runErr := do(ctx, job{argv: argv, cpu: anyCPU, limit: r.planned + 10*time.Minute, gentle: true, during: w.watch})
	_, err = receiver.stop()
	if err = errors.Join(runErr, err); err != nil {
		return nil, err
	}
	if err := os.WriteFile(file(".json"), []byte(u.out), 0o600); err != nil {
		return nil, err
	}
	f := &hourFigures{run: r, used: u, samples: w.samples}
	if err := f.read(after, b, file); err != nil {
		return nil, fmt.Errorf("%s: %w", u.complaint(), err)
	}
	return f, f.write(file(".csv"))
}
