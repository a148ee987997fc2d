package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/terminal"
	"reprise/replay"
	"reprise/replay/results"
)

// Bytes that are no text stay what they are, and their errors count too.
func TestPrinterData(t *testing.T) {
	var b bytes.Buffer
	p := terminal.NewPrinter(&b)
	if _, err := terminal.Bytes(p).Write([]byte("\x8eRPZ\r\n\x01\x1a")); err != nil || b.String() != "\x8eRPZ\r\n\x01\x1a" {
		t.Errorf("%q, %v", b.String(), err)
	}
	p = terminal.NewPrinter(brokenWriter{})
	_, _ = terminal.Bytes(p).Write([]byte("a"))
	if err := p.Decides(nil); !errors.Is(err, errBroken) || exit.CodeOf(err) != exit.Failed {
		t.Errorf("decides = %v", err)
	}
	if err := p.Decides(exit.With(exit.Damaged, errors.New("damaged"))); exit.CodeOf(err) != exit.Damaged {
		t.Errorf("an error of the verb's own has the code %d", exit.CodeOf(err))
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

// evil steers a terminal in every way that there is, and begins a line of its own.
const evil = "e\x1b[2J\x1b]0;pwn\x07\r\x7f\u009b2J\u202e\x00\nFORGED line"

// TestForgedFiles prints what verbs say of files that somebody else made: nothing in them reaches a terminal as it is, and
// nothing begins a line.
func TestForgedFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	forgeCorpus(t, "x.rpz", corpus.Anonymized)
	forgeCorpus(t, "raw.rpz", corpus.Raw)
	forgeRun(t, "x.rpr")
	for name, text := range map[string]string{
		"policy.yaml": "\"a\\e[2J\\nFORGED line\": 1\n", "list": evil + "\n", "map.yaml": "\"url\\e[2J\\nFORGED\": /x\n",
		"log.ndjson": `{"ts":"\u001b[2J\nFORGED","method":"\u001b[2J\nFORGED","uri":"\u001b\nFORGED","body":"\u001b"}` + "\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	forged := regexp.MustCompile(`(?m)^\s*FORGED`)
	for _, line := range []string{
		"inspect x.rpz", "inspect x.rpz --json", "inspect x.rpr", "inspect x.rpr --json", "cat x.rpz", "cat x.rpr", "cat x.rpz --vendors none",
		"replay x.rpz --target http://127.0.0.1:1 --vendors none", "replay x.rpz --dry-run", "replay x.rpz --dry-run --json", "replay raw.rpz --target http://127.0.0.1:1",
		"replay x.rpz --target http://127.0.0.1:1 --resume x.rpr -o y.rpr",
		"report x.rpr", "report x.rpr --format markdown", "report x.rpr --format junit", "report x.rpr --format html", "report x.rpr --json",
		"compare x.rpr x.rpr", "compare x.rpr x.rpr --format markdown", "compare x.rpr x.rpr --format junit", "compare x.rpr x.rpr --format html",
		"compare x.rpr x.rpr --format json", "compare --baseline x.rpr,x.rpr,x.rpr -o p.json", "merge x.rpz x.rpz -o m.rpz", "merge x.rpz raw.rpz -o n.rpz", "repair x.rpz -o r.rpz",
		"anonymize raw.rpz -o a.rpz", "anonymize raw.rpz -o b.rpz --policy policy.yaml", "anonymize raw.rpz -o c.rpz --keywords-file policy.yaml", "audit raw.rpz x.rpz", "audit raw.rpz x.rpz --json",
		"fixtures sample x.rpz --count 1 -o s.rpz", "fixtures senders x.rpz", "fixtures export x.rpz --format har -o har", "fixtures export x.rpz --format curl -o curl",
		"capture logs log.ndjson --preset nginx -o l.rpz", "capture logs log.ndjson --map map.yaml -o l.rpz",
		"replay x.rpz --target http://127.0.0.1:1 --recipients list", "replay x.rpz --dry-run --shape policy.yaml", "sink --behaviour policy.yaml",
		"fixtures synth --spec policy.yaml -o z.rpz", "fixtures synth --mix policy.yaml -o z.rpz", "inspect \x1b[2J\nx", "\x1b[2J",
	} {
		t.Run(line, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Run(context.Background(), strings.Split(line, " "), Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
			for name, text := range map[string]string{"stdout": out.String(), "stderr": errs.String()} {
				if i := strings.IndexFunc(text, terminal.Steers); i >= 0 || !utf8.ValidString(text) {
					t.Errorf("code %d, %s: %q", code, name, text[max(i-60, 0):min(i+60, len(text))])
				}
				if i := forged.FindStringIndex(text); i != nil && !strings.Contains(line, "html") {
					t.Errorf("code %d, %s: a line of the file's own: %q", code, name, text[max(i[0]-120, 0):i[1]])
				}
			}
		})
	}
}

// forgeCorpus writes a corpus whose every text is evil.
func forgeCorpus(t *testing.T, name string, state corpus.State) {
	t.Helper()
	f, err := corpus.Create(name, corpus.Header{State: state, Policy: evil, KeyFingerprint: evil, Tool: evil, KeywordProfile: evil, Keywords: map[string][]string{evil: {evil}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	f.AddHost(evil)
	for i := range 3 {
		rec := capture.Record{
			Time: time.Unix(1700000000+int64(i), 0), Method: "POST", URL: "/" + evil, Host: evil, Vendor: evil, Kind: capture.Unrecognized,
			Headers: []capture.Header{{Name: "X-" + evil, Value: evil}, {Name: "Content-Type", Value: "application/json"}},
			Body:    []byte(`{"a\u001b[2J\nFORGED":"\u001b"}`),
			Message: capture.Message{ID: evil, From: "+15005550006", To: evil, Text: evil},
		}
		if i == 1 {
			rec.Vendor = "telnyx"
		}
		if err := f.Write(&rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
}

// forgeRun writes a run file whose every text is evil.
func forgeRun(t *testing.T, name string) {
	t.Helper()
	book := map[string]replay.Tally{evil: {Recorded: 2, OK: 2}, "help": {Recorded: 1, Failed: 1}}
	ledger := replay.Ledger{Tally: replay.Tally{Recorded: 3, OK: 2, Failed: 1}, Kinds: book}
	f, err := results.Create(name, results.Header{
		Run: evil, Tool: evil, Started: time.Unix(1700000000, 0), Corpus: evil, PlanHash: evil, Clock: evil, Target: evil, Engine: evil,
		Machine:  results.Machine{OS: evil, Arch: evil, CPUs: 1, Go: evil},
		Settings: map[string]string{evil: evil, "time-scale": evil, "shape": evil}, Plan: &replay.Plan{Ledger: ledger, Duration: time.Minute},
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		res := replay.Result{Seq: int64(i), Kind: capture.Help, Status: 200, Sent: time.Second, FirstByte: time.Second, Done: 2 * time.Second}
		if i == 2 {
			res.Status, res.Error = 0, replay.Reason(evil)
		}
		if err := f.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	stats := replay.Stats{Engine: evil}
	if err := f.Finish(replay.Outcome{State: replay.EndState(evil), Ledger: ledger, Started: time.Unix(1700000000, 0), Stats: stats}); err != nil {
		t.Fatal(err)
	}
}
