package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// How large the corpus is: as large as half of the free disk holds, up to -records, and large enough to show what grows.
const (
	synthesisRecords = 10_000_000
	synthesisShort   = 300_000
	synthesisRoom    = 400 // bytes a record that the corpora and the run file take at most, at once
	synthesisPeople  = 20_000
	synthesisGrowth  = 32 << 20 // bytes, of ten times the records
)

// synthesisSpec is BFCM 2022's curve with so many messages, of people whose number does not depend on that: as many subscribe as unsubscribe,
// since whoever is more takes people of their own.
const synthesisSpec = `version: 1
seed: 1
curve: {name: bfcm2022}
messages: %d
mix: {subscribe: 13, unsubscribe: 13, help: 2, info: 1.5, unrecognized: 46.5, reaction: 9, custom_keyword: 15}
people: {newcomers: %.9f}
`

const synthesisAbout = "A corpus of %s records of %s people is made, anonymized, inspected, and played by a simulated clock, which passes as fast as the " +
	"work allows, into a run file; before that, a tenth as large a one of as many people. Memory is the process's resident set, sampled each %v: its median and its " +
	"most, the most with a tenth of the records, and by how much it grew over the last three quarters, by the best straight line. By more than %s or a tenth " +
	"neither may grow: that holds the counts by second, which more records of the same days fill up. (In work of several passes, which need memory of their own, " +
	"the line says nothing. The audit has a filter of 8 bytes a record, of 32 MiB at least and 256 at most, which comes on top.)"

// work is one thing that is done to the large corpus.
type work struct {
	name string
	argv []string
	env  []string
	file string // what it writes
	gone string // what is not needed any more behind it
	more bool   // it has several passes, of which an audit is one
}

// worked is what one work showed.
type worked struct {
	work
	used    used
	samples []sample
	size    int64 // of the file
	tenth   int64 // the most memory with a tenth of the records
	flat    error
}

// auditFilter is how much memory an audit of so many records takes for what it looks for.
func auditFilter(records int64) int64 { return min(max(8*records, 32<<20), 256<<20) }

// judge says whether memory is flat: within the work of so many records, and beside the same work at a tenth of them.
func (w *worked) judge(least, records int64) {
	allowed := max(least, int64(growthShare*float64(w.tenth)))
	if w.more {
		allowed += auditFilter(records) - auditFilter(records/10)
	}
	if w.used.peak > w.tenth+allowed {
		w.flat = fmt.Errorf("it takes %s, %s with a tenth of the records, and %s more is allowed", mebibytes(w.used.peak), mebibytes(w.tenth), mebibytes(allowed))
	}
	if !w.more && len(w.samples) >= fewSamples {
		w.flat = errors.Join(w.flat, flat(w.samples, func(s sample) int64 { return s.tool.rss }, least))
	}
}

// fewSamples are those of which no line is judged.
const fewSamples = 8

func (w *worked) grown() int64 {
	return growth(w.samples, func(s sample) int64 { return s.tool.rss })
}

// measureSynthesis does everything to a corpus as large as the disk holds, and fails where memory grows.
func measureSynthesis(ctx context.Context, b *bench) error {
	folder := b.folder
	if folder == "" {
		folder = b.dir
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	records, err := b.synthesisRecords(folder)
	if err != nil {
		return err
	}
	b.say("synthesis: %d records in %s", records, folder)
	player, err := b.simulatedPlayer(ctx)
	if err != nil {
		return err
	}
	tenth, err := b.workThrough(ctx, folder, player, max(records/10, 1))
	if err != nil {
		return err
	}
	shown, err := b.workThrough(ctx, folder, player, records)
	if err != nil {
		return err
	}
	var failed error
	for i, w := range shown {
		w.tenth = tenth[i].used.peak
		if w.judge(b.mayGrow(), records); w.flat != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", w.name, w.flat))
		}
	}
	every := choose(b.short, shortSample, time.Second)
	about := fmt.Sprintf(synthesisAbout, thousands(records), thousands(synthesisPeople), every, mebibytes(b.mayGrow()))
	b.title("A large corpus", about)
	t := synthesisTable(shown, records)
	fmt.Fprint(b.out, t.String())
	return errors.Join(failed, b.publish("synthesis", synthesisSummary(shown, records), figureTable{about, t.head, t.rows}))
}

// synthesisSummary says which work takes the most memory.
func synthesisSummary(shown []*worked, records int64) [][2]string {
	most := slices.MaxFunc(shown, func(a, b *worked) int { return cmp.Compare(a.used.peak, b.used.peak) })
	return [][2]string{{"peak memory, " + thousands(records) + " records", fmt.Sprintf("at most %s, of: %s", mebibytes(most.used.peak), most.name)}}
}

// mayGrow is by how much memory may grow, or by a tenth, whichever is more. A short corpus ends before every buffer has been used, and a tenth
// of it is two blocks: it shows that all works, and that nothing is far off.
func (b *bench) mayGrow() int64 { return int64(choose(b.short, 8*growthShort, synthesisGrowth)) }

// synthesisRecords is how many records there is room for, -records at most.
func (b *bench) synthesisRecords(folder string) (int64, error) {
	want := choose(b.records > 0, b.records, int64(choose(b.short, synthesisShort, synthesisRecords)))
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, err
	}
	return fitting(want, int64(disk.Bavail)*disk.Bsize/2, choose(b.short || b.records > 0, 0, int64(synthesisRecords)))
}

// fitting is how many records fit, of so many that are wanted; fewer than least is an error.
func fitting(want, room, least int64) (int64, error) {
	n := min(want, room/synthesisRoom)
	if n < max(least, 1) {
		return 0, fmt.Errorf("half of the free disk is %s, which holds %d records: for %d it takes %s; -dir names another folder, -records fewer records",
			mebibytes(room), n, max(least, 1), mebibytes(max(least, 1)*synthesisRoom))
	}
	return n, nil
}

