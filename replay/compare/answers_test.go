package compare

import (
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay/internal/answers"
)

// say gives every request of a run a body.
func (f *fake) say(body func(seq int64, kind capture.Kind) string) *fake {
	var k answers.Keeper
	for i := range f.rows {
		r := &f.rows[i]
		text := []byte(body(r.Seq, r.Kind))
		r.Hash = crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
		k.Keep(r.Hash, text)
	}
	f.answers = k.Shapes()
	return f
}

func quiet() weather {
	return weather{requests: 1500, length: 60 * time.Second, base: 20 * time.Millisecond, drift: 0.01, lasting: time.Second}
}

// receiver answers with an id of its own, a status, and a queue's number that wobbles.
func receiver(run int64, status string, wobble int64) func(int64, capture.Kind) string {
	return func(seq int64, kind capture.Kind) string {
		if kind != capture.Reaction {
			return fmt.Sprintf(`{"id":"%08x-0000-4000-8000-%012x","status":"queued"}`, run, seq)
		}
		return fmt.Sprintf(`{"id":"%08x-0000-4000-8000-%012x","status":%q,"queue":%d}`, run, seq, status, (seq*run)%wobble)
	}
}

// TestAnswersDiffer plays three rounds: the candidate's reactions are answered with another status; ids differ always, and
// the queue's number differs between the base runs as well.
func TestAnswersDiffer(t *testing.T) {
	s := NewRounds(Options{})
	for i := range int64(3) {
		base := quiet().play(1, uint64(10+i)).say(receiver(100+i, "queued", 7))
		candidate := quiet().play(1, uint64(20+i)).say(receiver(200+i, "lost", 7))
		if err := s.Add(t.Context(), base, candidate); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.Comparison()
	if err != nil {
		t.Fatal(err)
	}
	var changed []string
	for _, f := range c.Answers.Findings {
		if f.Verdict == AnswerChanged {
			changed = append(changed, f.Kind+" "+f.Path+" "+f.What)
		}
		if len(f.Samples) > maxSamples {
			t.Errorf("%d samples", len(f.Samples))
		}
	}
	if strings.Join(changed, ", ") != "reaction status value" {
		t.Errorf("changed: %q, want the status of reactions alone", changed)
	}
	if !c.Answers.Changed() {
		t.Error("Changed is false")
	}
}

// TestErrorPagesAreNoChange gives one answer in fifty an error and its page: the bodies of the others are compared alone.
func TestErrorPagesAreNoChange(t *testing.T) {
	fails := func(f *fake) *fake {
		for i := range f.rows {
			if i%50 == 0 {
				f.rows[i].Status, f.rows[i].Hash = 503, 1
			}
		}
		f.answers = append(f.answers, answers.Shape{Hash: 1, Form: "text", Bytes: 4})
		return f
	}
	ok := func(seq int64, _ capture.Kind) string { return `{"status":"queued"}` }
	c := runs(t, quiet().play(1, 1).say(ok), fails(quiet().play(1, 1).say(ok)))
	if c.Answers == nil || len(c.Answers.Findings) > 0 || c.Answers.OtherStatus != 30 || c.Answers.Same != 1470 || c.Answers.Pairs != 1470 {
		t.Errorf("%+v", c.Answers)
	}
	moved := quiet().play(1, 1).say(func(int64, capture.Kind) string { return "moved" })
	for i := range moved.rows {
		moved.rows[i].Status = 302
	}
	if c := runs(t, quiet().play(1, 1).say(ok), moved); !c.Answers.Changed() {
		t.Error("another body is no change where the answers are of two classes that are both good")
	}
}

// TestCountedIDs plays rounds of a receiver that counts its messages: that they differ is noise, but for a number that is
// the same in all base runs.
func TestCountedIDs(t *testing.T) {
	counted := func(run, template int64) func(int64, capture.Kind) string {
		return func(seq int64, _ capture.Kind) string {
			return fmt.Sprintf(`{"id":%d,"template_id":%d}`, 90+run*1000+seq, template)
		}
	}
	pair := func(i, template int64) (base, candidate *fake) {
		return quiet().play(1, uint64(i)).say(counted(i, 5)), quiet().play(1, uint64(i+50)).say(counted(i+50, template))
	}
	changed := func(c *Comparison) string {
		found := make(map[string]bool)
		for _, f := range c.Answers.Findings {
			if f.Verdict == AnswerChanged {
				found[f.Path] = true
			}
		}
		return strings.Join(slices.Sorted(maps.Keys(found)), ", ")
	}
	base, candidate := pair(1, 5)
	if got := changed(runs(t, base, candidate)); got != "" {
		t.Errorf("one pair: changed %q, want nothing", got)
	}
	s := NewRounds(Options{})
	for i := range int64(3) {
		base, candidate := pair(i, 6)
		if err := s.Add(t.Context(), base, candidate); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.Comparison()
	if err != nil {
		t.Fatal(err)
	}
	if got := changed(c); got != "template_id" {
		t.Errorf("rounds: changed %q, want template_id", got)
	}
}

// TestNoiseFile learns from two runs of one build, and then one pair is judged by what was learned.
func TestNoiseFile(t *testing.T) {
	a := quiet().play(1, 1).say(receiver(100, "queued", 7))
	learned := runs(t, a, quiet().play(1, 2).say(receiver(101, "queued", 7))).Answers.Learn(nil)
	again := func(status string, n *Noise) string {
		a.next = 0
		c, err := Runs(t.Context(), a, quiet().play(1, 3).say(receiver(102, status, 7)), Options{Noise: n})
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, f := range c.Answers.Findings {
			if f.Verdict == AnswerChanged {
				list = append(list, f.Kind+" "+f.Path)
			}
		}
		slices.Sort(list)
		return strings.Join(list, ", ")
	}
	for _, tc := range []struct {
		name, status, want string
		noise              *Noise
	}{
		{"nothing known", "queued", "reaction queue", nil},
		{"learned", "queued", "", learned},
		{"learned, and another status", "lost", "reaction status", learned},
		{"ignored", "lost", "reaction queue", &Noise{Paths: []NoisePath{{Path: "sta*", Rule: "ignore"}}}},
		{"of another kind", "lost", "reaction queue, reaction status", &Noise{Paths: []NoisePath{{Kind: "help", Path: "*", Rule: "ignore"}}}},
	} {
		if got := again(tc.status, tc.noise); got != tc.want {
			t.Errorf("%s: changed %q, want %q", tc.name, got, tc.want)
		}
	}
	if got := again("queued", &Noise{Paths: []NoisePath{{Kind: "reaction", Path: "id", Rule: "strict"}, {Path: "queue", Rule: "ignore"}}}); got != "reaction id" {
		t.Errorf("strict: changed %q, want reaction id", got)
	}
}

func TestReadNoiseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "{}", `{"schema":"reprise.noise/2","paths":[]}`, `{"schema":"reprise.noise/1","paths":[{"path":"[","rule":"ignore"}]}`,
		`{"schema":"reprise.noise/1","paths":[{"path":"a","rule":"maybe"}]}`, `{"schema":"reprise.noise/1","paths":[{"path":"a","rule":"learned","differ":2,"pairs":1}]}`,
		`{"schema":"reprise.noise/1","paths":[{"path":"a","kind":"song","rule":"ignore"}]}`,
	} {
		if _, err := ReadNoise(strings.NewReader(text)); !errors.Is(err, ErrNoise) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
