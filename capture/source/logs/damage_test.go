package logs

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"reprise/capture"
	"reprise/capture/internal/rows"
)

// TestDamage has logs with something wrong in them: what it costs, and what is said.
func TestDamage(t *testing.T) {
	object := func(i int) string { return fmt.Sprintf(`{"t":%d,"u":"/%d","b":"{\"a\":1}"}`, i, i) }
	m := Map{Time: "t", URL: "u", Body: "b"}
	for _, tc := range []struct {
		name, log string
		want      string // URLs
		problems  []string
	}{
		{"an object cut off in a string", object(1) + `{"t":2,"u":"/unfin` + object(3) + object(4), "/1 /3 /4", []string{"object 2: not JSON"}},
		{"an object cut off behind a colon", object(1) + `{"t":2,"u":` + object(3) + object(4), "/1 /4", []string{"object 2: not JSON"}},
		{"an object cut off behind a colon, and others on lines", "[" + object(1) + ",\n" + `{"t":2,"u":` + "\n" + object(3) + ",\n" + object(4) + "\n" + object(5) + "]", "/1 /3 /4 /5", []string{"object 2: not JSON"}},
		{"a bracket of the other kind", object(1) + `{"t":2,"u":["/2"}}` + object(3), "/1 /3", []string{"object 2: not JSON"}},
		{"an object cut off behind a number", object(1) + `{"t":2` + object(3) + object(4), "/1 /3 /4", []string{"object 2: not JSON"}},
		{"an object cut off behind a brace", object(1) + `{"t":2,"b":{` + object(3) + object(4), "/1 /3 /4", []string{"object 2: not JSON"}},
		{"text between", object(1) + "some text\n" + object(2) + " more " + object(3), "/1 /2 /3", []string{"object 2: not JSON", "object 4: not JSON"}},
		{"an array whose end is missing", "[" + object(1) + ",\n" + object(2) + ",\n", "/1 /2", []string{"object 2: the array does not end"}},
		{"an array cut off in an object", "[" + object(1) + ",\n" + `{"t":2,"u"`, "/1", []string{"object 2: the array does not end", "object 2: not JSON"}},
		{"an array with no commas, and with many", "[" + object(1) + "\n" + object(2) + ",,," + object(3) + ",]", "/1 /2 /3", nil},
		{"an array of other things", `[1, "two", [` + object(3) + `], null]`, "/3", []string{"object 1: not JSON", "object 3: not JSON"}},
		{"a line end in a string", "[\n" + `{"t":1,"u":"/1` + "\n" + `"},` + "\n" + object(2) + "]", "/2", []string{"object 1: not JSON", "object 2: not JSON"}},
		{"lines, the first cut off at its front", `rl":"/0"}` + "\n" + object(1) + "\n" + object(2) + "\n", "/1 /2", []string{"line 1: not JSON"}},
		{"lines, the first cut off at its end", object(0)[:9] + "\n" + object(1) + "\n" + object(2) + "\n", "/1 /2", []string{"line 1: not JSON"}},
		{"a line with a half behind a whole", object(0) + "\n" + object(1) + object(2)[:9] + "\n" + object(3) + "\n", "/0 /3", []string{"line 2: not JSON"}},
		{"a table with too few and too many columns", "t,u,b\n1,/1,x\n2,/2\n3,/3,x,y\n4,/4,x\n", "/1 /4", []string{"line 3: " + ReasonColumns, "line 4: " + ReasonColumns}},
		{"a table with empty lines and its header again", "t,u,b\n1,/1,x\n\n\r\nt,u,b\n2,/2,x\n", "/1 /2", nil},
		{"a quote that does not end, before others", "t,u,b\n1,/1,\"x\n2,/2,\"y\"\n3,/3,z\n", "/2 /3", []string{"line 2: " + rows.ReasonQuote}},
		{"a quote that does not end, at the end", "t,u,b\n1,/1,x\n2,/2,\"y\n3,/3,z\n4,/4,z", "/1 /3 /4", []string{"line 3: " + rows.ReasonQuote}},
		{"text behind a quote", "t,u,b\n1,/1,\"x\"y\n2,/2,z\n", "/2", []string{"line 2: " + rows.ReasonQuote}},
		{"lines in records count", "t,u,b\n1,/1,\"x\ny\nz\"\n2,\n", "/1", []string{"line 5: " + ReasonColumns}},
		{"logfmt with a quote that does not end", "t=1 u=/1 b=x\nt=2 u=/2 b=\"x\nt=3 u=/3 b=x\n", "/1 /3", []string{"line 2: " + ReasonLogfmt}},
		{"logfmt with other lines", "t=1 u=/1 b=x\nserver started\nt=3 u=/3 b=x\n", "/1 /3", []string{`line 2: field "t": missing`}},
	} {
		records, problems, account := read(t, m, tc.log)
		var urls, said []string
		for _, r := range records {
			urls = append(urls, r.URL)
		}
		for _, p := range problems {
			said = append(said, strings.TrimPrefix(p.Error(), "web.log: "))
		}
		if strings.Join(urls, " ") != tc.want || !slices.Equal(said, tc.problems) || account.Read != account.Kept+total(account.Skipped) {
			t.Errorf("%s: got %v, problems %q, account %+v", tc.name, urls, said, account)
		}
		damaged := slices.ContainsFunc(tc.problems, func(p string) bool { return !strings.Contains(p, "field") })
		if account.Damaged != damaged || account.Damaged && account.Lost == 0 && !account.Cut {
			t.Errorf("%s: damaged %v, %d bytes lost", tc.name, account.Damaged, account.Lost)
		}
	}
}

