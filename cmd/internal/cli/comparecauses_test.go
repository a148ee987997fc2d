package cli

import (
	"bytes"
	"math"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/fixtures/sink"
	"reprise/replay"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/rounds"
)

// simulated is the run file of 3,000 requests, the same each time, to a sink of a behaviour on its simulated clock.
func simulated(t *testing.T, dir, name, behaviour string, seed uint64, plan string) string {
	t.Helper()
	b, err := sink.ParseBehaviour([]byte(behaviour))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	var arrivals []sink.Arrival
	at := time.Duration(0)
	for range 3000 {
		at += time.Duration(rng.ExpFloat64() * float64(40*time.Millisecond))
		arrivals = append(arrivals, sink.Arrival{
			At: at, Kind: capture.Kind(rng.IntN(6)), Person: 1 + uint64(400*math.Pow(rng.Float64(), 2)), Recipient: 1 + rng.Uint64N(5), ID: rng.Uint64(),
		})
	}
	answers, err := sink.Simulate(b, seed, arrivals)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	f, err := results.Create(path, results.Header{Run: name, Corpus: "sha256:1", PlanHash: plan, Settings: map[string]string{"volume": "1"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	var book replay.Book
	for i, a := range arrivals {
		res := replay.Result{
			Seq: int64(i), Kind: a.Kind, Intended: a.At, Sent: a.At + 20*time.Microsecond, Done: answers[i].At + 20*time.Microsecond, Status: answers[i].Status,
			Known: true, Person: uint32(a.Person * 2654435761), Recipient: uint32(a.Recipient),
		}
		book.Of(a.Kind).Recorded++
		book.Of(a.Kind).Count(&res)
		if err := f.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Disturbed(new(replay.Disturbances)); err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(replay.Outcome{State: replay.Complete, Ledger: book.Ledger(), Planned: at}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCompareTellsForWhom compares runs of a sink of which one has a race per person: what is told, of one pair and over rounds; of equal
// runs, and of runs of two plans, nothing is.
func TestCompareTellsForWhom(t *testing.T) {
	const calm = "default: {latency: {p50: 8ms, p99: 20ms}}\n"
	const race = "default: {latency: {p50: 8ms, p99: 20ms}, same_person: {within: 1s, slower: 180ms}}\n"
	dir := t.TempDir()
	var base, candidate []string
	for i, seed := range []uint64{1, 2, 3} {
		base = append(base, simulated(t, dir, "base"+string(rune('1'+i))+".rpr", calm, seed, "plan"))
		candidate = append(candidate, simulated(t, dir, "candidate"+string(rune('1'+i))+".rpr", race, 10+seed, "plan"))
	}
	other := simulated(t, dir, "other.rpr", race, 5, "another plan")
	const slower = `Slower for requests of a person who had texted less than 1 s before: \+1[78]\d ms in the middle \(p50 \d\.\d\d ms to 18\d ms, .*\n` +
		`Nobody else: the other [\d,]+ requests differ by less than 1\.\d\d ms in the middle\.\n`
	const faster = `Faster for requests of a person who had texted less than 1 s before: -1[78]\d ms in the middle .*\nNobody else: `
	for _, tc := range []struct {
		name, says string // no group at all where says is ""
		files      []string
	}{
		{"a race", slower, []string{base[0], candidate[0]}},
		{"rounds", slower, []string{base[0], candidate[0], base[1], candidate[1], base[2], candidate[2]}},
		{"the race is gone", faster, []string{candidate[0], base[0]}},
		{"equal", "", []string{base[0], base[1]}},
		{"equal with a race", "", []string{candidate[0], candidate[1]}},
		{"invalid", "", []string{base[0], other}},
	} {
		j := rounds.Judge{}
		c, err := j.Files(t.Context(), tc.files)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		var b bytes.Buffer
		if err := report.WriteComparison(&b, report.Text, c); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if !regexp.MustCompile(tc.says).MatchString(text) || tc.says == "" && (strings.Contains(text, "Slower for") || strings.Contains(text, "Faster for")) {
			t.Errorf("%s: %s", tc.name, text[:min(len(text), 1500)])
		}
		if strings.Contains(text, "reprise why") { // for runs that are not faithful alone
			t.Errorf("%s: it says how to look at the candidate alone", tc.name)
		}
		if invalid := tc.name == "invalid"; invalid != (c.Causes == nil) {
			t.Errorf("%s: causes %+v", tc.name, c.Causes)
		}
	}
}
