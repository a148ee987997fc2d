package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay/results"
)

// told writes differences in a line each: meaning, name, values.
func told(list []RunDifference) (lines []string) {
	for _, d := range list {
		line := fmt.Sprintf("%s: %s %q %q", d.Means, d.Name, d.Base, d.Candidate)
		if d.Within != "" {
			line = fmt.Sprintf("%s round %d, %s", d.Within, d.Round, line)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestDifferences(t *testing.T) {
	header := func(change func(*results.Header)) results.Header {
		h := results.Header{
			Run: "r", Target: "http://a", Tool: "v1", Engine: "epoll", Corpus: "c", PlanHash: "p", Machine: results.Machine{OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1"},
			Settings: map[string]string{"time-scale": "2", "volume": "1", "seed": "11111111111111111111"},
		}
		change(&h)
		return h
	}
	same := header(func(*results.Header) {})
	for _, tc := range []struct {
		name string
		h    results.Header
		want []string
	}{
		{"nothing", same, nil},
		{"another run, at another time, of another seed that was drawn", header(func(h *results.Header) { h.Run, h.Settings["seed"] = "s", "2222222222222222" }), nil},
		{"a seed that was given and made no other plan", header(func(h *results.Header) { h.Settings["seed"] = "7" }), nil},
		{"a seed that made another plan", header(func(h *results.Header) { h.PlanHash, h.Settings["seed"] = "q", "7" }), []string{`plan: --seed "11111111111111111111" "7"`}},
		{"a plan for no reason that is known", header(func(h *results.Header) { h.PlanHash, h.Settings["seed"] = "q", "2222222222222222" }), []string{`plan: plan "p" "q"`}},
		{"a flag that made another plan", header(func(h *results.Header) { h.PlanHash, h.Settings["time-scale"] = "q", "3" }), []string{`plan: --time-scale "2" "3"`}},
		{"a flag that made none", header(func(h *results.Header) { h.Settings["limit"] = "0" }), nil},
		{"another corpus, so another plan", header(func(h *results.Header) { h.Corpus, h.PlanHash = "d", "q" }), []string{`corpus: corpus "c" "d"`}},
		{"a machine is one thing", header(func(h *results.Header) { h.Machine.CPUs, h.Machine.Arch = 4, "arm64" }), []string{`machine: machine "linux/amd64, 2 CPUs" "linux/arm64, 4 CPUs"`}},
		{"a Go comes with its tool", header(func(h *results.Header) { h.Tool, h.Machine.Go = "v2", "go2" }), []string{`tool: tool "v1" "v2"`}},
		{"a Go alone", header(func(h *results.Header) { h.Machine.Go = "go2" }), []string{`go: go "go1" "go2"`}},
		{"an engine comes with its flag", header(func(h *results.Header) { h.Engine, h.Settings["http2"] = "net/http h2", "true" }), []string{`engine: --http2 "false" "true"`}},
		{"an engine comes with TLS", header(func(h *results.Header) { h.Engine, h.Target = "epoll tls", "https://a" }), []string{`target: target "http://a" "https://a"`}},
		{"an engine alone", header(func(h *results.Header) { h.Engine = "net/http" }), []string{`engine: engine "epoll" "net/http"`}},
		{"a flag that says its default", header(func(h *results.Header) { h.Settings["connections"] = "64" }), nil},
		{"what shapes nothing", header(func(h *results.Header) { h.Settings["allow-raw"] = "true" }), nil},
		{"an engine that a file does not tell", header(func(h *results.Header) { h.Engine = "" }), nil},
		{"a header that was lost", header(func(h *results.Header) { *h = results.Header{Rebuilt: results.FromNothing} }), nil},
		{"the order in which people act", header(func(h *results.Header) {
			h.Target, h.Tool, h.Machine.CPUs, h.PlanHash, h.Labels = "http://b", "v2", 8, "q", map[string]string{"commit": "1"}
			for _, name := range []string{"stop-on", "connections", "limit", "zebra", "header X-A", "proxy", "timeout", "pacing", "late"} {
				h.Settings[name] = "x"
			}
		}), []string{
			`plan: --limit "" "x"`, `target: target "http://a" "http://b"`, `tool: tool "v1" "v2"`, `machine: machine "linux/amd64, 2 CPUs" "linux/amd64, 8 CPUs"`,
			`label: label commit "" "1"`, `connect: --connections "64" "x"`, `route: --proxy "" "x"`, `places: --late "send" "x"`, `timeout: --timeout "10s" "x"`,
			`pacing: --pacing "precise" "x"`, `requests: --header X-A "" "x"`, `ending: --stop-on "errors>50%/10s" "x"`, `flag: --zebra "" "x"`,
		}},
	} {
		if got := told(differences(same, tc.h)); !slices.Equal(got, tc.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, strings.Join(got, "\n     "), strings.Join(tc.want, "\n     "))
		}
	}
	for _, d := range differences(same, header(func(h *results.Header) { h.Target, h.Labels = "http://b", map[string]string{"commit": "1"} })) {
		if !d.Expected() {
			t.Errorf("%s is not what is compared", d.Name)
		}
		if d.Within = "base"; d.Expected() {
			t.Errorf("%s is expected within the base", d.Name)
		}
	}
}

// TestDifferencesOfRounds holds that a later round is told of where it was not run as the first of its side was.
func TestDifferencesOfRounds(t *testing.T) {
	w := loud(0)
	w.requests = 400
	s := NewRounds(Options{})
	for i := range uint64(3) {
		base, candidate := w.play(1, 10+i), w.play(1, 20+i)
		base.header.Target, candidate.header.Target = "http://a", "http://b"
		candidate.header.Labels = map[string]string{"commit": "1"}
		switch i {
		case 1: // given the wrong way round
			base.header, candidate.header = candidate.header, base.header
		case 2:
			candidate.header.Settings = map[string]string{"connections": "8"}
		}
		if err := s.Add(context.Background(), base, candidate); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.Comparison()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`target: target "http://a" "http://b"`, `label: label commit "" "1"`,
		`base round 2, target: target "http://a" "http://b"`, `base round 2, label: label commit "" "1"`,
		`candidate round 2, target: target "http://b" "http://a"`, `candidate round 2, label: label commit "1" ""`,
		`candidate round 3, connect: --connections "" "8"`,
	}
	if got := told(c.Differences); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	text, err := json.Marshal(c.Differences[6])
	if err != nil || string(text) != `{"name":"--connections","base":"","candidate":"8","means":"connect","within":"candidate","round":3}` {
		t.Errorf("%s, %v", text, err)
	}
}

// TestDifferencesOfABaseline holds that a baseline tells how its runs differed, and one that was written before it kept that tells nothing.
func TestDifferencesOfABaseline(t *testing.T) {
	w := loud(0)
	w.requests = 400
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	var runs []Source
	for i := range uint64(3) {
		r := w.play(1, 30+i)
		r.header.Engine, r.header.Settings, r.header.Labels = "epoll", map[string]string{"connections": "64"}, map[string]string{"commit": "1"}
		if i == 2 {
			r.header.Settings, r.header.Labels = map[string]string{"connections": "32"}, map[string]string{"commit": "2"}
		}
		runs = append(runs, r)
	}
	p, err := Calibrate(context.Background(), runs, Options{}, now)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := p.Write(&text); err != nil {
		t.Fatal(err)
	}
	if p, err = ReadProfile(&text); err != nil {
		t.Fatal(err)
	}
	judge := func() []string {
		r := w.play(1, 40)
		r.header.Engine, r.header.Settings, r.header.Labels = "epoll", map[string]string{"connections": "8", "seed": "5"}, map[string]string{"commit": "3"}
		c, err := p.Judge(context.Background(), r, Options{}, now)
		if err != nil || c.Differences == nil {
			t.Fatalf("%v, %v", c, err)
		}
		return told(c.Differences)
	}
	want := []string{
		`label: label commit "1" "3"`, `connect: --connections "64" "8"`,
		`base round 3, label: label commit "1" "2"`, `base round 3, connect: --connections "64" "32"`,
	}
	if got := judge(); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	p.Engine, p.Settings, p.Labels, p.Runs[2].Differs = "", nil, nil, nil
	if got := judge(); len(got) != 0 {
		t.Errorf("an older baseline tells\n%s", strings.Join(got, "\n"))
	}
}
