package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"testing"
)

// form is a traceparent of version 00 (Trace Context, section 3.2.2).
var form = regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])$`)

func TestTraceParent(t *testing.T) {
	// The output of: printf 'run1 17.0' | sha256sum. The ids can be told by anybody.
	if got := TraceID("run1", 17, 0); got != "45383c7a4a24121231854cee2f98103a" {
		t.Errorf("trace id %s", got)
	}
	seen := make(map[string]bool)
	for _, tc := range []struct {
		t       Tracing
		run     string
		seq     int64
		copied  int
		flags   string
		another bool
	}{
		{TraceOn, "run1", 17, 0, "00", true},
		{TraceSampled, "run1", 17, 0, "01", false}, // the flags change no id
		{TraceOn, "run1", 17, 1, "00", true},
		{TraceOn, "run1", 1, 70, "00", true},
		{TraceOn, "run11", 7, 0, "00", true},
		{TraceOn, "", 0, 0, "00", true},
		{TraceOn, "0123456789012345678901234567890123456789012345678901234567890123", 1 << 62, 1 << 30, "00", true},
	} {
		got := make([]byte, TraceParentLength)
		tc.t.PutTraceParent(got, tc.run, tc.seq, tc.copied)
		m := form.FindSubmatch(got)
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d.%d", tc.run, tc.seq, tc.copied))
		want := hex.EncodeToString(sum[:16])
		switch {
		case m == nil:
			t.Errorf("%+v: %s is no traceparent", tc, got)
		case string(m[1]) != want || string(m[2]) != hex.EncodeToString(sum[16:24]) || string(m[3]) != tc.flags:
			t.Errorf("%+v: %s, want trace %s and flags %s", tc, got, want, tc.flags)
		case TraceID(tc.run, tc.seq, tc.copied) != string(m[1]):
			t.Errorf("%+v: TraceID is %s", tc, TraceID(tc.run, tc.seq, tc.copied))
		case seen[string(m[1])] == tc.another:
			t.Errorf("%+v: %s came before: %v", tc, m[1], !tc.another)
		}
		if m != nil {
			seen[string(m[1])] = true
		}
	}
}

func TestTraceParentAllocatesNothing(t *testing.T) {
	dst := make([]byte, TraceParentLength)
	if n := testing.AllocsPerRun(100, func() { TraceSampled.PutTraceParent(dst, "0123456789abcdef", 123456, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestParseTracing(t *testing.T) {
	for _, tr := range []Tracing{TraceOff, TraceOn, TraceSampled} {
		if got, err := ParseTracing(tr.String()); err != nil || got != tr {
			t.Errorf("%s: %v, %v", tr, got, err)
		}
	}
	for _, s := range []string{"", "yes", "Sampled", "01"} {
		if _, err := ParseTracing(s); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}
