package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
)

var update = flag.Bool("update", false, "rewrite golden files")

// runFile makes a run of n requests, 10 ms apart, each answered after latency; every 50th answers 503, every 97th never.
func runFile(t *testing.T, n int, latency time.Duration) *results.Reader {
	t.Helper()
	var file bytes.Buffer
	w, err := results.NewWriter(&file, results.Header{
		Run: "0123456789abcdef", Tool: "v1", Started: time.Unix(1700000000, 0), Corpus: "c", PlanHash: "p",
		Machine: results.Machine{OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1"}, Target: "http://127.0.0.1:9000", Engine: "net/http",
		Settings: map[string]string{"time-scale": "2", "header <b>|x": "`set`"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var book replay.Book
	for i := range n {
		at := time.Duration(i) * 10 * time.Millisecond
		spread := time.Duration(i%7) * time.Millisecond
		res := replay.Result{
			Seq: int64(i), Kind: capture.Kinds()[i%3], Intended: at, Sent: at + 100*time.Microsecond, FirstByte: at + latency, Done: at + latency + spread,
			Status: 200, Bytes: 2,
		}
		if i%50 == 49 {
			res.Status = 503
		}
		if i%97 == 96 {
			res.Status, res.Error, res.FirstByte = 0, replay.ReasonTimeout, 0
		}
		tally := book.Of(res.Kind)
		tally.Recorded++
		tally.Count(&res)
		if err := w.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	planned := time.Duration(n-1) * 10 * time.Millisecond
	if err := w.Close(replay.Outcome{State: replay.Complete, Ledger: book.Ledger(), Planned: planned}); err != nil {
		t.Fatal(err)
	}
	r, err := results.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func run(t *testing.T) *results.Run {
	t.Helper()
	r, err := results.Summarize(context.Background(), runFile(t, 2000, 20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

// otherRun is a run file as another run, for one is not compared with itself.
type otherRun struct{ *results.Reader }

func (o otherRun) Header() results.Header {
	h := o.Reader.Header()
	h.Run = "fedcba9876543210"
	return h
}

func other(r *results.Reader) otherRun { return otherRun{r} }

func comparison(t *testing.T, base, candidate time.Duration) *compare.Comparison {
	t.Helper()
	c, err := compare.Runs(context.Background(), runFile(t, 2000, base), other(runFile(t, 2000, candidate)),
		compare.Options{BaseName: "base.rpr", CandidateName: "candidate|<b>.rpr"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// golden compares what people read with what they read before.
func golden(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".html") { // the scripts and styles are files by themselves
		page := regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAll(b.Bytes(), []byte("<$1>…</$1>"))
		page = regexp.MustCompile(`sha256-(?:[A-Za-z0-9/=]|&#43;)*`).ReplaceAll(page, []byte("sha256-…"))
		b.Reset()
		b.Write(page)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s has changed; see it with -update and git diff", name)
	}
	return b.String()
}

func TestRun(t *testing.T) {
	r := run(t)
	for name, f := range map[string]Format{"run.txt": Text, "run.md": Markdown, "run.json": JSON, "run.html": HTML} {
		golden(t, name, func(w io.Writer) error { return WriteRun(w, f, r, nil) })
	}
	if err := WriteRun(io.Discard, JUnit, r, nil); err == nil {
		t.Error("a run has a JUnit form")
	}
}

func TestComparison(t *testing.T) {
	c := comparison(t, 20*time.Millisecond, 60*time.Millisecond)
	if c.Verdict != compare.Regressed {
		t.Fatalf("verdict %s", c.Verdict)
	}
	for name, f := range map[string]Format{"comparison.txt": Text, "comparison.md": Markdown, "comparison.json": JSON, "comparison.html": HTML, "comparison.xml": JUnit} {
		golden(t, name, func(w io.Writer) error { return WriteComparison(w, f, c) })
	}
}

// TestHTMLIsClosed holds that a page runs and loads nothing but what is in it and named by its policy, and shows names as
// text.
func TestHTMLIsClosed(t *testing.T) {
	var b bytes.Buffer
	if err := WriteComparison(&b, HTML, comparison(t, 20*time.Millisecond, 20*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	first := b.Len()
	if err := WriteRun(&b, HTML, run(t), nil); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{b.String()[:first], b.String()[first:]} {
		policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
		inline := regexp.MustCompile(`(?s)<(script|style)>(.*?)</(?:script|style)>`)
		found := inline.FindAllStringSubmatch(page, -1)
		if len(found) != 4 {
			t.Fatalf("%d scripts and styles, want 4", len(found))
		}
		for _, f := range found {
			sum := sha256.Sum256([]byte(f[2]))
			if !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Errorf("the policy does not name a %s of %d bytes", f[1], len(f[2]))
			}
		}
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'sha256-") || strings.Contains(policy, "unsafe") {
			t.Errorf("policy %s", policy)
		}
		rest := inline.ReplaceAllString(page, "")
		for _, bad := range []string{"<script src", "src=", "href=", "url(", "<b>", "ZgotmplZ", "NaN", "@import", "style=", "onclick"} {
			if strings.Contains(rest, bad) {
				t.Errorf("the page holds %q", bad)
			}
		}
		var c Course
		data := regexp.MustCompile(`(?s)<script type="application/json" id="course">(.*?)</script>`).FindStringSubmatch(rest)
		if data == nil || json.Unmarshal([]byte(data[1]), &c) != nil || len(c.T) != len(c.Planned) || len(c.T) < 20 {
			t.Error("the page holds no course")
		}
	}
	if n := strings.Count(b.String(), "<svg"); n < 5 {
		t.Errorf("%d plots", n)
	}
	points := regexp.MustCompile(`polyline class="plan" points="([^"]+)"`).FindStringSubmatch(b.String())
	if points == nil || len(strings.Fields(points[1])) < 20 {
		t.Error("the planned curve has too few points")
	}
}

// TestChartsAreUnchanged holds uPlot to the files that were taken over.
func TestChartsAreUnchanged(t *testing.T) {
	sums, err := os.ReadFile("assets/uplot/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{charts, chartStyle} {
		if sum := sha256.Sum256([]byte(text)); !strings.Contains(string(sums), hex.EncodeToString(sum[:])) {
			t.Error("a file of uPlot is not the one that was taken over")
		}
	}
}

// TestTextCannotSteerATerminal gives a run a name and settings with control characters, as a file may hold.
func TestTextCannotSteerATerminal(t *testing.T) {
	r := run(t)
	r.Header.Run, r.Header.Target = "a\x1b[31mb", "http://x\r\u009b2J"
	r.Summary.Verdict.Limits = []results.Limit{{What: "lag\x07", Whose: results.Tool, Text: "\x1b]0;x"}}
	for _, f := range []Format{Text, Markdown} {
		var b bytes.Buffer
		if err := WriteRun(&b, f, r, nil); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\x07\r") || f == Text && strings.Contains(b.String(), "\u009b") {
			t.Errorf("%s passes control characters on", f)
		}
	}
}

func TestJUnitIsRead(t *testing.T) {
	for _, tc := range []struct {
		candidate time.Duration
		failures  bool
	}{{20 * time.Millisecond, false}, {60 * time.Millisecond, true}} {
		var b bytes.Buffer
		if err := WriteComparison(&b, JUnit, comparison(t, 20*time.Millisecond, tc.candidate)); err != nil {
			t.Fatal(err)
		}
		var s suite
		if err := xml.Unmarshal(b.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		if s.Tests != len(s.Cases) || s.Tests != 17 || (s.Failures > 0) != tc.failures {
			t.Errorf("%d tests, %d failures", s.Tests, s.Failures)
		}
	}
}

// TestInvalidIsSaidOnce holds that runs that cannot be compared have no table of rows that say so each, and one error for a
// server that reads JUnit.
func TestInvalidIsSaidOnce(t *testing.T) {
	c, err := compare.Runs(context.Background(), runFile(t, 2000, time.Millisecond), other(runFile(t, 1000, time.Millisecond)), compare.Options{})
	if err != nil || c.Verdict != compare.Invalid {
		t.Fatalf("%v, %v", c.Verdict, err)
	}
	for _, f := range []Format{Text, Markdown, HTML} {
		var b bytes.Buffer
		if err := WriteComparison(&b, f, c); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "What was judged") || strings.Contains(b.String(), "more rows") || !strings.Contains(b.String(), "Not comparable: only ") {
			t.Errorf("%s: %.600s", f, b.String())
		}
	}
	var b bytes.Buffer
	if err := WriteComparison(&b, JUnit, c); err != nil {
		t.Fatal(err)
	}
	var s suite
	if err := xml.Unmarshal(b.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if s.Errors != 1 || s.Failures != 0 || s.Skipped != s.Tests-1 || s.Tests != len(s.Cases) || !strings.Contains(s.Cases[0].Error.Message, "only ") {
		t.Errorf("%d tests, %d errors, %d failures, %d skipped", s.Tests, s.Errors, s.Failures, s.Skipped)
	}
}

// TestManyChangesHaveNoRest holds that no rest is told of where there is none.
func TestManyChangesHaveNoRest(t *testing.T) {
	c := &compare.Comparison{Verdict: compare.Regressed}
	for i := range 25 {
		c.Kinds = append(c.Kinds, compare.Kind{Name: strconv.Itoa(i), Errors: compare.Errors{Verdict: compare.Regressed}})
	}
	c.All = compare.Kind{Name: "all", Errors: compare.Errors{Verdict: compare.Regressed}}
	if parts := judgedParts(c); len(parts) != 1 || len(parts[0].Notes) > 0 || len(parts[0].Table.Rows) != 26 {
		t.Errorf("%+v", parts)
	}
}

// TestBodies holds what is told of answers: nothing of what is not there, and what the columns are below them.
func TestBodies(t *testing.T) {
	finding := compare.AnswerFinding{Kind: "help", Path: "x", What: "value", Base: "hex", Candidate: "hex", Samples: []string{"24.0"}, Pairs: 3, Of: 9}
	for name, tc := range map[string]struct {
		a    compare.Answers
		want []string
		not  []string
	}{
		"all alike": {compare.Answers{Pairs: 9, Same: 9}, nil, []string{"Bodies"}},
		"not kept":  {compare.Answers{Pairs: 9, Same: 8, Unknown: 1}, []string{"1 more pair is different in a way that is not known, as only 4,096 bodies"}, []string{"left out"}},
		"errors": {
			compare.Answers{Pairs: 7, Same: 4, Differ: 3, OtherStatus: 2, Findings: []compare.AnswerFinding{finding}},
			[]string{"2 pairs with an error on one side are left out"},
			[]string{"4,096"},
		},
		"different": {
			compare.Answers{Pairs: 9, Same: 6, Differ: 3, Findings: []compare.AnswerFinding{finding}},
			[]string{"another hex, of another length or number", "requests: some of those", "base pairs differ: "},
			nil,
		},
	} {
		var b bytes.Buffer
		d := new(document).add(answerPart(&compare.Comparison{Answers: &tc.a}))
		if err := writeText(&b, d); err != nil {
			t.Fatal(err)
		}
		for _, want := range tc.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in %s", name, want, b.String())
			}
		}
		for _, not := range tc.not {
			if strings.Contains(b.String(), not) {
				t.Errorf("%s: %q in %s", name, not, b.String())
			}
		}
	}
}

// TestLongTimesAreInSeconds holds that a plot's axis has seconds where a minute would be 60,000 ms.
func TestLongTimesAreInSeconds(t *testing.T) {
	of := func(p95 time.Duration) *results.Completion {
		return &results.Completion{Windows: []results.CompletionWindow{{Width: time.Second, P95: p95}, {Start: time.Second, Width: time.Second}}}
	}
	for p95, want := range map[time.Duration]string{2 * time.Second: "ms 2000", 10 * time.Second: "ms 10000", time.Minute: "s 60"} {
		for name, parts := range map[string][]part{
			"a run": completionParts(of(p95))[1:],
			"comparison": comparedCompletion(&compare.Comparison{
				Base: compare.Side{Summary: results.Summary{Completion: of(time.Second)}}, Candidate: compare.Side{Summary: results.Summary{Completion: of(p95)}},
			}),
		} {
			p := parts[0].Plot
			if got := fmt.Sprintf("%s %v", p.Unit, p.Lines[len(p.Lines)-1].Y[0]); got != want {
				t.Errorf("%s of %v: %s, want %s", name, p95, got, want)
			}
		}
		c := new(Course)
		if c.addCompletion(of(p95)); c.Completion[0].Y[0] != float64(p95.Milliseconds()) {
			t.Errorf("a course of %v is not in milliseconds", p95)
		}
	}
}

func TestJSONIsTheSummary(t *testing.T) {
	r := run(t)
	var b bytes.Buffer
	if err := WriteRun(&b, JSON, r, nil); err != nil {
		t.Fatal(err)
	}
	var s results.Summary
	if err := json.Unmarshal(b.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if s.Ledger.OK != r.Summary.Ledger.OK || s.Ledger.OK == 0 || bytes.Count(b.Bytes(), []byte("\n")) != 1 {
		t.Errorf("got %s", b.Bytes())
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{count(0), "0"},
		{count(999), "999"},
		{count(1000), "1,000"},
		{count(-1234567), "-1,234,567"},
		{wording.Duration(0), "0"},
		{wording.Duration(999), "999 ns"},
		{wording.Duration(1500), "1.50 µs"},
		{wording.Duration(524799), "525 µs"},
		{wording.Duration(1234567), "1.23 ms"},
		{wording.Duration(99949999), "99.9 ms"},
		{wording.Duration(12345 * time.Millisecond), "12.3 s"},
		{wording.Duration(150 * time.Second), "2m30s"},
		{wording.Duration(-1500 * time.Microsecond), "-1.50 ms"},
		{rate(1234.6), "1,235/s"},
		{rate(9.9), "9.90/s"},
		{wording.Percent(0.0123), "1.23 %"},
		{signed(0.25), "+25.0 %"},
		{tally(nil), "none"},
		{tally(map[string]int64{"503": 75, "200": 9908, "429": 0}), "200: 9,908, 503: 75"},
		{escapeMarkdown("a|b\n<c>*`"), "a\\|b \\<c\\>\\*\\`"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q; want %q", tc.got, tc.want)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, f := range Formats() {
		if got, err := ParseFormat(string(f)); got != f || err != nil {
			t.Errorf("ParseFormat(%q) = %q, %v", f, got, err)
		}
	}
	r := run(t)
	for _, f := range Formats() {
		if err := WriteRun(io.Discard, f, r, nil); (err == nil) != slices.Contains(RunFormats(), f) {
			t.Errorf("a run as %s: %v", f, err)
		}
	}
	if _, err := ParseFormat("origami"); err == nil {
		t.Error("origami is a format")
	}
	for _, f := range Formats() {
		if got, ok := FormatOf("a" + f.Suffix()); got != f || !ok {
			t.Errorf("FormatOf(a%s) = %q, %v", f.Suffix(), got, ok)
		}
	}
	for name, want := range map[string]Format{"a.md": Markdown, "A.HTML": HTML, "x/y.xml": JUnit, "j.json": JSON, "t.txt": Text} {
		if got, ok := FormatOf(name); got != want || !ok {
			t.Errorf("FormatOf(%q) = %q, %v", name, got, ok)
		}
	}
	if _, ok := FormatOf("run.dat"); ok {
		t.Error(".dat is a format")
	}
}

// TestMarkdownFitsAComment holds that however much there is, a comment stays short.
func TestMarkdownFitsAComment(t *testing.T) {
	d := &document{Title: "t", Verdict: "v"}
	for range 100 {
		d.add(part{Title: "p", Table: &table{Head: cells("a"), Rows: [][]string{cells(strings.Repeat("x", 3000))}, Left: 1}})
	}
	var b bytes.Buffer
	if err := writeMarkdown(&b, d); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 65536 || !strings.Contains(b.String(), "Left out") {
		t.Errorf("%d bytes", b.Len())
	}
}
