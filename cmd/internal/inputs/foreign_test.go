package inputs_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"reprise/anonymize"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/cli"
	"reprise/cmd/internal/help"
	"reprise/replay"
	"reprise/replay/results"
)

// aRun writes a run file of ten results.
func aRun(t *testing.T, name string) []byte {
	t.Helper()
	f, err := results.Create(name, results.Header{Run: "r1", Corpus: "c", PlanHash: "p", Settings: map[string]string{"seed": "1"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	var book replay.Book
	for i := range 10 {
		at := time.Duration(i) * time.Millisecond
		res := replay.Result{Seq: int64(i), Kind: capture.Help, Intended: at, Sent: at + 1, FirstByte: at + 2, Done: at + 3, Status: 200}
		tally := book.Of(res.Kind)
		tally.Recorded++
		tally.Count(&res)
		if err := f.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Finish(replay.Outcome{State: replay.Complete, Ledger: book.Ledger()}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// aCorpus writes a corpus of three records.
func aCorpus(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.rpz")
	f, err := corpus.Create(name, corpus.Header{State: corpus.Anonymized}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		r := capture.Record{Time: time.Unix(1669399200, int64(i)), Method: "POST", URL: "/sms", Host: "hooks.example.com", Body: []byte("a=b")}
		if err := f.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	return name
}

func zipped(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

// strangers are files that people give to the wrong verb: their content, what they are called and what the advice holds. A run
// file is none to a verb that reads runs, and a corpus, as it is or as lines, none to one that reads corpora.
func strangers(t *testing.T) map[string]struct {
	text          []byte
	is, hint      string
	corpus, isRun bool
} {
	t.Helper()
	dir := t.TempDir()
	run := aRun(t, filepath.Join(dir, "a.rpr"))
	hurt, err := os.ReadFile("../../../replay/results/testdata/v1/whole.rpr") // a later version has a copy of its header
	if err != nil {
		t.Fatal(err)
	}
	hurt[60] ^= 1
	cut := bytes.Clone(run)
	cut[0] ^= 1
	whole, err := os.ReadFile(aCorpus(t))
	if err != nil {
		t.Fatal(err)
	}
	type stranger = struct {
		text          []byte
		is, hint      string
		corpus, isRun bool
	}
	access := []byte("192.0.2.1 - - [28/Nov/2022:12:00:00 +0000] \"POST /sms HTTP/1.1\" 200 2 \"-\" \"-\"\n")
	pcap := []byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00                ")
	return map[string]stranger{
		"empty":       {nil, "is an empty file", ".partial", false, false},
		"a corpus":    {whole, "is a corpus", "", true, false},
		"a run":       {run, "is a run file", "", false, true},
		"hurt run":    {hurt, "is a run file whose header is damaged", "reprise repair", false, false},
		"hurt magic":  {cut, "is a run file whose header is damaged", "reprise repair", false, false},
		"pcap":        {pcap, "is a packet capture (pcap)", "reprise capture", false, false},
		"pcap.gz":     {zipped(pcap), "is a gzip of a packet capture (pcap)", "reprise capture", false, false},
		"pcapng":      {[]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00    "), "is a packet capture", "", false, false},
		"ndjson":      {[]byte("{\"ts\":1}\n{\"ts\":2}\n"), "is a log of JSON lines", "reprise capture logs", false, false},
		"ndjson.gz":   {zipped([]byte("{\"ts\":1}\n{\"ts\":2}\n")), "is a gzip of a log of JSON lines", "reprise capture logs", false, false},
		"access log":  {access, "is a log of lines of text", "fixtures synth --curve", false, false},
		"access.gz":   {zipped(access), "is a gzip of a log of lines of text", "reprise capture ", false, false},
		"cat":         {[]byte("{\"seq\":0,\"offset_ns\":0,\"kind\":\"help\"}\n"), "is JSON lines as reprise cat prints them", "reprise capture", true, false},
		"json":        {[]byte("[1,2]"), "is a JSON document", "", false, false},
		"har":         {[]byte("{\n \"log\": {\"version\":\"1.2\",\"entries\":[]}}"), "is an HTTP archive (HAR)", "reprise capture", false, false},
		"gor":         {[]byte("1 000000000000000000000001 1669399200000000000 0\nPOST / HTTP/1.1\r\n"), "is a recording of GoReplay", "reprise capture", false, false},
		"text":        {[]byte("127.0.0.1 - - [x] ümlaut\n"), "is text", "", false, false},
		"html":        {[]byte("<!doctype html><title>reprise run</title>"), "is a report of reprise (HTML)", "the run file", false, false},
		"other html":  {[]byte("<html>"), "is a page of HTML", "", false, false},
		"junit":       {[]byte("<?xml version=\"1.0\"?>"), "is XML", "", false, false},
		"elf":         {[]byte("\x7fELF\x02\x01\x01\x00"), "is a program (ELF)", "", false, false},
		"zip":         {[]byte("PK\x03\x04...."), "is an archive (zip)", "unpack", false, false},
		"key":         {anonymize.NewKey(), "is a key of keygen", "--key-file", false, false},
		"ledger":      {[]byte("reprise-ledger 1 0123 wide\n"), "is a ledger of anonymize", "--ledger", false, false},
		"count":       {[]byte("reprise-ledger-count 1 0123 3 wide\n"), "is the count that stands beside a ledger", "", false, false},
		"stub":        {whole[:6], "is the first bytes of a corpus, and nothing more", "take a copy", false, false},
		"bytes":       {[]byte{0, 1, 2, 3, 0xff, 0xfe}, "is of a kind that reprise does not know", "reprise capture", false, false},
		"white space": {[]byte(" \n\n"), "is white space alone", "", false, false},
	}
}

// reads says how each verb that reads a corpus or a run file is given one, FILE standing for it. Every verb is listed.
func reads() map[string]struct{ corpus, run [][]string } {
	type how = struct{ corpus, run [][]string }
	one := func(args ...string) [][]string { return [][]string{args} }
	nothing := how{}
	return map[string]how{
		"anonymize": {corpus: one("FILE", "-o", "OUT")}, "audit": {corpus: [][]string{{"FILE", "WHOLE"}, {"WHOLE", "FILE"}}},
		"replay": {
			corpus: one("FILE", "--target", "http://127.0.0.1:1", "--control", "none"),
			run:    one("WHOLE", "--target", "http://127.0.0.1:1", "--control", "none", "--resume", "FILE", "-o", "OUT"),
		},
		"compare": {
			corpus: one("FILE", "--base", "http://127.0.0.1:1", "--candidate", "http://127.0.0.1:1"),
			run:    [][]string{{"FILE", "RUN"}, {"RUN", "FILE"}},
		},
		"history": {run: [][]string{{"FILE"}, {"RUN", "FILE", "-o", "OUT.csv"}}}, "report": {run: one("FILE")}, "why": {run: one("FILE")}, "inspect": {corpus: one("FILE")}, "cat": {corpus: one("FILE")},
		"merge": {corpus: [][]string{{"FILE", "WHOLE", "-o", "OUT"}, {"WHOLE", "FILE", "-o", "OUT"}}}, "repair": {corpus: one("FILE", "-o", "OUT")},
		"fixtures sample": {corpus: one("FILE", "--count", "2", "-o", "OUT")}, "fixtures senders": {corpus: one("FILE")},
		"fixtures export": {corpus: one("FILE", "--format", "har", "-o", "OUT")},
		"sink":            {corpus: one("--listen", "127.0.0.1:0", "--send-api", "127.0.0.1:0", "--inbound", "FILE")},
		// These read neither.
		"capture": nothing, "capture pcap": nothing, "capture logs": nothing, "capture proxy": nothing, "keygen": nothing, "ctl": nothing, "ctl status": nothing, "fixtures synth": nothing,
		"demo": nothing, "version": nothing, "completion": nothing, "template policy": nothing, "template shape": nothing, "template spec": nothing,
		"vendors learn": {corpus: one("FILE")}, "template behaviour": nothing, "template dialect": nothing, "template grafana": nothing, "template log-format": nothing, "template map": nothing,
	}
}

// both are the verbs that read a corpus and a run file alike.
func both(verb string) bool { return verb == "inspect" || verb == "cat" || verb == "repair" }

func TestEveryVerbNamesForeignFiles(t *testing.T) {
	list := reads()
	for _, verb := range leaves(cli.Command(cli.Streams{})) {
		if _, ok := list[verb]; !ok && !strings.HasPrefix(verb, "ctl ") {
			t.Errorf("%s is in no list of what verbs read: add it", verb)
		}
	}
	dir := t.TempDir()
	whole := aCorpus(t)
	run := filepath.Join(dir, "whole.rpr")
	aRun(t, run)
	for name, f := range strangers(t) {
		path := filepath.Join(dir, "given")
		if err := os.WriteFile(path, f.text, 0o600); err != nil {
			t.Fatal(err)
		}
		for verb, how := range list {
			try := func(lines [][]string) {
				for _, line := range lines {
					out := filepath.Join(dir, "out")
					args := strings.Fields(verb)
					for _, a := range line {
						args = append(args, strings.NewReplacer("FILE", path, "WHOLE", whole, "RUN", run, "OUT", out).Replace(a))
					}
					var said bytes.Buffer
					code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &said})
					if code == 0 || !strings.Contains(said.String(), path+" "+f.is) || f.hint != "" && !strings.Contains(said.String(), f.hint) {
						t.Errorf("%s given %s: exit code %d, %s", args, name, code, said.String())
					}
					if left, _ := filepath.Glob(out + "*"); len(left) > 0 {
						t.Errorf("%s given %s leaves %s", args, name, left)
					}
				}
			}
			repairs := verb == "repair" && strings.HasPrefix(name, "hurt")
			if !f.corpus && !repairs && !(f.isRun && both(verb)) {
				try(how.corpus)
			}
			if !f.isRun {
				try(how.run)
			}
		}
	}
}

// leaves are the verbs that do something.
func leaves(root *cobra.Command) (names []string) {
	for _, c := range root.Commands() {
		if c.HasSubCommands() {
			names = append(names, leaves(c)...)
			continue
		}
		names = append(names, help.Name(c))
	}
	return names
}
