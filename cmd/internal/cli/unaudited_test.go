package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
)

// What a kill leaves of anonymize passes for an anonymized corpus nowhere, nor does what is made of it.
func TestUnaudited(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	raw, left := at("raw.rpz"), at("left.rpz.partial")
	run := func(line string) (int, string) {
		var said bytes.Buffer
		args := strings.Fields(line)
		for i, a := range args {
			if strings.Contains(a, ".") && !strings.HasPrefix(a, "http") {
				args[i] = at(a)
			}
		}
		code := Run(context.Background(), args, Streams{In: strings.NewReader(""), Out: &said, Err: &said})
		return code, said.String()
	}
	if err := os.WriteFile(at("log.ndjson"), []byte(realLog), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := run("capture logs log.ndjson --preset nginx -o raw.rpz"); code != 0 {
		t.Fatal(said)
	}
	for _, out := range []string{at("safe.rpz"), "-"} {
		var stdout bytes.Buffer
		o := anonymizeOptions{out: out, rules: rules{pool: "wide"}, quiet: true, workers: 1}
		o.plant = func(r *capture.Record) {
			if out == "-" {
				return
			}
			text, err := os.ReadFile(out + ".partial") // as a kill at this moment would leave it
			if err == nil {
				err = os.WriteFile(left, text, 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
		if err := o.run(context.Background(), Streams{Out: &stdout, Err: &stdout}, raw); err != nil {
			t.Fatal(err)
		}
		if out == "-" {
			if err := os.WriteFile(at("stdout.rpz"), stdout.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"safe.rpz", "stdout.rpz"} {
		if code, said := run("inspect --json " + name); code != 0 || !strings.Contains(said, `"state":"anonymized"`) || strings.Contains(said, "unaudited") {
			t.Errorf("%s: exit code %d: %s", name, code, said)
		}
	}
	r, err := corpus.Open(left)
	if err != nil {
		t.Fatal(err)
	}
	h := r.Header()
	r.Close()
	if h.State != corpus.Raw || !h.Unaudited || h.Policy == "" {
		t.Errorf("while it is written, the header is %+v", h)
	}
	// The same with all its records, as a kill during the audit leaves it.
	w, err := corpus.Create(at("whole.rpz"), h, false)
	if err != nil {
		t.Fatal(err)
	}
	record := firstRecord(t, raw)
	if err := w.Write(record); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Leave(); err != nil {
		t.Fatal(err)
	}
	files := []string{"whole.rpz.partial", "cat.rpz", "merged.rpz", "whole.rpz"}
	for i, line := range []string{"", "cat whole.rpz.partial -o cat.rpz", "merge cat.rpz cat.rpz -o merged.rpz", "repair whole.rpz.partial -o whole.rpz"} {
		if line != "" {
			if code, said := run(line); code != 0 {
				t.Errorf("%s: exit code %d: %s", line, code, said)
			}
		}
		name := files[i]
		for _, verb := range []string{
			"replay " + name + " --target http://127.0.0.1:9", "fixtures sample " + name + " --count 1 -o sampled.rpz",
			"fixtures export " + name + " -o exported.har --format har",
		} {
			if code, said := run(verb); exit.Code(code) != exit.Refused || !strings.Contains(said, "no audit of the corpus has passed") {
				t.Errorf("%s: exit code %d: %s", verb, code, said)
			}
		}
		if code, said := run("inspect " + name); code != 0 || !strings.Contains(said, "no audit has passed") || !strings.Contains(said, "raw") {
			t.Errorf("inspect %s: exit code %d: %s", name, code, said)
		}
	}
	if code, said := run("merge raw.rpz cat.rpz -o mixed.rpz"); exit.Code(code) != exit.Misused {
		t.Errorf("merged with a raw one: exit code %d: %s", code, said)
	}
	if code, said := run("merge safe.rpz whole.rpz -o mixed.rpz"); exit.Code(code) != exit.Misused {
		t.Errorf("merged with an anonymized one: exit code %d: %s", code, said)
	}
}
