package logs

import (
	"fmt"
	"strings"
	"testing"
)

// The same two requests in every format.
const (
	bodyA = `From=%2B14155550101&Body=a "quoted", text`
	bodyB = "From=%2B14155550102&Body=two\nlines"
)

// formatCase is a log that holds two requests or more, with its map.
type formatCase struct {
	name, log string
	m         Map
}

// formats are logs that hold the two requests.
func formats() []formatCase {
	fields := Map{Time: "t", Method: "m", URL: "u", Body: "b", Status: "s"}
	text := Map{
		Pattern: `^\S+ \[(?P<time>[^\]]+)\] "(?P<request>[^"]+)" (?P<status>\d+|-) "(?P<body>.*)"$`, TimeFormat: "%d/%b/%Y:%H:%M:%S %z", BodyEncoding: EncodingNginx,
	}
	a := `{"t":1795420547.5,"m":"POST","u":"/sms","s":200,"b":"From=%2B14155550101&Body=a \"quoted\", text"}`
	b := `{"t":1795420548,"m":"POST","u":"/sms","s":"503","b":"From=%2B14155550102&Body=two\nlines"}`
	pretty := strings.ReplaceAll(strings.ReplaceAll(a, `,"`, ",\n  \""), `{"t"`, "{\n  \"t\"")
	pretty = strings.TrimSuffix(pretty, "}") + "\n}"
	return []formatCase{
		{"lines", a + "\n" + b + "\n", fields},
		{"lines with carriage returns and a byte order mark", "\ufeff" + a + "\r\n\r\n" + b, fields},
		{"objects without anything between them", a + b, fields},
		{"several objects in some lines", a + b + "\n", fields},
		{"several objects in the last line, which has no end", a + "\n" + a + b, fields},
		{"an array", "[" + a + "," + b + "]", fields},
		{"an array over lines", " [\n  " + a + ",\n  " + b + "\n]\n", fields},
		{"an array a line", "[" + a + "]\n[" + b + "]\n", fields},
		{"printed over lines", pretty + "\n" + b + "\n", fields},
		{"an array printed over lines", "[\n" + pretty + ",\n" + pretty + "\n,\n" + b + "]\n", fields},
		{"a JSON sequence", "\x1e" + a + "\n\x1e" + b + "\n", fields},
		{"CSV", "t,m,u,s,x,b\r\n2026-11-23T07:55:47.5Z,POST,/sms,200,,\"From=%2B14155550101&Body=a \"\"quoted\"\", text\"\r\n" +
			"2026-11-23T07:55:48Z,\"POST\",/sms,503,,\"From=%2B14155550102&Body=two\nlines\"\r\n", fields},
		{"CSV with a byte order mark and no last line end", "\ufeff\"t\",m,u,s,b\n1795420547.5,POST,/sms,200,\"From=%2B14155550101&Body=a \"\"quoted\"\", text\"\n" +
			"1795420548,POST,/sms,503,\"From=%2B14155550102&Body=two\nlines\"", fields},
		{"CSV with semicolons", "t;m;u;s;b\n1795420547.5;POST;/sms;200;From=%2B14155550101&Body=a \"quoted\", text\n" +
			"1795420548;POST;/sms;503;\"From=%2B14155550102&Body=two\nlines\"\n", fields},
		{"TSV", "t\tm\tu\ts\tb\n1795420547.5\tPOST\t/sms\t200\tFrom=%2B14155550101&Body=a \"quoted\", text\n" +
			"1795420548\tPOST\t/sms\t503\t\"From=%2B14155550102&Body=two\nlines\"\n", fields},
		{"logfmt", `t=2026-11-23T07:55:47.5Z level=info m=POST u=/sms s=200 b="From=%2B14155550101&Body=a \"quoted\", text" flag` + "\n" +
			`t="2026-11-23 07:55:48" m=POST u=/sms s=503 b="From=%2B14155550102&Body=two\nlines"` + "\n", fields},
		{"text", `127.0.0.1 [23/Nov/2026:08:55:47.5 +0100] "POST /sms HTTP/1.1" 200 "From=%2B14155550101&Body=a \x22quoted\x22, text"` + "\n" +
			`127.0.0.1 [23/Nov/2026:07:55:48 +0000] "POST /sms HTTP/1.1" 503 "From=%2B14155550102&Body=two\x0Alines"` + "\n", text},
		{"tabs in what the map calls CSV", "t\tm\tu\ts\tb\n1795420547.5\tPOST\t/sms\t200\tFrom=%2B14155550101&Body=a \"quoted\", text\n" +
			"1795420548\tPOST\t/sms\t503\t\"From=%2B14155550102&Body=two\nlines\"\n", Map{Time: "t", Method: "m", URL: "u", Body: "b", Status: "s", Format: InputCSV}},
	}
}

func TestFormats(t *testing.T) {
	for _, tc := range formats() {
		records, problems, account := read(t, tc.m, tc.log)
		if len(records) < 2 || len(problems) > 0 || account.Read != int64(len(records)) || account.Damaged {
			t.Errorf("%s: %d records, %v, account %+v", tc.name, len(records), problems, account)
			continue
		}
		for i, want := range []string{
			fmt.Sprintf("2026-11-23T07:55:47.5Z POST /sms\nContent-Length: 41\n\n%q\nhost , 200 after 0s", bodyA),
			fmt.Sprintf("2026-11-23T07:55:48Z POST /sms\nContent-Length: 34\n\n%q\nhost , 503 after 0s", bodyB),
		} {
			if i == 1 {
				i = len(records) - 1
			}
			if got := describe(records[i]); got != want {
				t.Errorf("%s: record %d: got\n%s\nwant\n%s", tc.name, i, got, want)
			}
		}
	}
}
