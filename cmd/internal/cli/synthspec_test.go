package cli

import (
	"bytes"
	"testing"
)

// FuzzSpec reads specs, and checks that what is printed of one reads back to the same.
func FuzzSpec(f *testing.F) {
	for _, text := range []string{
		"version: 1\n",
		"version: 1\nseed: 7\ncurve: {csv: \"a: b.csv\", tz: America/New_York}\nmessages: 5\nmix: {help: 1e-9, info: 3}\n",
		"version: 1\ncurve:\n  diurnal: {mean: 2/s, peak: 20:00, amplitude: 0.8, week: {sat: 1.3}, days: 2}\n  start: 2026-01-05\npeaks:\n  - {at: 2026-01-05 13:00, messages: 5, decay: 1m30s}\n",
		"version: 1\ncurve: {ramp: {from: 0, to: 5/s, for: 1ns}}\nbursts: {index: 5, window: 1s, duration: 300ms}\nkeywords: [\"\\u00e9\", 'a\"b']\n",
		"version: 1\nvendors: {}\nkeywords: []\npeople: {newcomers: .inf}\nretries: {share: 0.1, most: 2}\nreceipts: {share: .nan}\n",
		"version: 1\ncurve: {constant: {rate: \"\\t\", for: -1h}}\nmix: {\"a\\nb\": 1}\n",
		"receipts: {share: 12.5%, failed: \"% %\"}\n", "people: {newcomers: [5%]}\n", "version: 2", "version: [", "a: &a [*a]", "version: 1\n---\nversion: 1\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := parseSpec("fuzzed.yaml", []byte(text))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := spec.print(&first); err != nil {
			t.Fatal(err)
		}
		again, err := parseSpec("printed.yaml", first.Bytes())
		if err != nil {
			t.Fatalf("%v\n%s", err, first.Bytes())
		}
		if err := again.print(&second); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("printed\n%s\nand read and printed again\n%s", first.Bytes(), second.Bytes())
		}
	})
}
