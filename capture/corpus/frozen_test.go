package corpus

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFrozen reads the files of testdata/v1 and v2, which were written once, by the first writer of each version or codec, and are never written
// again: what a corpus said then it must say for ever.
func TestFrozen(t *testing.T) {
	for name, sum := range map[string]string{
		"v1/whole":           "4b41bf978ea7616b1d4872008e75cd5617402201df1eb90fd4942039f756569c",
		"v1/damaged":         "9cd15b4e529467f9964f95b29b1fe0a43720ed4a1943eb72d9c4ef85947b6598",
		"v2/whole":           "de32a0c17a6c3416fd7ab177f4ca6ac8e6fbea3755217ed244701df2128c90b3",
		"v2/damaged":         "8192c854090f5b0eb9ebc89b8576f95b37bfe0bde5693f7efe5f53a4c3004d92",
		"v2/columns":         "ac5790f33284b6b36f2f069c2e5f42b1a048b88ba5f9576ff2471636c499bae3",
		"v2/columns-damaged": "8d54e5f1250ad12553846f932f71c6d1356ac9aa1365793e6fef39d2ebe8fbf8",
	} {
		path := filepath.Join("testdata", filepath.FromSlash(name)+".rpz")
		if got := fmt.Sprintf("%x", sha256.Sum256(contents(t, path))); got != sum {
			t.Errorf("%s was changed: SHA-256 %s", path, got)
		}
		want := string(contents(t, strings.TrimSuffix(path, ".rpz")+".txt"))
		if got := listing(t, opened(t, path)); got != want {
			t.Errorf("%s: %s", path, firstDifference(got, want))
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is\n%s\nwant\n%s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// listing writes everything that a reader says, one line a fact.
func listing(t *testing.T, r *Reader) string {
	t.Helper()
	var b strings.Builder
	h := r.Header()
	fmt.Fprintf(&b, "state %s, policy %q, key %q, tool %q, profile %q, keywords %q\n",
		h.State, h.Policy, h.KeyFingerprint, h.Tool, h.KeywordProfile, h.Keywords)
	for _, rec := range readAll(t, r) {
		m := struct{ id, from, to, text string }{rec.Message.ID, rec.Message.From, rec.Message.To, rec.Message.Text}
		fmt.Fprintf(&b, "%d %s %q %q %q %d %d %s %q %q\n", rec.Seq, rec.Time.Format(time.RFC3339Nano), rec.Method, rec.URL, rec.Host,
			rec.Response.Status, rec.Response.Latency, rec.Kind, rec.Vendor, m)
		for _, line := range rec.Headers {
			fmt.Fprintf(&b, "  %q: %q\n", line.Name, line.Value)
		}
		fmt.Fprintf(&b, "  %q\n", rec.Body)
	}
	for _, host := range []string{"hooks.example.com", "203.0.113.9", "2001:db8::9", "other.example.com", "staging.example.com"} {
		fmt.Fprintf(&b, "host %s %v\n", host, r.Hosts().Match(host))
	}
	hash, ok := r.Hash()
	fmt.Fprintf(&b, "hash %s %v\n", hash, ok)
	if x, ok := r.Index(); ok {
		fmt.Fprintf(&b, "index %d %s %s %v\n", x.Records, x.First.Format(time.RFC3339Nano), x.Last.Format(time.RFC3339Nano), x.Kinds)
		for _, block := range x.Blocks {
			fmt.Fprintf(&b, "  block at %d: %d from %d, %d ns, %v\n", block.Offset, block.Records, block.FirstSeq, block.Last.Sub(block.First), block.Kinds)
		}
	}
	for _, name := range r.Extensions() {
		fmt.Fprintf(&b, "extension %s\n", name)
	}
	for _, d := range r.Damage() {
		// Field by field: the texts are frozen, and Damage may get more.
		fmt.Fprintf(&b, "damage {Offset:%v Length:%v Reason:%v Records:%v Block:%v}\n", d.Offset, d.Length, d.Reason, d.Records, d.Block)
	}
	return b.String()
}