// TestStopped has a pipe that is stopped within the last line: half a line is nothing, whole objects are read.
func TestStopped(t *testing.T) {
	for _, tc := range []struct {
		name, log string
		m         Map
		want      int
	}{
		{"objects in the last line", `{"t":1,"u":"/1"}` + "\n" + `{"t":2,"u":"/2"}{"t":3,"u":"/3"}`, Map{Time: "t", URL: "u"}, 3},
		{"half an object", `{"t":1,"u":"/1"}` + "\n" + `{"t":2,"u":"/2"`, Map{Time: "t", URL: "u"}, 1},
		{"half a record that has a list", "l\n\"[{\"\"t\"\":1,\"\"u\"\":\"\"/1\"\"}]\"\n\"[{\"\"t\"\":2,\"\"u\"\":\"\"/2\"\"},{\"\"t\"\":3,\"\"u\"\":\"\"/3\"\"}]\"", Map{Time: "/t", URL: "/u", Unwrap: placeList{"l"}}, 1},
		{"an array that goes on", `[{"t":1,"u":"/1"},{"t":2,"u":"/2"},{"t":3`, Map{Time: "t", URL: "u"}, 2},
	} {
		var account capture.Account
		r, err := New(io.MultiReader(strings.NewReader(tc.log), iotest.ErrReader(capture.ErrStopped)), Options{Map: tc.m, Account: &account})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rec := (capture.Record{}); ; n++ {
			if err = r.Next(t.Context(), &rec); err != nil {
				break
			}
		}
		if n != tc.want || !errors.Is(err, io.EOF) || account.Damaged || account.Read != int64(n) {
			t.Errorf("%s: %d records, %v, %+v", tc.name, n, err, account)
		}
	}
}

// TestOtherLines holds that a line of text that is no request is no damage.
func TestOtherLines(t *testing.T) {
	m := Map{Pattern: `^(?P<time>\S+) (?P<method>[A-Z]+) (?P<url>/\S*)$`}
	records, problems, account := read(t, m, "2026-11-23T07:55:47Z POST /a\nserver started\n2026-11-23T07:55:48Z GET /b\n")
	if len(records) != 2 || records[1].Method != "GET" || account.Damaged || account.Skipped[ReasonPattern] != 1 || len(problems) != 1 {
		t.Errorf("%d records, %v, %+v", len(records), problems, account)
	}
}

