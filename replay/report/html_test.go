package report

import (
	"bytes"
	"strings"
	"testing"
)

// TestPagesHoldNoControls holds that a page shows names of a forged file without what acts on a terminal or turns what follows around.
func TestPagesHoldNoControls(t *testing.T) {
	r := run(t)
	evil := "a\x1b[31mb\u202ec\u2066<script>alert(1)</script>\u009b"
	r.Header.Settings = map[string]string{evil: evil, "time-scale": evil}
	r.Header.Labels = map[string]string{evil: evil}
	r.Header.Target = evil
	var b bytes.Buffer
	if err := WriteRun(&b, HTML, r, nil); err != nil {
		t.Fatal(err)
	}
	if page := b.String(); strings.ContainsAny(page, "\x1b\u009b\u202e\u2066") || strings.Contains(page, "<script>alert") || !strings.Contains(page, "a·[31mb·c·&lt;script&gt;") {
		t.Error("the page has characters that do more than to stand there")
	}
}
