package report

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay/cause"
	"reprise/replay/results"
)

var none = math.NaN()

// quantiles in milliseconds.
func quantiles(p50, p90, p99 float64) cause.Quantiles {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	return cause.Quantiles{P50: ms(p50), P90: ms(p90), P99: ms(p99)}
}

func within(a cause.Attribute, d time.Duration) cause.Condition {
	return cause.Condition{Attribute: a, From: none, To: float64(d)}
}

func atLeast(a cause.Attribute, v float64) cause.Condition {
	return cause.Condition{Attribute: a, From: v, To: none}
}

func oneOf(a cause.Attribute, values ...string) cause.Condition {
	return cause.Condition{Attribute: a, Values: values, From: none, To: none}
}

// shapes are findings of every pattern, and of every measure and form of rule.
func shapes() []cause.Finding {
	where := func(c ...cause.Condition) []cause.Condition { return c }
	calm := quantiles(10.5, 12, 20)
	list := []cause.Finding{
		{
			Pattern: cause.PersonRace, Whose: cause.OfTarget, Where: where(within(cause.SamePersonWithin, time.Second)), Requests: 114,
			TailExplained: 0.92, ExcessExplained: 0.88, With: quantiles(300, 310, 330), Without: calm, P: 1.0 / 1001, Try: cause.SerialSenders,
		},
		{
			Pattern: cause.OneConsumer, Whose: cause.OfTarget, Measure: cause.CompletionTime, Where: where(oneOf(cause.Kind, "custom_keyword")), Requests: 60,
			TailExplained: 1, ExcessExplained: 0.99, With: quantiles(240000, 900000, 1020000), Without: quantiles(900, 1400, 2100), P: 0.0004,
			Servers: 1, Try: cause.WithoutKind, Same: [][]cause.Condition{where(atLeast(cause.KindBurst10s, 40))},
		},
		{
			Pattern: cause.SharedPool, Whose: cause.OfTarget, Measure: cause.CompletionTime, Where: where(oneOf(cause.Kind, "unrecognized", "info", "help")),
			Requests: 300, TailExplained: 0.7, With: quantiles(4000, 5000, 6000), Without: quantiles(90, 140, 210), P: 0.002, Servers: 4, Try: cause.HalfRate,
		},
		{
			Pattern: cause.Queue, Whose: cause.OfTarget, Where: where(atLeast(cause.Burst1s, 40)), Requests: 90, TailExplained: 0.6,
			With: quantiles(80, 120, 200), Without: calm, P: 0.004, Servers: 8, Try: cause.HalfRate,
			Same: [][]cause.Condition{where(oneOf(cause.Kind, "reaction")), where(cause.Condition{Attribute: cause.InFlight, From: 10, To: 20})},
		},
		{
			Pattern: cause.SharedCPU, Whose: cause.OfTarget, Measure: cause.Latency, Where: where(atLeast(cause.InFlight, 12)), Requests: 150,
			TailExplained: 0.8, With: quantiles(14, 90, 200), Without: calm, P: 0.001, Try: cause.HalfRate,
		},
		{
			Pattern: cause.RepeatSlow, Whose: cause.OfTarget, Where: where(oneOf(cause.Kind, "subscribe"), within(cause.SamePersonWithin, time.Minute)), Requests: 30,
			TailExplained: 0.5, With: quantiles(11, 13, 200), Without: calm, P: 0.01, Try: cause.SerialSenders,
		},
		{
			Pattern: cause.Stall, Whose: cause.OfTarget, Span: cause.Span{From: 12 * time.Second, To: 13 * time.Second}, Requests: 11,
			TailExplained: 0.96, With: quantiles(520, 900, 990), Without: calm, P: 0.0001, Try: cause.SameAgain,
		},
		{
			Pattern: cause.Periodic, Whose: cause.OfTarget, Period: 30 * time.Second, Requests: 40, TailExplained: 0.9, With: quantiles(200, 290, 300),
			Without: calm, P: 0.0009, Try: cause.HalfRate,
		},
		{
			Pattern: cause.Drift, Whose: cause.OfTarget, Span: cause.Span{From: 0, To: 10 * time.Minute}, Requests: 600, With: quantiles(100, 290, 300),
			P: 0.0009, Try: cause.RestedTarget,
		},
		{
			Pattern: cause.Step, Whose: cause.OfTarget, Span: cause.Span{From: 40 * time.Second}, Requests: 400, TailExplained: 0.33,
			With: quantiles(30, 35, 50), Without: calm, P: 0.0009, Try: cause.SameAgain,
		},
		{
			Pattern: cause.ColdStart, Whose: cause.OfTarget, Span: cause.Span{To: 5 * time.Second}, Requests: 50, TailExplained: 0.6,
			With: quantiles(60, 100, 120), Without: calm, P: 0.0009, Try: cause.RestedTarget,
		},
		{
			Pattern: cause.FollowsFigure, Whose: cause.OfTarget, Where: where(cause.Condition{Attribute: cause.Watched, Series: "cpu", From: 0.9, To: none}),
			Series: "cpu", Leads: 2 * time.Second, Requests: 100, TailExplained: 0.7, With: quantiles(60, 100, 120), Without: calm, P: 0.003,
			Try: cause.HalfRate,
		},
		{
			Pattern: cause.SlowRecipient, Whose: cause.OfTarget, Measure: cause.Failing, Class: "status 500", Where: where(oneOf(cause.Recipient, "1", "3")),
			Requests: 100, TailExplained: 0.97, FailedWith: 0.3, FailedWithout: 0.001, P: 0.0001, Try: cause.OtherRecipients,
		},
		{
			Pattern: cause.SlowKind, Whose: cause.OfTarget, Measure: cause.NeverCompleted, Where: where(oneOf(cause.Media, "yes"), oneOf(cause.Encoding, "ucs2")),
			Requests: 20, TailExplained: 1, FailedWith: 0.5, P: 0.0001,
		},
		{
			Pattern: cause.Unexplained, Whose: cause.OfTarget, Where: where(cause.Condition{Attribute: cause.RunSecond, From: 30, To: 45}), Requests: 100,
			TailExplained: 0.7, With: quantiles(12, 60, 120), Without: calm, P: 0.3, Try: cause.SameAgain,
		},
		{
			Pattern: cause.TooFewSenders, Whose: cause.OfTest, Where: where(within(cause.SamePersonWithin, 250*time.Millisecond)), Requests: 598,
			With: quantiles(300, 310, 330), Without: calm, Try: cause.OtherSenders,
		},
		{Pattern: cause.KindsInBatches, Whose: cause.OfTest, Try: cause.ShuffleKinds},
		{
			Pattern: cause.RepeatedIDs, Whose: cause.OfTest, Measure: cause.Failing, Class: "status 409", Requests: 580, FailedWith: 1, TailExplained: 1,
			Try: cause.FreshIDs,
		},
		{Pattern: cause.ClockStepped, Whose: cause.OfTest, Try: cause.SameAgain},
		{
			Pattern: cause.ToolStarved, Whose: cause.OfTool, Measure: cause.Lag, Where: where(atLeast(cause.ToolStop, 5e6)), Requests: 40,
			TailExplained: 0.9, With: quantiles(50, 90, 120), Without: quantiles(0.1, 0.2, 0.4), P: 0.0009, Try: cause.OtherMachine,
		},
		{
			Pattern: cause.CapFull, Whose: cause.OfTool, Measure: cause.Lag, Where: where(atLeast(cause.ToolLag, 1e7)), Requests: 40,
			TailExplained: 0.9, With: quantiles(50, 90, 120), Without: quantiles(0.1, 0.2, 0.4), P: 0.0009, Try: cause.HalfRate,
		},
		{
			Pattern: cause.FirstSeen, Whose: cause.OfTarget, Where: where(oneOf(cause.FirstOfPerson, "yes")), Requests: 200, TailExplained: 0.9,
			With: quantiles(50, 60, 70), Without: calm, P: 0.0001, Try: cause.OtherSenders,
		},
		{
			Pattern: cause.NewConnections, Whose: cause.OfTarget, Where: where(oneOf(cause.NewConnection, "yes")), Requests: 20, TailExplained: 0.5,
			With: quantiles(50, 60, 70), Without: calm, P: 0.0001,
		},
		{
			Pattern: cause.LargePayload, Whose: cause.OfTarget, Where: where(atLeast(cause.BodyBytes, 4096)), Requests: 30, TailExplained: 0.8,
			With: quantiles(50, 60, 70), Without: calm, P: 0.0001,
		},
		{
			Pattern: cause.RecipientLock, Whose: cause.OfTarget, Where: where(within(cause.SameRecipientWithin, 50*time.Millisecond)), Requests: 30,
			TailExplained: 0.8, With: quantiles(50, 60, 70), Without: calm, P: 0.0001,
		},
		{
			Pattern: cause.ToolStarved, Whose: cause.OfTool, Span: cause.Span{From: 2 * time.Second, To: 20 * time.Second}, Requests: 27, TailExplained: 0.3,
			With: quantiles(26, 95, 118), Without: calm, P: 0.0002, Try: cause.OtherMachine,
		},
	}
	for i := range list { // all have an answer, but for those that are never completed
		list[i].Share = float64(list[i].Requests) / 600
	}
	list[13].Share = 20.0 / 500
	return list
}