// TestLongest holds the bound of an object and of a table's record: it is given up, and reading goes on.
func TestLongest(t *testing.T) {
	const limit = 300 << 10
	long := strings.Repeat("x", 2*limit)
	m := Map{Time: "t", URL: "u", Body: "b"}
	for name, log := range map[string]string{
		"objects":     `[{"t":1,"u":"/1"},{"t":2,"u":"/2","b":"` + long + "\"},\n{\"t\":3,\"u\":\"/3\"}]",
		"in one line": `{"t":1,"u":"/1"}{"t":2,"u":"/2","b":"` + long + `\"}"}{"t":3,"u":"/3"}`,
		"garbage":     `[{"t":1,"u":"/1"}` + long + "\n{\"t\":3,\"u\":\"/3\"}]",
		"a table":     "t,u,b\n1,/1,\n2,/2," + long + "\n3,/3,\n",
		"quoted":      "t,u,b\n1,/1,\n2,/2,\"" + long + "\"\n3,/3,\n",
		"never ended": "t,u,b\n1,/1,\n2,/2,\"" + long + "\n3,/3,\n",
	} {
		var account capture.Account
		r, err := New(strings.NewReader(log), Options{Map: m, Account: &account})
		if err != nil {
			t.Fatal(err)
		}
		switch rows := r.begin().(type) {
		case *objects:
			rows.Limit = limit
			r.rows = rows
		case *table:
			rows.Limit = limit
			r.rows = rows
		}
		var urls []string
		var rec capture.Record
		for err == nil {
			if err = r.Next(t.Context(), &rec); err == nil {
				urls = append(urls, rec.URL)
			}
		}
		if strings.Join(urls, " ") != "/1 /3" || !errors.Is(err, io.EOF) || account.Read != 3 || account.Skipped[ReasonTooLong] != 1 || account.Lost < limit {
			t.Errorf("%s: %v, %v, %+v", name, urls, err, account)
		}
	}
}

// TestLarge reads an object that is longer than a line may be, and holds an array of requests, as its small sister is read.
func TestLarge(t *testing.T) {
	const limit = 300 << 10
	event := func(i int) string {
		return fmt.Sprintf(`{"at":%d,"message":"{\"u\":\"/%d\",\"b\":\"]}%s\"}"}`, i, i, strings.Repeat("x", 1000))
	}
	var events []string
	for i := range 1000 {
		events = append(events, event(i))
	}
	large := `{"a":{"events":[1]},"data":{"x":[{}],"events":[` + strings.Join(events, ",\n") + `],"next":{"y":["` + strings.Repeat("]", 2*limit) + `"]}},"z":1}`
	other := `{"data":{"events":[` + event(1000) + `]}}`
	m := Map{Time: "/at", URL: "/u", Unwrap: []string{"/data/events", "/message"}}
	var account capture.Account
	r, err := New(strings.NewReader(large+other+large), Options{Map: m, Account: &account})
	if err != nil {
		t.Fatal(err)
	}
	in, ok := r.begin().(*objects)
	if !ok {
		t.Fatal("it is not read as objects")
	}
	in.Limit = limit
	r.rows = in
	var rec capture.Record
	n, window := 0, 0
	for ; err == nil; n++ {
		window = max(window, cap(in.Data()))
		if err = r.Next(t.Context(), &rec); err == nil && (rec.URL != fmt.Sprintf("/%d", n%1001) || rec.Time.Unix() != int64(n%1001)) {
			t.Fatalf("record %d is %s of %v", n, rec.URL, rec.Time)
		}
	}
	if n-1 != 2001 || !errors.Is(err, io.EOF) || account.Read != 2001 || account.Damaged || window > 2*limit {
		t.Errorf("%d records, %v, %+v, a window of %d bytes", n-1, err, account, window)
	}
}

