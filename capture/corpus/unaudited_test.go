package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAudited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rpz")
	words := map[string][]string{"custom_keyword": strings.Split(strings.Repeat("VIP ", 5000), " ")} // more than a disk's sector
	for _, h := range []Header{{}, {Policy: "p", PathRule: 1, KeyFingerprint: "f", Tool: "t"}, {Policy: "p", Keywords: words}} {
		h.State, h.Unaudited = Raw, true
		records := sample(100, 1)
		f, err := Create(path, h, true)
		if err != nil {
			t.Fatal(err)
		}
		for i := range records {
			if err := f.Write(&records[i]); err != nil {
				t.Fatal(err)
			}
		}
		if f.Writer.Audited(f.part) == nil {
			t.Error("an unfinished corpus is audited")
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if f.hosts.count > 0 {
			t.Error("hosts of records that were anonymized count as captured")
		}
		check := func(path string, want Header) {
			t.Helper()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			broken := bytes.Clone(text)
			broken[magicLen+headLen2] ^= 1 // the footer's copy serves then
			cut := filepath.Join(filepath.Dir(path), "broken")
			if err := os.WriteFile(cut, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{path, cut} {
				r := opened(t, path)
				got, _ := json.Marshal(r.Header())
				expected, _ := json.Marshal(want)
				if !bytes.Equal(got, expected) {
					t.Errorf("the header is %.200s, want %.200s", got, expected)
				}
				mustEqual(t, readAll(t, r), records)
				if d := r.Damage(); path != cut && len(d) > 0 {
					t.Errorf("damage: %v", d)
				}
				r.Close()
			}
		}
		check(f.Path(), h)
		if err := errors.Join(f.Audited(), f.Commit()); err != nil {
			t.Fatal(err)
		}
		h.State, h.Unaudited = Anonymized, false
		check(path, h)
		if f.Writer.Audited(nil) == nil {
			t.Error("it is audited twice")
		}
	}
	if h, err := parseHeader([]byte(`{"state":"anonymized","unaudited":true}`)); err != nil || h.State != Raw {
		t.Errorf("unaudited, and %q: %v", h.State, err)
	}
}