// simulatedPlayer builds what plays by a simulated clock: a test of the package that plays.
func (b *bench) simulatedPlayer(ctx context.Context) (string, error) {
	player := b.path("session.test")
	b.say("synthesis: building the player")
	u, err := do(ctx, job{argv: []string{"go", "test", "-trimpath", "-tags", "soak", "-c", "-o", player, "./replay/session"}, cpu: anyCPU, dir: b.root})
	if err != nil || u.exit != 0 {
		return "", errors.Join(fmt.Errorf("build the player: %s", u.complaint()), err)
	}
	return player, nil
}

// workThrough does everything to a corpus of so many records.
func (b *bench) workThrough(ctx context.Context, folder, player string, records int64) (shown []*worked, err error) {
	spec := b.path("large.yaml")
	text := fmt.Sprintf(synthesisSpec, records, min(float64(synthesisPeople)/float64(records), 1))
	if err := os.WriteFile(spec, []byte(text), 0o600); err != nil {
		return nil, err
	}
	for _, w := range b.synthesisWorks(folder, spec, player) {
		done, err := b.workOn(ctx, w, records)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		b.say("synthesis: %s of %d took %v", w.name, records, done.used.wall.Round(time.Millisecond))
		shown = append(shown, done)
	}
	return shown, nil
}

// synthesisWorks lists what is done, in its order.
func (b *bench) synthesisWorks(folder, spec, player string) []work {
	file := func(name string) string { return filepath.Join(folder, name) }
	made, safe, run := file("large.rpz"), file("large-safe.rpz"), file("large.rpr")
	return []work{
		{name: "synthesize", argv: []string{b.reprise, "fixtures", "synth", "--spec", spec, "-o", made, "--force", "--quiet"}, file: made},
		{name: "anonymize, with audit", argv: []string{b.reprise, "anonymize", made, "-o", safe, "--force", "--quiet"}, file: safe, gone: made, more: true},
		{name: "inspect", argv: []string{b.reprise, "inspect", safe, "--json"}},
		{
			name: "play, simulated clock", argv: []string{player, "-test.run", "^TestSoakSimulated$", "-test.v", "-test.timeout", "0"},
			env: []string{"REPRISE_SOAK_CORPUS=" + safe, "REPRISE_SOAK_RUN=" + run}, file: run, gone: safe,
		},
		{name: "sum up the run", argv: []string{b.reprise, "inspect", run, "--json"}, gone: run},
	}
}

// workOn does one work and checks what came of it.
func (b *bench) workOn(ctx context.Context, w work, records int64) (*worked, error) {
	watch := newWatcher(0, func(s sample) { b.say("synthesis: %s: %s", w.name, mebibytes(s.tool.rss)) })
	watch.every = choose(b.short, shortSample, time.Second)
	u, err := do(ctx, job{argv: w.argv, env: w.env, cpu: anyCPU, limit: 12 * time.Hour, gentle: true, during: watch.watch})
	if err != nil || u.exit != 0 {
		return nil, errors.Join(fmt.Errorf("%s %s", u.complaint(), u.out), err)
	}
	done := &worked{work: w, used: u, samples: watch.samples}
	if strings.Contains(u.out, "testing: warning: no tests to run") {
		return nil, errors.New("the player has no such test")
	}
	if w.file != "" {
		if done.size, err = fileSize(w.file); err != nil {
			return nil, err
		}
	}
	if err := countedAll(w, u.out, records); err != nil {
		return nil, err
	}
	if w.gone != "" {
		err = os.Remove(w.gone)
	}
	return done, err
}

// countedAll fails where an inspection counts other than all records: those of a corpus, or the answers of a run. It fails, too, where the people
// of a corpus are others than those that its spec asks for, but for what rounding by vendor makes of them.
func countedAll(w work, out string, records int64) error {
	if !strings.HasPrefix(out, "{") {
		return nil
	}
	var said struct {
		Records int64 `json:"records"`
		Senders int64 `json:"senders"`
		Ledger  struct {
			OK int64 `json:"ok"`
		} `json:"ledger"`
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		return err
	}
	if n := said.Records + said.Ledger.OK; n != records {
		return fmt.Errorf("%d records are counted, and %d were made", n, records)
	}
	if want := min(synthesisPeople, records); said.Records > 0 && (said.Senders < want-want/100 || said.Senders > want+want/100) {
		return fmt.Errorf("%d people are counted, and %d were asked for", said.Senders, want)
	}
	return nil
}

// shortSample is how often -short looks at memory.
const shortSample = 100 * time.Millisecond

func synthesisTable(all []*worked, records int64) table {
	t := table{head: []string{"work", "took", "records/s", "CPU µs a record", "memory: median", "most", "with a tenth", "grew by", "flat", "its file, B a record"}}
	for _, w := range all {
		of := func(s sample) int64 { return s.tool.rss }
		size := ""
		if w.size > 0 {
			size = fmt.Sprintf("%.1f", float64(w.size)/float64(records))
		}
		t.add(w.name, w.used.wall.Round(choose(w.used.wall > time.Minute, time.Second, 10*time.Millisecond)).String(), strconv.FormatInt(int64(float64(records)/w.used.wall.Seconds()), 10),
			fmt.Sprintf("%.1f", micro(w.used.cpu())/float64(records)), mebibytes(medianOf(settled(w.samples), of)), mebibytes(w.used.peak),
			mebibytes(w.tenth), fmt.Sprintf("%+.1f MiB", float64(w.grown())/(1<<20)), choose(w.flat == nil, "yes", "**no**"), size)
	}
	return t
}