// TestManyColumns holds that a line of commas alone takes neither much memory nor long.
func TestManyColumns(t *testing.T) {
	commas := strings.Repeat(",", 8<<20)
	m := Map{Time: "t", URL: "u", Format: InputCSV}
	for name, log := range map[string]string{"a record": "t,u\n1,/1\n" + commas + "\n2,/2\n", "the header": "t,u" + commas + "\n1,/1\n"} {
		var account capture.Account
		r, err := New(strings.NewReader(log), Options{Map: m, Account: &account})
		if err != nil {
			t.Fatal(err)
		}
		var rec capture.Record
		for err == nil {
			err = r.Next(t.Context(), &rec)
		}
		if in, ok := r.rows.(*table); !ok || cap(in.Fields) > 50_000 || account.Skipped[ReasonColumns] != 1 {
			t.Errorf("%s: %+v", name, account)
		}
	}
}

// TestDeep holds that a payload whose fields are nested without end is no payload, rather than work without end.
func TestDeep(t *testing.T) {
	for _, open := range []string{`{"a":`, `[`} {
		closing := map[string]string{`{"a":`: "}", `[`: "]"}[open]
		body := `{"x":` + strings.Repeat(open, 5000) + `"` + strings.Repeat("y", 1<<20) + `"` + strings.Repeat(closing, 5000) + `}`
		m := Map{Time: "t", URL: "u", Body: "b", BodyEncoding: EncodingForm}
		records, problems, _ := read(t, m, `{"t":1,"u":"/","b":`+body+`}`)
		if len(records) != 0 || len(problems) != 1 || problems[0].Reason != reasonNotParsed {
			t.Errorf("%s: %d records, %v", open, len(records), problems)
		}
		m.BodyEncoding = EncodingJSON
		if records, _, _ := read(t, m, `{"t":1,"u":"/","b":`+body+`}`); len(records) != 1 || string(records[0].Body) != body {
			t.Errorf("%s: %d records of JSON", open, len(records))
		}
	}
}

// FuzzFormats reads any input as any format, in any pieces: it must not break, and the account balances.
func FuzzFormats(f *testing.F) {
	logs := formats()
	for i, tc := range logs {
		f.Add([]byte(tc.log), uint8(i))
	}
	f.Add([]byte(`[{"t":1,"u":"/"},{"t":2`), uint8(4))
	f.Add([]byte("t,u,b\n1,/,\"x\"\"y\n\"\n2,/,\"z"), uint8(10))
	f.Fuzz(func(t *testing.T, log []byte, which uint8) {
		tc := logs[int(which)%len(logs)]
		m := tc.m
		if which >= 128 {
			m.Unwrap = []string{"b"}
		}
		var first []string
		for _, in := range []io.Reader{bytes.NewReader(log), iotest.OneByteReader(bytes.NewReader(log))} {
			var account capture.Account
			r, err := New(in, Options{Map: m, Account: &account})
			if err != nil {
				t.Fatal(err)
			}
			var rec capture.Record
			var got []string
			for err == nil {
				if err = r.Next(t.Context(), &rec); err == nil {
					got = append(got, describe(&rec))
				}
			}
			if !errors.Is(err, io.EOF) || account.Read != int64(len(got))+total(account.Skipped) {
				t.Fatalf("%v: %d records, %+v", err, len(got), account)
			}
			if first == nil {
				first = append(got, "")
			} else if !slices.Equal(first[:len(first)-1], got) {
				t.Fatalf("in pieces, other records: %q, %q", first, got)
			}
		}
	})
}