func whyOf(r cause.Report) *Why {
	named := func(option string) string {
		if option == "KeepIDs" {
			return "--keep-ids"
		}
		return "-" + regexp.MustCompile(`[A-Z]`).ReplaceAllStringFunc(option, func(s string) string { return "-" + strings.ToLower(s) })
	}
	return &Why{Report: &r, Run: "friday.rpr", Named: named, Again: Again{
		Corpus: "friday's.rpz", Target: "http://127.0.0.1:9000", Flags: map[string]string{"--time-scale": "3", "--keep-ids": "", "--senders": "one.csv"},
		Senders: true,
	}}
}

// TestWhyGolden words findings of every pattern.
func TestWhyGolden(t *testing.T) {
	y := whyOf(cause.Report{Findings: shapes(), Requests: 600, Missing: []cause.Missing{
		{Attribute: cause.Intent, Why: cause.NoCorpus},
		{Attribute: cause.Encoding, Why: cause.NoCorpus},
		{Attribute: cause.NewConnection, Why: cause.OldRun},
		{Attribute: cause.ToolStop, Why: cause.CutRun},
		{Attribute: cause.Vendor, Why: cause.OneValue},
		{Attribute: cause.Watched, Why: cause.NotWatched},
		{Attribute: cause.Media, Why: cause.NotInIt},
	}})
	for name, f := range map[string]Format{"why.txt": Text, "why.md": Markdown, "why.html": HTML, "why.json": JSON} {
		text := golden(t, name, func(w io.Writer) error { return WriteWhy(w, f, y) })
		for _, bad := range []string{"NaN", "Inf", "%!", "unknown", "  ,", ": :", ". ."} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
	if err := WriteWhy(io.Discard, JUnit, y); err == nil {
		t.Error("why has a JUnit form")
	}
}

// TestEveryPatternHasWords holds that no pattern, experiment, measure or reason is told as another.
func TestEveryPatternHasWords(t *testing.T) {
	seen := make(map[string]cause.Pattern)
	for p := cause.Unexplained; p <= cause.CapFull; p++ {
		owner := cause.OfTarget
		if p >= cause.TooFewSenders {
			owner = cause.OfTest
		}
		w := patternOf(&cause.Finding{Pattern: p, Whose: owner})
		if other, twice := seen[w.code]; twice || w.title == "" || w.happens == "" || w.usually == "" {
			t.Errorf("pattern %d: %+v; code is that of %d too: %v", p, w, other, twice)
		}
		seen[w.code] = p
	}
	says := make(map[string]bool)
	again := Again{}
	for e := cause.SerialSenders; e <= cause.RestedTarget; e++ {
		x := again.experimentOf(&cause.Finding{Try: e, Where: []cause.Condition{oneOf(cause.Kind, "help")}}, nil)
		if x.command == "" || says[x.says] {
			t.Errorf("experiment %d: %+v", e, x)
		}
		says[x.says] = true
	}
	for r := cause.NothingSlow; r <= cause.ToolDisturbed; r++ {
		if code := reasonCode(r); code == "" || says[code] {
			t.Errorf("reason %d is called %q", r, code)
		} else {
			says[code] = true
		}
	}
	for _, d := range cause.Definitions() {
		c := cause.Condition{Attribute: d.Attribute, Values: []string{"a"}, From: 1, To: 2}
		if d.Form == cause.Flag {
			c.Values = []string{"yes"}
		}
		if p := conditionPhrase(c); p == "" || strings.Contains(p, d.Name) && strings.Contains(d.Name, "_") || says[p] {
			t.Errorf("%s is told as %q", d.Name, p)
		} else {
			says[p] = true
		}
	}
}

// TestWhyNot words what cannot be told.
func TestWhyNot(t *testing.T) {
	for _, tc := range []struct {
		not  cause.WhyNot
		want string
	}{
		{cause.WhyNot{Reason: cause.NothingSlow}, "NOTHING SLOW  why friday.rpr was slow\nNothing is slow enough beside the middle to ask for a cause.\n"},
		{cause.WhyNot{Reason: cause.TooFew, Needed: 1000}, "CANNOT BE TOLD  why friday.rpr was slow\nIt cannot be told from 20 requests: about 1,000 are needed.\n"},
		{cause.WhyNot{Reason: cause.NoAnswers, Class: "status 500", Answered: true}, "all requests failed alike (status 500). The target did answer: see first"},
		{cause.WhyNot{Reason: cause.NoAnswers, Class: "refused"}, "all requests failed alike (refused). See first that the target answers."},
		{cause.WhyNot{Reason: cause.NoAnswers, Answered: true}, "nearly all requests failed, and not in one way. The target did answer"},
		{cause.WhyNot{Reason: cause.NoPattern, Needed: 12000}, "nothing that is known of them goes with it. With about 12,000 requests there would be more to see."},
		{cause.WhyNot{Reason: cause.ToolDisturbed}, "the tool itself was disturbed"},
	} {
		var b bytes.Buffer
		if err := WriteWhy(&b, Text, whyOf(cause.Report{WhyNot: &tc.not, Requests: 20})); err != nil || !strings.Contains(b.String(), tc.want) {
			t.Errorf("reason %d: %v: %q does not say %q", tc.not.Reason, err, b.String(), tc.want)
		}
	}
}

// TestNeverNoneSeen holds that a summary in which p99 is ten times p50 or more says why, or that it cannot be told.
func TestNeverNoneSeen(t *testing.T) {
	found := cause.Report{Findings: shapes()[:1], Requests: 600}
	tools := cause.Report{Findings: []cause.Finding{{Pattern: cause.ToolStarved, Whose: cause.OfTool}}, Requests: 600}
	lag := cause.Report{Findings: []cause.Finding{{Pattern: cause.ToolStarved, Whose: cause.OfTool, Measure: cause.Lag}}, Untold: cause.Untold{Failed: 258, Slow: 1}, Requests: 1440}
	tests := cause.Report{Findings: []cause.Finding{{Pattern: cause.RepeatedIDs, Whose: cause.OfTest}}, Requests: 600}
	for _, tc := range []struct {
		name string
		p99  time.Duration
		why  *cause.Report
		want string
	}{
		{"no tail", 99, nil, "target bottlenecks: none seen."},
		{"no tail and nothing found", 99, &cause.Report{WhyNot: &cause.WhyNot{Reason: cause.TooFew}}, "target bottlenecks: none seen."},
		{"a cause without a tail", 99, &found, "target bottlenecks: see why, above."},
		{"not looked for", 100, nil, "target bottlenecks: the slowest hundredth took 10 times as long as the middle, and why was not looked for: reprise why RUN.rpr does."},
		{"a cause", 300, &found, "target bottlenecks: see why, above."},
		{"the tool's own", 300, &tools, "took 30 times as long as the middle, and it cannot be told whether that is the target's: see above."},
		{"the tool's lag alone", 300, &lag, "took 30 times as long as the middle, and it cannot be told why."},
		{"failures beside the tool's lag", 300, &lag, "Why 258 requests failed cannot be told: nothing that is known of them goes with it.\n"},
		{"slow ones beside the tool's lag", 300, &lag, "Why 1 request took five times as long as the middle or longer cannot be told: what the tool did"},
		{"the test's own", 300, &tests, "took 30 times as long as the middle, and why is said above."},
		{"cannot tell", 300, &cause.Report{WhyNot: &cause.WhyNot{Reason: cause.NoPattern}}, "and it cannot be told why."},
	} {
		r := &results.Run{}
		r.Summary.Latency = results.Quantiles{P50: 10, P99: tc.p99}
		var y *Why
		if tc.why != nil {
			y = whyOf(*tc.why)
		}
		var b bytes.Buffer
		if err := WriteRun(&b, Text, r, y); err != nil || !strings.Contains(b.String(), tc.want) {
			t.Errorf("%s: %v: %q is not in\n%s", tc.name, err, tc.want, b.String())
		}
		if tc.p99 >= 100 && strings.Contains(b.String(), "none seen") {
			t.Errorf("%s: none seen", tc.name)
		}
	}
}

// TestRunSaysWhy holds that a run's summary says why first, and its JSON and its report have it.
func TestRunSaysWhy(t *testing.T) {
	r := run(t)
	y := whyOf(cause.Report{Findings: shapes()[:5], Requests: 600})
	text := golden(t, "runwhy.txt", func(w io.Writer) error { return WriteRun(w, Text, r, y) })
	if !strings.HasPrefix(strings.SplitN(text, "\n", 3)[1], "why (the target's): Requests of a person who had texted less than 1 s before took 300 ms") {
		t.Error("the first line after the verdict does not say why")
	}
	golden(t, "runwhy.html", func(w io.Writer) error { return WriteRun(w, HTML, r, y) })
	var b bytes.Buffer
	if err := WriteRun(&b, JSON, r, y); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Ledger struct{ OK int64 }
		Why    []struct {
			Where map[string]any
			Says  string
		}
		WhyNot *struct{} `json:"why_not"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Ledger.OK == 0 || len(got.Why) != 5 || got.Why[0].Where["same_person_within"] != "<1s" || got.Why[0].Says == "" {
		t.Errorf("%v: %+v", err, got)
	}
}

func TestChance(t *testing.T) {
	for _, tc := range []struct {
		p    float64
		want string
	}{
		{1.0 / 1001, "less than 1 in 1,000"},
		{0.001, "less than 1 in 1,000"},
		{0.0045, "less than 1 in 200"},
		{0.04, "less than 1 in 20"},
		{0.7, "about 1 in 2"},
		{1e-300, "less than 1 in 1,000,000"},
		{0, ""},
		{math.NaN(), ""},
	} {
		if got := chance(tc.p); got != tc.want {
			t.Errorf("chance(%v) = %q, want %q", tc.p, got, tc.want)
		}
	}
}

func TestCommandsAreQuoted(t *testing.T) {
	a := Again{Corpus: "a b's.rpz", Flags: map[string]string{"--from": "2022-11-25T14:00:00Z", "--stop-on": "errors>50%/10s"}}
	got := a.experimentOf(&cause.Finding{Try: cause.SameAgain}, func(o string) string { return "--" + strings.ToLower(o) }).command
	if want := `reprise replay 'a b'\''s.rpz' --target URL --from 2022-11-25T14:00:00Z --stop-on 'errors>50%/10s' --file again.rpr`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Half the rate takes twice the time to drain; slots that were taken are raised. Causes are numbered as they are told.
func TestWhatHalfTheRateChanges(t *testing.T) {
	named := func(o string) string {
		return map[string]string{"TimeScale": "--time-scale", "MaxRate": "--max-rate", "MaxInFlight": "--max-in-flight"}[o] + map[string]string{"Drain": "--drain", "Target": "--target", "File": "-o"}[o]
	}
	flags := map[string]string{"--time-scale": "4", "--outage": "40s..70s", "--drain": "1m30s", "--max-rate": "500/s", "--seed": "7"}
	for _, tc := range []struct {
		name  string
		f     cause.Finding
		slots int
		want  string
	}{
		{"a queue", cause.Finding{Pattern: cause.Queue, Try: cause.HalfRate}, 512, "--drain 3m --max-rate 250/s --outage 40s..70s --seed 7 --time-scale 2 -o again.rpr"},
		{"slots", cause.Finding{Pattern: cause.CapFull, Try: cause.HalfRate}, 512, "--drain 1m30s --max-in-flight 4096 --max-rate 500/s --outage 40s..70s --seed 7 --time-scale 4 -o again.rpr"},
		{"slots of an old file", cause.Finding{Pattern: cause.CapFull, Try: cause.HalfRate}, 0, "--drain 3m --max-rate 250/s --outage 40s..70s --seed 7 --time-scale 2 -o again.rpr"},
		{"the same", cause.Finding{Try: cause.SameAgain}, 512, "--drain 1m30s --max-rate 500/s --outage 40s..70s --seed 7 --time-scale 4 -o again.rpr"},
	} {
		a := Again{Flags: flags, Slots: tc.slots}
		if got, want := a.experimentOf(&tc.f, named).command, "reprise replay CORPUS.rpz --target URL "+tc.want; got != want {
			t.Errorf("%s: %s, want %s", tc.name, got, want)
		}
	}
}

func TestCausesAreNumberedAsTold(t *testing.T) {
	tool := cause.Finding{Pattern: cause.ToolStarved, Whose: cause.OfTool, Requests: 9}
	vendor := cause.Finding{Where: []cause.Condition{oneOf(cause.Vendor, "telnyx")}, Requests: 9}
	list := []cause.Finding{tool, vendor, tool, vendor}
	var got []int
	for i := range list {
		got = append(got, CauseNumber(list, i))
	}
	if want := []int{1, 2, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
	for number, want := range []int{-1, 0, 1, 3, -1} {
		if at, of := CauseAt(list, number); at != want || of != 3 {
			t.Errorf("cause %d is finding %d of %d numbers, want %d of 3", number, at, of, want)
		}
	}
	if at, of := CauseAt(nil, 1); at != -1 || of != 0 {
		t.Errorf("of none: %d of %d", at, of)
	}
}

// TestFirstThatCanBeTested holds which cause a test is offered of, with what flags, and what confirms those that no replay does.
func TestFirstThatCanBeTested(t *testing.T) {
	large := cause.Finding{Pattern: cause.LargePayload, Where: []cause.Condition{atLeast(cause.BodyBytes, 500)}, Requests: 9}
	vendor := cause.Finding{Where: []cause.Condition{oneOf(cause.Vendor, "telnyx")}, Requests: 9}
	burst := cause.Finding{Where: []cause.Condition{atLeast(cause.Burst1s, 5)}, Requests: 9}
	tool := cause.Finding{Pattern: cause.ToolStarved, Whose: cause.OfTool, Try: cause.OtherMachine, Requests: 9}
	stranger := cause.Finding{Pattern: cause.FirstSeen, Where: []cause.Condition{oneOf(cause.FirstOfPerson, "yes")}, Try: cause.OtherSenders, Requests: 9}
	late := cause.Finding{Measure: cause.CompletionTime, Where: []cause.Condition{oneOf(cause.Kind, "help")}, Try: cause.WithoutKind, Requests: 9}
	named := func(o string) string { return "--" + strings.ToLower(o) }
	for _, tc := range []struct {
		name      string
		findings  []cause.Finding
		again     Again
		want, not string
	}{
		{"what a request is", []cause.Finding{large}, Again{}, "To have it tested: reprise why run.rpr --test --target URL\n", "reprise replay"},
		{"it says so", []cause.Finding{large}, Again{}, "have it tested: with the requests mixed over the same moments it has to stay with these:\n    reprise why run.rpr --test --target URL\n", ""},
		{"each by its number", []cause.Finding{tool, vendor, large}, Again{}, "    reprise why run.rpr --test --cause 3 --target URL\n", ""},
		{"as it is told", []cause.Finding{tool, tool, vendor}, Again{}, "    reprise why run.rpr --test --cause 2 --target URL\n", "ause 3"},
		{"the first of them", []cause.Finding{tool, vendor, large}, Again{}, "To have one tested: reprise why run.rpr --test --cause 2 --target URL\n", ""},
		{"none can be", []cause.Finding{tool, burst}, Again{}, "CAUSES", "tested"},
		{"a stranger", []cause.Finding{stranger}, Again{}, "people that the target has not seen, by a FILE of their numbers (those of this run it knows by now):\n    reprise replay CORPUS.rpz --target URL --senders FILE --file again.rpr\n", "recorded people"},
		{"a stranger of --senders", []cause.Finding{stranger}, Again{Senders: true}, "--senders FILE", "tested"},
		{"completions of unknown files", []cause.Finding{late}, Again{}, "To have it tested: reprise why run.rpr --test --completions FILE --target URL\n", ""},
		{"those that were given", []cause.Finding{late}, Again{Given: []string{"--completions", "my done.csv"}}, "reprise why run.rpr --completions 'my done.csv' --test --target URL\n", "FILE"},
	} {
		y := &Why{Report: &cause.Report{Findings: tc.findings, Requests: 100}, Run: "run.rpr", Named: named, Again: tc.again}
		var b bytes.Buffer
		if err := WriteWhy(&b, Text, y); err != nil || !strings.Contains(b.String(), tc.want) || tc.not != "" && strings.Contains(b.String(), tc.not) {
			t.Errorf("%s: %v: want %q, not %q:\n%s", tc.name, err, tc.want, tc.not, b.String())
		}
	}
}

// TestUnboundedGap holds that a rule of whoever had come before, whenever that was, is told as that.
func TestUnboundedGap(t *testing.T) {
	c := cause.Condition{Attribute: cause.SamePersonWithin, From: none, To: none}
	if got, value := conditionPhrase(c), valueJSON(c); got != "of a person who had texted before" || value != ">=0s" {
		t.Errorf("it is told as %q, and %q in JSON", got, value)
	}
}

// TestByHand holds that each cause that no run of the tool would tell of has an advice of its own.
func TestByHand(t *testing.T) {
	says := make(map[string]bool)
	for _, f := range []cause.Finding{
		{Try: cause.OtherMachine},
		{Try: cause.RestedTarget},
		{Try: cause.OtherRecipients},
		{Try: cause.OtherSenders, Pattern: cause.FirstSeen},
		{Try: cause.SameAgain, Pattern: cause.FollowsFigure},
		{},
	} {
		text := ByHand(&f, func(o string) string { return "--" + strings.ToLower(o) })
		if says[text] || !strings.Contains(text, "play the same") && !strings.Contains(text, "play it") {
			t.Errorf("%+v: %s", f, text)
		}
		says[text] = true
	}
}

// TestOwnIsSaidOnce holds that a summary says the tool's own once, of whichever measure, and each of other causes.
func TestOwnIsSaidOnce(t *testing.T) {
	starved := cause.Finding{Pattern: cause.ToolStarved, Whose: cause.OfTool, Requests: 9, With: quantiles(9, 9, 9)}
	late := starved
	late.Measure = cause.Lag
	slow := shapes()[0]
	for _, tc := range []struct {
		findings []cause.Finding
		want     int
		last     string
	}{
		{[]cause.Finding{starved, late, slow}, 2, "lock or a race per person."},
		{[]cause.Finding{slow, slow, slow, slow, slow, late, starved}, 4, "why: 3 more causes."},
	} {
		got := whyOf(cause.Report{Findings: tc.findings, Requests: 600}).lead(false)
		if len(got) != tc.want || !strings.HasSuffix(got[len(got)-1], tc.last) {
			t.Errorf("%d lines: %s", len(got), strings.Join(got, "\n"))
		}
	}
}

// TestWhyOfAnything words findings that no search makes, with numbers that are none.
func TestWhyOfAnything(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := []float64{none, math.Inf(1), math.Inf(-1), 0, -1, 0.5, 1, 1e300, 5e-324}
	number := func() float64 { return numbers[random.IntN(len(numbers))] }
	lengths := []time.Duration{0, -1, 1, time.Second, math.MaxInt64, math.MinInt64}
	length := func() time.Duration { return lengths[random.IntN(len(lengths))] }
	for range 400 {
		rule := func() (out []cause.Condition) {
			for range random.IntN(3) {
				c := cause.Condition{Attribute: cause.Attribute(random.IntN(40)), From: number(), To: number(), Series: "\x1b[2J<b>"}
				for range random.IntN(3) {
					c.Values = append(c.Values, "x\x1b[31m<i>`|")
				}
				out = append(out, c)
			}
			return out
		}
		q := func() cause.Quantiles { return cause.Quantiles{P50: length(), P90: length(), P99: length()} }
		f := cause.Finding{
			Measure: cause.Measure(random.IntN(8)), Where: rule(), Same: [][]cause.Condition{rule()}, Pattern: cause.Pattern(random.IntN(30)), Whose: cause.OfTool,
			Requests: int64(random.IntN(9) - 1), Share: number(), TailExplained: number(), ExcessExplained: number(), With: q(), Without: q(), FailedWith: number(),
			FailedWithout: number(), P: number(), Span: cause.Span{From: length(), To: length()}, Period: length(), Servers: random.IntN(3), Leads: length(),
			Try: cause.Experiment(random.IntN(14)), Class: "\x1b]0;x",
		}
		y := whyOf(cause.Report{Findings: []cause.Finding{f}, Requests: int64(random.IntN(9))})
		for _, format := range RunFormats() {
			var b bytes.Buffer
			if err := WriteWhy(&b, format, y); err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
			if format != HTML && strings.Contains(b.String(), "\x1b") || format == HTML && strings.Contains(b.String(), "<b>") {
				t.Fatalf("%s: %+v passes control characters on", format, f)
			}
		}
	}
}
