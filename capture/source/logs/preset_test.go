package logs

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %v; got\n%s", file, err, got)
	}
}

// What is printed of each preset reads back as it.
func TestPrintPreset(t *testing.T) {
	for _, name := range append(Presets(), "docker+combined", "kubernetes+caddy") {
		var out bytes.Buffer
		if err := PrintPreset(&out, name); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".map.yaml", out.Bytes())
		m, _ := Preset(name)
		text := out.String()
		if m.Wraps() { // which is no map to read by
			text += "url: /path\n"
			m.URL = "/path"
		}
		file := filepath.Join(t.TempDir(), "map.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ReadMap(file)
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: %v\nread back %+v\nwant      %+v", name, err, got, m)
		}
	}
	if err := PrintPreset(new(bytes.Buffer), "none"); err == nil {
		t.Error("a preset that there is not is printed")
	}
}

// Every field of a map is printed, and is in the documentation.
func TestEveryFieldIsPrinted(t *testing.T) {
	page, err := os.ReadFile("../../../docs/logs.md")
	if err != nil {
		t.Fatal(err)
	}
	text := Map{}.text(true)
	for f := range reflect.TypeFor[Map]().Fields() {
		name := f.Tag.Get("yaml")
		if name == "-" || name == "" {
			continue
		}
		if name != "preset" && !strings.Contains(text, "\n# "+name+": ") && !strings.HasPrefix(text, "# "+name+": ") {
			t.Errorf("template map has no %s", name)
		}
		if !slices.Contains([]string{"rebuilt", "synthetic", "hosts_unknown"}, name) && !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/logs.md has no %s", name)
		}
	}
}

// sample is one log in testdata, how it is read, and what comes of it.
type sample struct {
	file   string
	preset string // what its content tells; "" where the map names it
	m      Map    // of the application, over the preset named in it
	want   string
}

func samples() []sample {
	app := func(preset string) Map {
		return Map{
			Preset: preset, Where: map[string]string{"/msg": "request"}, Time: "/time", Method: "/method", URL: "/path", Status: "/status",
			Latency: "/duration_ms", LatencyUnit: "ms", Body: "/body",
		}
	}
	const all, none, some = "read 5, kept 5, skipped map[]", "read 5, kept 0, skipped map[its body is not in the log:5]", "read 6, kept 5, skipped map[where:1]"
	datadog, datadogText := app("datadog"), app("")
	datadog.Where = map[string]string{"/message": "request"}
	datadogText.Unwrap = []string{"/message"}
	gcp := Map{Preset: "gcp", Body: "/jsonPayload/body"}
	return []sample{
		{"nginx.log", "nginx", Map{}, all},
		{"combined-body.log", "combined-body", Map{}, all},
		{"combined.log", "combined", Map{}, none},
		{"apache-common.log", "combined", Map{}, none},
		{"apache-vhost.log", "combined", Map{}, none},
		{"caddy.log", "caddy", Map{}, all},
		{"caddy-access.log", "caddy", Map{}, none},
		{"haproxy.log", "haproxy", Map{}, all},
		{"haproxy-http.log", "haproxy-httplog", Map{}, none},
		{"alb.log", "alb", Map{}, none},
		{"envoy.log", "envoy", Map{}, none},
		{"envoy-text.log", "envoy-text", Map{}, none},
		{"cloudfront.log", "cloudfront", Map{}, none},
		{"iis.log", "iis", Map{}, none},
		{"cloudflare.json", "cloudflare", Map{}, none},
		{"traefik.json", "traefik", Map{}, none},
		{"gcp.json", "gcp", Map{}, none},
		{"gcp.json", "", gcp, all},
		{"docker.log", "", app("docker"), some},
		{"kubernetes.log", "", app("kubernetes"), some},
		{"cloudwatch.log", "", app("cloudwatch-export"), some},
		{"cloudwatch-events.json", "", app("cloudwatch-events"), some},
		{"cloudwatch-subscription.json", "", app("cloudwatch-subscription"), some},
		{"insights.csv", "", app("cloudwatch-insights"), some},
		{"insights.json", "", app("cloudwatch-insights"), some},
		{"datadog.json", "", datadog, some},
		{"datadog-text.json", "", datadogText, some},
		{"vector.json", "", app("vector"), some},
		{"fluent-bit.json", "", app("fluent-bit"), some},
		{"fluent-bit-file.log", "", app("fluent-bit-file"), some},
		{"gcp-payload.json", "", app("gcp-payload"), some},
	}
}

// Each preset with a log that was written for it: its account, and its first record.
func TestPresets(t *testing.T) {
	var first bytes.Buffer
	for _, s := range samples() {
		input, err := os.ReadFile(filepath.Join("testdata", s.file))
		if err != nil {
			t.Fatal(err)
		}
		m := s.m
		if s.preset != "" {
			if name, ok := PresetOf(input); !ok || name != s.preset {
				t.Errorf("%s: told as %q, want %q", s.file, name, s.preset)
			}
			m, _ = Preset(s.preset)
		} else if m, err = m.based(); err != nil {
			t.Fatal(err)
		}
		if base, _ := Preset(s.m.Preset); s.preset == "" && base.Wraps() && s.m.Preset != "" && s.file != "insights.csv" {
			if name, ok := WrapOf(input); !ok || name != s.m.Preset {
				t.Errorf("%s: its wrapping is told as %q, want %q", s.file, name, s.m.Preset)
			}
		}
		records, a := readAll(t, s.file, input, m)
		if got := fmt.Sprintf("read %d, kept %d, skipped %v", a.Read, a.Kept, a.Skipped); got != s.want || a.Damaged {
			t.Errorf("%s: %s, damaged %v, want %s", s.file, got, a.Damaged, s.want)
		}
		if strings.Contains(s.want, "kept 0") { // it makes a curve all the same
			m.NoBody = NoBodyKeep
			if _, a := readAll(t, s.file, input, m); a.Kept != 5 {
				t.Errorf("%s: of a log without bodies %d requests are counted", s.file, a.Kept)
			}
		}
		if len(records) > 0 {
			fmt.Fprintf(&first, "%s %s\n  %s\n", s.file, m.Preset, records[0])
		}
	}
	golden(t, "presets.first", first.Bytes())
}

