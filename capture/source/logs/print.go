package logs

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// PrintPreset writes the map of a well-known log as a file that ReadMap reads, with a comment to each field, also to those that it leaves out.
func PrintPreset(w io.Writer, name string) error {
	m, ok := Preset(name)
	if !ok {
		return fmt.Errorf("logs: no preset is called %q", name)
	}
	var text string
	for part := range strings.SplitSeq(name, withinMark) {
		for _, p := range presets() {
			if p.name == part {
				text += "# The map of a log of " + p.of + ".\n# From: " + p.from + ".\n"
			}
		}
	}
	if m.Wraps() {
		text += "# It says how lines are wrapped. Where a request is in them is your application's: add url (or request) and what else is there,\n" +
			"# or write a map of your own that begins with   preset: " + name + "\n"
	}
	_, err := io.WriteString(w, text+"\n"+m.text(true))
	return err
}

// Print writes the map as a file that ReadMap reads.
func (m Map) Print(w io.Writer) error {
	_, err := io.WriteString(w, m.text(false))
	return err
}

// setting is a field of the map as a file has it.
type setting struct {
	name, value string // the value is YAML; "" where the map leaves it out
	example     string
	comment     string
}

// text is the map as YAML, with comments and what is left out, or without both.
func (m Map) text(all bool) string {
	var b strings.Builder
	for _, s := range m.settings() {
		line := s.name + ":"
		if value := s.value; value != "" {
			if !strings.HasPrefix(value, "\n") {
				line += " "
			}
			line += value
		} else if !all {
			continue
		} else {
			line = "# " + line + " " + s.example
		}
		if all {
			fmt.Fprintf(&b, "# %s\n", s.comment)
		}
		b.WriteString(line + "\n")
		if all {
			b.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(b.String(), "\n") + "\n"
}

func (m Map) settings() []setting {
	return []setting{
		{"format", yamlText(m.Format), "json", "How the log holds its lines: json, csv, tsv, logfmt, text. The content tells it where this is left out."},
		{"pattern", yamlText(m.Pattern), `'^(?P<time>\S+) (?P<body>.*)$'`, "Takes a line of text apart; a named group is a field, and that of the map where it has its name."},
		{"unwrap", yamlList(m.Unwrap), "[/log, /payload]", "Places of what holds the request, one within another: an object, JSON in a string, an array of requests."},
		{"where", yamlMap(m.Where), "{/level: info, /msg: /request/}", "Which lines are requests: a text, or a regular expression between two slashes. The others are left out."},
		{"time", yamlText(m.Time), "/time", "A place is a JSON pointer, or the name of a column, key or group."},
		{"time_format", yamlText(m.TimeFormat), "rfc3339", "rfc3339, unix, unix_ms, unix_us, unix_ns, strftime's verbs or a Go layout. The value tells it where this is left out."},
		{"time_is", yamlText(m.TimeIs), "start", "start, or end where a line is written when the request is over: the latency is taken off."},
		{"tz", yamlText(m.TZ), "America/New_York", "The zone of times that tell none; UTC where this is left out."},
		{"request", yamlText(m.Request), "/request", "A request line (POST /path HTTP/1.1), in place of method and url."},
		{"method", yamlText(m.Method), "/method", "POST where this is left out."},
		{"url", yamlText(m.URL), "/path", "Path and query as sent, or a whole URL."},
		{"default_url", yamlText(m.DefaultURL), "/webhook", "The path of a request whose line has none."},
		{"query", yamlText(m.Query), "/query", "Added to a URL that has none."},
		{"host", yamlText(m.Host), "/host", "The header Host where this is left out."},
		{"headers", m.Headers.yaml(), "/headers", "One place of all headers, or a list of a name with its place each."},
		{"body", yamlText(m.Body), "/body", "The body. A field that is empty or null is an empty body."},
		{"body_encoding", yamlText(m.BodyEncoding), "raw", `raw, base64, nginx (\xHH), or form, json or parsed (either) where the payload was logged as its fields, which are then encoded again.`},
		{"body_base64", yamlText(m.BodyBase64), "/body_base64", "The body in base64, of a line that has none at body."},
		{"no_body", yamlText(m.NoBody), "keep", "A request of which the line has no body field: keep it with an empty one, or skip it."},
		{"status", yamlText(m.Status), "/status", "The status code of the answer."},
		{"latency", yamlText(m.Latency), "/duration_ms", "How long the answer took."},
		{"latency_unit", yamlText(m.LatencyUnit), "ms", "s, ms, us, ns; s where this is left out. A value such as 1.5ms needs none."},
		{"rebuilt", yamlText(m.Rebuilt), "/rebuilt", "Where true says that the vendor never sent these bytes."},
		{"synthetic", yamlText(m.Synthetic), "/synthetic", "Where true says that the text was generated."},
		{"hosts_unknown", yamlTrue(m.HostsUnknown), "true", "true where nobody knows which hosts the log is of: what is made of it is played to this machine alone."},
	}
}

func yamlTrue(is bool) string {
	if is {
		return "true"
	}
	return ""
}

// yamlText writes a string so that YAML reads it back; "" where there is none.
func yamlText(s string) string {
	switch {
	case s == "":
		return ""
	case strings.Trim(s, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.0123456789") == "" && !plainMisread(s):
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// plainMisread says whether YAML would read a plain text as something else: a number, true, null or a line of its own syntax.
func plainMisread(s string) bool {
	c := s[0]
	if c != '/' && c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') {
		return true
	}
	return slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}, strings.ToLower(s))
}

func yamlList(list []string) string {
	if len(list) == 0 {
		return ""
	}
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = yamlText(s)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func yamlMap(of map[string]string) string {
	if len(of) == 0 {
		return ""
	}
	text := ""
	for _, key := range slices.Sorted(maps.Keys(of)) {
		text += "\n  " + yamlText(key) + ": " + orEmpty(yamlText(of[key]))
	}
	return text
}

func orEmpty(text string) string {
	if text == "" {
		return "''"
	}
	return text
}

func (h Headers) yaml() string {
	if h.At != "" {
		return yamlText(h.At)
	}
	text := ""
	for _, e := range h.Each {
		text += "\n  - " + yamlText(e.Name) + ": " + yamlText(e.Pointer)
	}
	return text
}
