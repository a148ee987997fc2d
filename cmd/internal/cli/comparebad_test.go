package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
	"reprise/replay"
	"reprise/replay/results"
)

// madeRun is a run file by what is odd about it; the zero value is 1,200 answers of two kinds after 20 ms.
type madeRun struct {
	corpus, plan string
	without      capture.Kind // the kind that it lacks; 0 for none
	few          bool         // reactions are 4 of 1,200 alone, or none where without says so
	none         bool
	failed       replay.Reason
	slow         time.Duration
	at           time.Duration // the latency where it is not 20 ms; below 0 for none at all
}

func (m madeRun) write(t *testing.T, name string) {
	t.Helper()
	orElse := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	f, err := results.Create(name, results.Header{
		Run: name, Corpus: orElse(m.corpus, "sha256:1"), PlanHash: orElse(m.plan, "p"), Target: "http://127.0.0.1:9000", Tool: "v1.0.0", Settings: map[string]string{"time-scale": orElse(m.plan, "p")},
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	var book replay.Book
	last := time.Duration(0)
	for i := range 1200 {
		kind := capture.Unrecognized
		if m.few && i%300 == 0 || !m.few && i%2 == 1 {
			kind = capture.Reaction
		}
		if m.none || kind == m.without {
			continue
		}
		at := time.Duration(i) * 25 * time.Millisecond
		latency := 20*time.Millisecond + m.slow + time.Duration(i*7919%1000)*time.Microsecond
		switch {
		case m.at < 0:
			latency = 0
		case m.at > 0:
			latency = m.at
		}
		res := replay.Result{Seq: int64(i), Kind: kind, Intended: at, Sent: at, FirstByte: at + latency, Done: at + latency, Status: 200}
		if m.failed != replay.ReasonNone {
			res.Status, res.Error = 0, m.failed
		}
		book.Of(kind).Recorded++
		book.Of(kind).Count(&res)
		if err := f.Record(&res); err != nil {
			t.Fatal(err)
		}
		last = at
	}
	if err := f.Finish(replay.Outcome{State: replay.Complete, Ledger: book.Ledger(), Planned: last}); err != nil {
		t.Fatal(err)
	}
}

// badRuns writes the run files that are compared, and what is none.
func badRuns(t *testing.T) {
	t.Helper()
	for name, m := range map[string]madeRun{
		"good1": {}, "good2": {slow: 300 * time.Microsecond}, "good3": {slow: 100 * time.Microsecond}, "good4": {slow: 200 * time.Microsecond},
		"corpus": {corpus: "sha256:2"}, "formats": {corpus: "records:1"}, "plan": {plan: "q"},
		"lacks": {without: capture.Reaction}, "few": {few: true}, "fewless": {few: true, without: capture.Reaction},
		"none": {none: true}, "failed": {failed: replay.ReasonTimeout}, "failed2": {failed: replay.ReasonTimeout}, "failed3": {failed: replay.ReasonTimeout},
		"instant": {at: -1}, "instant2": {at: -1}, "hour": {at: time.Hour},
	} {
		m.write(t, name+".rpr")
	}
	whole, err := os.ReadFile("good1.rpr")
	if err != nil {
		t.Fatal(err)
	}
	hurt := bytes.Clone(whole)
	for i := len(hurt) / 2; i < len(hurt)/2+40; i++ {
		hurt[i] ^= 0xff
	}
	for name, text := range map[string][]byte{
		"nearly.rpr": whole[:len(whole)-8], "cut.rpr": whole[:len(whole)*6/10], "tiny.rpr": whole[:20], "empty.rpr": {}, "hurt.rpr": hurt, "text.rpr": []byte("a line\n"), "report.json": []byte(`{"schema":"reprise.run/1"}`),
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := corpus.Create("some.rpz", corpus.Header{State: corpus.Anonymized}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&capture.Record{Time: time.Unix(1700000000, 0), Method: "POST", URL: "/hook", Kind: capture.Help}); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
}

var notNumbers = regexp.MustCompile(`\bNaN\b|[+-]Inf\b|\bInf\b|[Ii]nfinity|\d{12,} ?%`)

// TestCompareOfBadInput compares what does not belong together, or is not what it was given as: each ends with the right code and a
// sentence, in every format, and no figure is none.
func TestCompareOfBadInput(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: many comparisons, each in one goroutine")
	}
	t.Chdir(t.TempDir())
	badRuns(t)
	const target = "http://127.0.0.1:1"
	for _, tc := range []struct {
		args string
		code exit.Code
		says string // in what is printed, or the error
	}{
		{"good1.rpr good2.rpr", exit.Done, "EQUIVALENT"},
		{"good1.rpr corpus.rpr", exit.Unjudged, "the runs played two different corpora."},
		{"good1.rpr formats.rpr", exit.Unjudged, "it cannot be told whether the runs played the same corpus"},
		{"good1.rpr plan.rpr", exit.Unjudged, "different plans of the corpus: --time-scale p and q."},
		{"good1.rpr lacks.rpr", exit.Unjudged, "only 50.00 % of the requests are in both runs"},
		{"lacks.rpr good1.rpr", exit.Unjudged, "only 50.00 % of the requests are in both runs"},
		{"few.rpr good1.rpr", exit.Unjudged, "or are of another kind."},
		{"few.rpr fewless.rpr", exit.Done, "EQUIVALENT"},
		{"fewless.rpr few.rpr", exit.Done, "EQUIVALENT"},
		{"good1.rpr none.rpr", exit.Unjudged, "none.rpr holds no request that was played."},
		{"none.rpr none.rpr", exit.Unjudged, "none.rpr holds no request that was played."},
		{"good1.rpr failed.rpr", exit.Unmet, "failed requests of every kind: +100 points."},
		{"failed.rpr good1.rpr", exit.Unjudged, "the base is broken: "},
		{"failed.rpr failed2.rpr", exit.Unjudged, "no request of either run was answered"},
		{"instant.rpr instant2.rpr", exit.Done, "EQUIVALENT"},
		{"instant.rpr good1.rpr", exit.Unmet, "REGRESSED"},
		{"good1.rpr hour.rpr", exit.Unmet, "REGRESSED"},
		{"good1.rpr good1.rpr", exit.Unjudged, "good1.rpr and good1.rpr are one run"},
		{"good1.rpr good2.rpr good1.rpr good3.rpr", exit.Unjudged, "is a run that was given before"},
		{"good1.rpr good2.rpr good3.rpr good4.rpr", exit.Done, "EQUIVALENT"},
		{"good1.rpr good2.rpr good3.rpr plan.rpr", exit.Unjudged, "different plans"},
		{"good1.rpr good2.rpr plan.rpr plan.rpr", exit.Unjudged, "different plans"},
		{"good1.rpr good2.rpr good3.rpr lacks.rpr", exit.Unjudged, "only 50.00 %"},
		{"good1.rpr good2.rpr good3.rpr none.rpr", exit.Unjudged, "holds no request that was played"},
		{"failed.rpr failed2.rpr failed2.rpr failed3.rpr", exit.Unjudged, "no request of either run was answered"},
		{"good1.rpr failed.rpr good2.rpr failed2.rpr", exit.Unmet, "REGRESSED"},
		{"instant.rpr good1.rpr instant2.rpr good2.rpr", exit.Unmet, "REGRESSED"},
		{"good1.rpr cut.rpr", exit.Unjudged, "of the requests are in both runs"},
		{"good1.rpr hurt.rpr", exit.Unjudged, "of the requests are in both runs"},
		{"good2.rpr nearly.rpr", exit.Damaged, "part of nearly.rpr was unreadable; the rest was used"},
		{"good2.rpr good3.rpr good4.rpr nearly.rpr", exit.Damaged, "part of candidate was unreadable; the rest was used"},
		{"good1.rpr tiny.rpr", exit.Damaged, "tiny.rpr"},
		{"good1.rpr empty.rpr", exit.Damaged, "empty.rpr"},
		{"good1.rpr text.rpr", exit.Damaged, "text.rpr is text, not a run file"},
		{"good1.rpr report.json", exit.Damaged, "not a run file"},
		{"good1.rpr some.rpz", exit.Misused, "some.rpz is a corpus, not a run file"},
		{"some.rpz good1.rpr", exit.Misused, "some.rpz is a corpus, not a run file"},
		{"good1.rpr missing.rpr", exit.Failed, "missing.rpr: no such file"},
		{"good1.rpr --base " + target + " --candidate " + target, exit.Misused, "good1.rpr is a run file, not a corpus"},
		{"good1.rpr good2.rpr --corpus good3.rpr", exit.Misused, "good3.rpr is a run file, not a corpus"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr good4.rpr", exit.Done, "EQUIVALENT"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr plan.rpr", exit.Unjudged, "different plans"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr corpus.rpr", exit.Unjudged, "two different corpora"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr lacks.rpr", exit.Unjudged, "the run has 600 requests (all), and each run of the baseline at least 1200"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr none.rpr", exit.Unjudged, "holds no request"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr failed.rpr", exit.Unmet, "REGRESSED"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr cut.rpr", exit.Unjudged, "cut.rpr"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr some.rpz", exit.Misused, "a corpus is played for a baseline at a target"},
		{"--baseline good1.rpr,good2.rpr,some.rpz good3.rpr", exit.Misused, "some.rpz is a corpus, not a run file"},
		{"--baseline good1.rpr,good2.rpr,plan.rpr good4.rpr", exit.Unjudged, "1 more is needed"},
		{"--baseline good1.rpr,good2.rpr,good3.rpr fewless.rpr", exit.Unjudged, "the run has 0 requests (reaction), and each run of the baseline at least 600"},
		{"--baseline failed.rpr,failed2.rpr,failed3.rpr good4.rpr", exit.Unjudged, "no request of failed.rpr was answered"},
		{"--baseline instant.rpr,instant2.rpr,good3.rpr good4.rpr", exit.Done, "INCONCLUSIVE"},
		{"--baseline some.rpz good4.rpr", exit.Misused, "not a baseline"},
		{"--baseline report.json good4.rpr", exit.Misused, "not a baseline"},
	} {
		t.Run(tc.args, func(t *testing.T) { holdsBadInput(t, tc.args, tc.code, tc.says) })
	}
}

// holdsBadInput compares once, in every format.
func holdsBadInput(t *testing.T, args string, code exit.Code, says string) {
	var out, errs bytes.Buffer
	line := append([]string{"compare"}, strings.Fields(args)...)
	files := make(map[string]string)
	for _, end := range []string{"json", "md", "html", "xml", "txt"} {
		files[end] = fmt.Sprintf("%s/out.%s", t.TempDir(), end)
		line = append(line, "-o", files[end])
	}
	got := Run(context.Background(), line, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	if got != int(code) || !strings.Contains(out.String()+errs.String(), says) {
		t.Errorf("code %d, want %d with %q: %s%s", got, code, says, out.String(), errs.String())
	}
	texts := map[string]string{"stdout": out.String(), "stderr": errs.String()}
	for end, name := range files {
		if text, err := os.ReadFile(name); err == nil {
			texts[end] = string(text)
		}
	}
	if judged := code == exit.Done || code == exit.Unmet || code == exit.Unjudged || out.Len() > 0; judged != (len(texts) == len(files)+2) {
		t.Errorf("it wrote %d of %d files", len(texts)-2, len(files))
	}
	for end, text := range texts {
		if end == "html" {
			text = regexp.MustCompile(`(?s)<script>.*?</script>|<style>.*?</style>`).ReplaceAllString(text, "")
		}
		if i := notNumbers.FindStringIndex(text); i != nil {
			t.Errorf("%s: %q", end, text[max(i[0]-80, 0):min(i[1]+40, len(text))])
		}
	}
	if text, ok := texts["json"]; ok && !json.Valid([]byte(text)) {
		t.Errorf("no JSON: %.300s", text)
	}
	if text, ok := texts["xml"]; ok {
		var s struct {
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
		}
		if err := xml.Unmarshal([]byte(text), &s); err != nil || (s.Failures+s.Errors > 0) != (code != exit.Done) {
			t.Errorf("JUnit: %v, %+v: %s", err, s, text)
		}
	}
}
