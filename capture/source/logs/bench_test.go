package logs

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"reprise/capture"
)

// benchmarkFields are the fields of benchmarkLog that benchmarkMap asks for.
func benchmarkFields() []string {
	return []string{"ts", "method", "uri", "host", "status", "request_time", "content_type", "telnyx_signature", "body"}
}

func benchmarkMap() Map {
	return Map{
		Time: "ts", Method: "method", URL: "uri", Host: "host", Status: "status", Latency: "request_time", Body: "body",
		Headers: Headers{Each: []HeaderAt{{"Content-Type", "content_type"}, {"telnyx-signature-ed25519", "telnyx_signature"}}},
	}
}

// benchmarkFormats are the requests of benchmarkLog in each format, with the map that reads it.
func benchmarkFormats(b *testing.B, lines int) map[string]struct {
	log []byte
	m   Map
} {
	b.Helper()
	log := benchmarkLog(lines)
	var table, pairs, text, envelope, parsed bytes.Buffer
	w := csv.NewWriter(&table)
	_ = w.Write(benchmarkFields())
	for line := range bytes.Lines(log) {
		var values map[string]any
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&values); err != nil {
			b.Fatal(err)
		}
		var row []string
		for _, f := range benchmarkFields() {
			v := fmt.Sprint(values[f])
			row = append(row, v)
			quoted, _ := json.Marshal(v)
			fmt.Fprintf(&pairs, "%s=%s ", f, quoted)
		}
		_ = w.Write(row)
		pairs.WriteByte('\n')
		fmt.Fprintf(&text, "%s %s %s %s %s %s %s %s %s\n", row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8])
		quoted, _ := json.Marshal(string(line))
		fmt.Fprintf(&envelope, `{"message":%s,"timestamp":1}`+"\n", quoted)
		fmt.Fprintf(&parsed, `{"ts":%q,"uri":"/sms","body":%s}`+"\n", row[0], row[8])
	}
	w.Flush()
	m := benchmarkMap()
	pattern := m
	pattern.Pattern = `^(?P<ts>\S+) (?P<method>\S+) (?P<uri>\S+) (?P<host>\S+) (?P<status>\d+) (?P<request_time>\S+) (?P<content_type>\S+) (?P<telnyx_signature>\S+) (?P<body>.*)$`
	unwrap := m
	unwrap.Unwrap = []string{"/message"}
	return map[string]struct {
		log []byte
		m   Map
	}{
		"lines":  {log, m},
		"array":  {[]byte("[" + strings.ReplaceAll(strings.TrimSpace(string(log)), "\n", ",\n") + "]"), m},
		"concat": {bytes.ReplaceAll(log, []byte{'\n'}, nil), m},
		"csv":    {table.Bytes(), m},
		"logfmt": {pairs.Bytes(), m},
		"text":   {text.Bytes(), pattern},
		"unwrap": {envelope.Bytes(), unwrap},
		"json":   {parsed.Bytes(), Map{Time: "/ts", URL: "/uri", Body: "/body", BodyEncoding: EncodingJSON}},
		"form":   {parsed.Bytes(), Map{Time: "/ts", URL: "/uri", Body: "/body", BodyEncoding: EncodingForm}},
	}
}

// BenchmarkFormats reads the same requests in each format, by turns with JSON lines: ratio is the speed against theirs.
func BenchmarkFormats(b *testing.B) {
	const lines = 2_000
	all := benchmarkFormats(b, lines)
	for _, name := range []string{"array", "concat", "csv", "logfmt", "text", "unwrap", "json", "form"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var plain, other time.Duration
			for b.Loop() {
				plain += benchmarkRead(b, all["lines"].log, all["lines"].m, lines)
				other += benchmarkRead(b, all[name].log, all[name].m, lines)
			}
			b.ReportMetric(float64(lines)*float64(b.N)/other.Seconds(), "lines/s")
			b.ReportMetric(plain.Seconds()/other.Seconds(), "ratio")
		})
	}
}

func benchmarkRead(b *testing.B, log []byte, m Map, lines int64) time.Duration {
	b.Helper()
	start := time.Now()
	var account capture.Account
	r, err := New(bytes.NewReader(log), Options{Map: m, Account: &account})
	if err != nil {
		b.Fatal(err)
	}
	var rec capture.Record
	n := int64(0)
	for err == nil {
		if err = r.Next(b.Context(), &rec); err == nil {
			n++
		}
	}
	if n != lines || err != io.EOF {
		b.Fatalf("%d records, account %+v, %v", n, account, err)
	}
	return time.Since(start)
}