type sinkFunc func(*capture.Record) error

func (f sinkFunc) Write(r *capture.Record) error { return f(r) }

func readAll(t *testing.T, name string, input []byte, m Map) (records []string, a capture.Account) {
	t.Helper()
	src, err := New(bytes.NewReader(input), Options{File: name, Map: m, Account: &a})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	err = a.Copy(t.Context(), sinkFunc(func(r *capture.Record) error {
		records = append(records, fmt.Sprintf("%s %s %s %s %v %d %v %s", r.Time.Format("2006-01-02T15:04:05.999999999"), r.Method, r.URL, r.Host, r.Headers,
			r.Response.Status, r.Response.Latency, r.Body))
		return nil
	}), src)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return records, a
}

// What a server writes is told also where a collector wraps its lines, and read as it is without.
func TestPresetWithin(t *testing.T) {
	const at = "2026-11-29T14:41:59.123456789Z"
	for _, inner := range []string{"combined", "combined-body", "caddy", "nginx", "haproxy", "haproxy-httplog", "envoy"} {
		file := map[string]string{"haproxy-httplog": "haproxy-http"}[inner]
		if file == "" {
			file = inner
		}
		input, err := os.ReadFile("testdata/" + file + ".log")
		if err != nil {
			t.Fatal(err)
		}
		m, _ := Preset(inner)
		m.NoBody = NoBodyKeep
		want, _ := readAll(t, inner, input, m)
		wrap := func(line func(text string) string) (out string) {
			for text := range strings.Lines(string(input)) {
				out += line(strings.TrimSpace(text)) + "\n"
			}
			return out
		}
		quote := func(text string) string {
			b, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		for outer, text := range map[string]string{
			"docker":     wrap(func(l string) string { return `{"log":` + quote(l+"\n") + `,"stream":"stdout","time":"` + at + `"}` }),
			"kubernetes": wrap(func(l string) string { return at + " stdout F " + l }),
			"cloudwatch-subscription": wrap(func(l string) string {
				return `{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"timestamp":1,"message":` + quote(l) + `}]}`
			}),
			"vector": wrap(func(l string) string {
				return `{"source_type":"file","timestamp":"` + at + `","message":` + quote(l) + `}`
			}),
			"fluent-bit-file":     wrap(func(l string) string { return `web: [1795876919.123456789, ` + l + `]` }),
			"fluent-bit":          wrap(func(l string) string { return `{"date":1795876919.1,"log":` + quote(l) + `}` }),
			"cloudwatch-insights": wrap(func(l string) string { return `{"@timestamp":"2026-11-29 14:41:59.123","@message":` + quote(l) + `}` }),
		} {
			if outer == "fluent-bit-file" && input[0] != '{' { // which wraps objects alone
				continue
			}
			name, ok := PresetWithin([]byte(text))
			if !ok || name != outer+"+"+inner {
				t.Errorf("%s within %s: told as %q", inner, outer, name)
				continue
			}
			m, _ := Preset(name)
			m.NoBody = NoBodyKeep
			if got, a := readAll(t, name, []byte(text), m); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s: %+v\n%s\nwant\n%s", name, a, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	for _, name := range []string{"docker+docker", "combined+docker", "docker+none", "+", "docker+"} {
		if _, ok := Preset(name); ok {
			t.Errorf("there is a preset %q", name)
		}
	}
}

// A preset is told of its own logs alone.
func TestPresetOfOthers(t *testing.T) {
	for name, text := range map[string]string{
		"an application's JSON": `{"time":"2026-11-27T20:56:49Z","path":"/a","body":"x"}` + "\n",
		"text":                  "27 Nov 2026 and so on\n",
		"syslog":                "Nov 27 20:56:49 web app[1]: POST /a\n",
		"docker":                `{"log":"x\n","stream":"stdout","time":"2026-11-27T20:56:49Z"}` + "\n",
		"nothing":               "",
		"a cut line":            `{"ts":1,`,
	} {
		if got, ok := PresetOf([]byte(text)); ok {
			t.Errorf("%s is told as %s", name, got)
		}
		if got, ok := WrapOf([]byte(text)); ok && name != "docker" {
			t.Errorf("%s is told to be within %s", name, got)
		}
	}
	input, err := os.ReadFile("testdata/combined.log")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := PresetOf(append([]byte("# a comment\n[notice] the server starts\n"), input...)); got != "combined" {
		t.Errorf("behind other lines: %q", got)
	}
	if got, ok := PresetOf(append(bytes.Repeat([]byte("[notice] a line of another kind\n"), 12), input...)); ok {
		t.Errorf("a few lines among others: %q", got)
	}
	forwarded := bytes.ReplaceAll(input, []byte("\n"), []byte(" \"192.0.2.1, 192.0.2.2\"\n"))
	if got, _ := PresetOf(forwarded); got != "combined" {
		t.Errorf("with addresses behind it: %q", got)
	}
}