// FuzzTable reads what encoding/csv writes.
func FuzzTable(f *testing.F) {
	f.Add("a,b", "x\"y\nz", "", "1")
	f.Add("", "\"", "\r\n", "  ")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		rows := [][]string{{"a", "b"}, {a, b}, {c, d}}
		if w.WriteAll(rows) != nil || strings.ContainsAny(a+b+c+d, "\r") { // which encoding/csv changes
			return
		}
		in := newTable(iotest.HalfReader(bytes.NewReader(text.Bytes())), ',', new(capture.Stoppable), &node{slot: noSlot})
		var got [][]string
		for {
			row, err := in.next()
			if len(row) > 0 && !in.Broken {
				var fields []string
				for _, f := range in.Fields {
					fields = append(fields, string(f.Content(row)))
				}
				got = append(got, fields)
			}
			if err != nil {
				break
			}
		}
		want := slices.DeleteFunc(rows[1:], func(r []string) bool { return r[0] == "a" && r[1] == "b" })
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("%q: got %q, want %q", text.String(), got, want)
		}
	})
}

// FuzzLogfmt takes any line apart, in place.
func FuzzLogfmt(f *testing.F) {
	for _, s := range []string{`a=1 b="x \"y\" \u00e9\x41\n" c d=`, `="`, `a="\u12"`, `a="\ud83d\ude00"`, "a=\"\\"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		t2 := newTree()
		slot := t2.add("a")
		l := level{found: make([]span, t2.slots)}
		if (logfmt{t2.root}).parse(line, &l) == "" && l.found[slot].end > len(l.doc) {
			t.Fatal("a value ends outside its line")
		}
	})
}

// FuzzObjects cuts whole objects apart, whatever stands between them and however they come.
func FuzzObjects(f *testing.F) {
	f.Add([]byte(`{"a":"b"}`), []byte(`{ "a\\\"" : [ {} , "}{" ] }`), []byte("{}"), uint8(0))
	f.Add([]byte("{\n}"), []byte(`{"\\":"\\\\\""}`), []byte(`{"a":1e5,"b":null}`), uint8(3))
	f.Fuzz(func(t *testing.T, a, b, c []byte, between uint8) {
		separators := []string{"", "\n", " , ", "\r\n", "\x1e", ",\n\n"}
		separator := separators[int(between)%len(separators)]
		var want []string
		for _, object := range [][]byte{a, b, c} {
			object = bytes.TrimSpace(object)
			if len(object) == 0 || object[0] != '{' || !(&scanner{}).scan(object, nil) {
				return
			}
			want = append(want, string(object))
		}
		text := strings.Join(want, separator)
		if between >= 128 {
			text = "[" + text + "]"
		}
		for _, whole := range []func([]byte) int{newPlan(Map{}).object, func([]byte) int { return 0 }} {
			o := rows.NewObjects(iotest.HalfReader(strings.NewReader(text)), maxLine, rows.ObjectOptions{Whole: whole})
			var got []string
			for {
				object, err := o.Next()
				if len(object) > 0 {
					got = append(got, string(object))
				}
				if err != nil {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%q: got %q", text, got)
			}
		}
	})
}

// FuzzPattern takes a line apart by any expression.
func FuzzPattern(f *testing.F) {
	f.Add(`^(?P<time>\S+) (?P<url>/\S*)( (?P<body>.*))?$`, []byte("2026-11-23T07:55:47Z /a"))
	f.Add(`(?P<time>a)|(?P<time>b)`, []byte("b"))
	f.Add(`(?P<request>`, []byte("x"))
	f.Fuzz(func(t *testing.T, expression string, line []byte) {
		m, err := Map{Pattern: expression, Time: "time", URL: "url", Body: "body"}.ready()
		if err != nil {
			return
		}
		p := newPlan(m)
		p.rows = newPattern(m.Pattern, p.wanted)
		var rec capture.Record
		if bad := p.fill(&rec, line); bad == nil && (rec.URL == "" || rec.Time.IsZero() || len(rec.Body) > len(line)) {
			t.Fatalf("a record without %+v", rec)
		}
	})
}
