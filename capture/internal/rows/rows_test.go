package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// read gives the rows of an input, each on a line with its place, and what it ends with.
func read(in io.Reader, o Options) (rows []string, end error) {
	r := New(in, o)
	for {
		object, cells, err := r.Next()
		n, unit := r.Place()
		broken := (*Broken)(nil)
		switch {
		case errors.As(err, &broken):
			rows = append(rows, fmt.Sprintf("%s %d: %s, %d bytes", unit, n, broken.Reason, broken.Bytes))
		case err != nil:
			return rows, err
		case o.CSV:
			rows = append(rows, fmt.Sprintf("%s %d: %q", unit, n, cells))
		default:
			rows = append(rows, fmt.Sprintf("%s %d: %s", unit, n, object))
		}
	}
}

func TestRows(t *testing.T) {
	page := Options{Pages: []string{"messages", "data"}}
	csv := Options{CSV: true}
	for _, tc := range []struct {
		name, in string
		o        Options
		want     []string
		end      error
	}{
		{"lines", "\ufeff{\"a\":1}\r\n\n{\"a\":\"}\\\"\"}\n", page, []string{`line 1: {"a":1}`, `line 3: {"a":"}\""}`}, io.EOF},
		{"back to back", `{"a":1}{"a":{"b":[2]}}`, page, []string{`line 1: {"a":1}`, `row 2: {"a":{"b":[2]}}`}, io.EOF},
		{"an array", "[\n{\"a\":1},\n{\"a\":2}\n]\n", page, []string{`row 1: {"a":1}`, `row 2: {"a":2}`}, io.EOF},
		{
			"pages", "{\"start\":0, \"messages\" : [{\"a\":1},{\"messages\":\"x\"}], \"next\":{\"messages\":[]}}\n{\"messages\":[],\"page\":1}{\"messages\":[{\"a\":3}]}", page,
			[]string{`row 1: {"a":1}`, `row 2: {"messages":"x"}`, `row 3: {"a":3}`},
			io.EOF,
		},
		{"a page of one", `{"data":{"a":1},"meta":{}} {"data":{"a":2}}`, page, []string{`row 1: {"a":1}`, `row 2: {"a":2}`}, io.EOF},
		{"several lists in a page", `{"messages":[{"a":1}],"data":[{"a":2}]}`, page, []string{`row 1: {"a":1}`, `row 2: {"a":2}`}, io.EOF},
		{"no page", `{"messages":[{"a":1}]}`, Options{}, []string{`line 1: {"messages":[{"a":1}]}`}, io.EOF},
		{"a batch in a stream", `{"a":1}[{"a":2},{"a":3}]{"a":4}`, page, []string{`line 1: {"a":1}`, `row 2: {"a":2}`, `row 3: {"a":3}`, `row 4: {"a":4}`}, io.EOF},
		{"damage", "{\"a\":1}\n{\"a\":\"x\n{\"a\":3}\nnull\n{\"a\":]}\n{\"a\":6}", page, []string{
			`line 1: {"a":1}`, "line 2: not JSON, 7 bytes", `line 3: {"a":3}`, "line 4: not JSON, 4 bytes", "line 5: not JSON, 7 bytes", `line 6: {"a":6}`,
		}, io.EOF},
		{"rows that were cut off", "{\"a\":1\n{\"a\":{\n{\"a\":[1,\n{\"a\":[2]}\n{\"a\":\n{\"b\":2}\n{\"a\":3}\n", page, []string{
			"line 1: not JSON, 7 bytes", "line 2: not JSON, 7 bytes", "line 3: not JSON, 9 bytes", `line 4: {"a":[2]}`, "line 5: not JSON, 6 bytes", `line 6: {"b":2}`, `line 7: {"a":3}`,
		}, io.EOF},
		{"damage within a line", `{"a":1}{"a":{"b{"a":3} x {"a":4}`, page, []string{`line 1: {"a":1}`, "row 2: not JSON, 8 bytes", `row 3: {"a":3}`, "row 4: not JSON, 2 bytes", `row 5: {"a":4}`}, io.EOF},
		{"a bracket of the other kind", `{"a":[1}, {"a":2}`, page, []string{"line 1: not JSON, 10 bytes", `row 2: {"a":2}`}, io.EOF},
		{"pages in an array", `[{"messages":[{"a":1}]},{"data":[],"messages":[{"a":2}]}]`, page, []string{`row 1: {"a":1}`, `row 2: {"a":2}`}, io.EOF},
		{"half a row", "{\"a\":1}\n{\"a\":", page, []string{`line 1: {"a":1}`, "line 2: not JSON, 5 bytes"}, io.EOF},
		{"half a page", "{\"messages\":[{\"a\":1},\n", page, []string{`row 1: {"a":1}`}, io.ErrUnexpectedEOF},
		{"half of a page's end", "{\"messages\":[{\"a\":1}],\"next", page, []string{`row 1: {"a":1}`}, io.ErrUnexpectedEOF},
		{"CSV", "\ufeffa,b\r\n1,2\r\n\r\n\"x\"\"y\",\"p,\nq\"\r\nu\"v,\n", csv, []string{`line 2: ["1" "2"]`, `line 4: ["x\"y" "p,\nq"]`, `line 6: ["u\"v" ""]`}, io.EOF},
		{"semicolons", "a;b\n1,5;2", csv, []string{`line 2: ["1,5" "2"]`}, io.EOF},
		{"tabs", "a\tb\n1\t\n", csv, []string{`line 2: ["1" ""]`}, io.EOF},
		{"fields", "a,b\n1\n1,2,3\n4,5\n", csv, []string{
			"line 2: not as many columns as the header has, 2 bytes", "line 3: not as many columns as the header has, 6 bytes", `line 4: ["4" "5"]`,
		}, io.EOF},
		{"an open quote", "a,b\n1,\"2\n3,4\n", csv, []string{"line 2: a quote that does not end where its column ends, 5 bytes", `line 3: ["3" "4"]`}, io.EOF},
		{"behind the quotes", "a,b\n\"1\"x,2\n", csv, []string{"line 2: a quote that does not end where its column ends, 7 bytes"}, io.EOF},
		{"the heading again", "a,b\n1,2\na,b\n3,4\n", csv, []string{`line 2: ["1" "2"]`, `line 4: ["3" "4"]`}, io.EOF},
		{"a heading behind empty lines", "\n\r\na;b\n1;2\n", csv, []string{`line 4: ["1" "2"]`}, io.EOF},
		{"nothing", "", page, nil, io.EOF},
		{"no lines", "\n", csv, nil, io.EOF},
	} {
		for size, in := range map[string]io.Reader{"whole": strings.NewReader(tc.in), "a byte": iotest.OneByteReader(strings.NewReader(tc.in))} {
			if got, end := read(in, tc.o); !slices.Equal(got, tc.want) || !errors.Is(end, tc.end) {
				t.Errorf("%s, %s at a time: %v\n%q\nwant %v\n%q", tc.name, size, end, got, tc.end, tc.want)
			}
		}
	}
}

// TestRowsLong reads rows that are longer than the memory at the begin, and one that is too long.
func TestRowsLong(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 3*firstWindow) + `"}`
	got, end := read(strings.NewReader(strings.Repeat(long+"\n", 3)), Options{})
	if len(got) != 3 || got[2] != "line 3: "+long || !errors.Is(end, io.EOF) {
		t.Errorf("%d rows, %v", len(got), end)
	}
	tooLong := `{"a":"` + strings.Repeat("x", 2*MaxRow) + `"}`
	got, end = read(strings.NewReader(tooLong+"\n{}\n"), Options{})
	if !slices.Equal(got, []string{fmt.Sprintf("line 1: %s, %d bytes", TooLong, len(tooLong)), "line 2: {}"}) || !errors.Is(end, io.EOF) {
		t.Errorf("%.100q, %v", got, end)
	}
	open := "a,b\n1,\"" + strings.Repeat("x\n", maxCSVRow)
	r := New(strings.NewReader(open), Options{CSV: true})
	_, _, err := r.Next()
	if broken := (*Broken)(nil); !errors.As(err, &broken) || broken.Reason != ReasonQuote || cap(r.table.buf) > 4*maxCSVRow {
		t.Errorf("a quote that nothing closes: %v, %d bytes of memory", err, cap(r.table.buf))
	}
}

// TestQuotesWithoutEnd holds that lines of which each opens a quote that nothing ends do not each cost as much as the rest of the input.
func TestQuotesWithoutEnd(t *testing.T) {
	const limit, lines = firstWindow, 100_000
	table := NewTable(strings.NewReader("a,b,c\n"+strings.Repeat("x\",y,\"\n", lines)+"1,\"2\",3\n"), 0, limit, nil)
	broken, whole := 0, 0
	for {
		record, err := table.Next()
		if err != nil {
			break
		}
		if table.Reason() == ReasonQuote {
			broken++
		} else if string(record) == `1,"2",3` {
			whole++
		}
	}
	if broken != lines || whole != 1 || table.vain > 2*patience*limit {
		t.Errorf("%d lines broken, %d whole, %d bytes looked at in vain", broken, whole, table.vain)
	}
}

// TestPagesLong reads pages that are longer than a row may be, before their rows, in them and behind them.
func TestPagesLong(t *testing.T) {
	const limit = firstWindow + 1000
	long := strings.Repeat("]}\\\"x", limit/2)
	page := `{"a":"` + long + `","rows":[` + strings.Repeat(`{"b":"`+long[:1000]+`"},`, 1000) + `{"c":"` + long + `"}],"z":["` + long + `"],"rows":{"d":1}}`
	o := NewObjects(strings.NewReader(page+`{"e":1}`), limit, ObjectOptions{Pages: []string{"rows"}})
	var got []string
	window := 0
	for {
		object, err := o.Next()
		if err != nil {
			break
		}
		window = max(window, cap(o.Data()))
		got = append(got, fmt.Sprintf("%.6s", object))
	}
	want := append(slices.Repeat([]string{`{"b":"`}, 1000), "", `{"d":1`, `{"e":1`)
	if !slices.Equal(got, want) || o.Number() != int64(len(want)) || o.Gone() < int64(len(long)) || o.Within() || window > 2*limit {
		t.Errorf("%d objects, the last ones %q; %d bytes gone, a window of %d", len(got), got[max(0, len(got)-3):], o.Gone(), window)
	}
}

// TestPagesDeep holds that pages within pages cost no memory without end.
func TestPagesDeep(t *testing.T) {
	o := NewObjects(strings.NewReader(strings.Repeat(`{"rows":[`, 1000)), MaxRow, ObjectOptions{Pages: []string{"rows"}})
	if object, err := o.Next(); len(object) != (1000-deepestPage)*len(`{"rows":[`) || !errors.Is(err, io.EOF) || !o.Within() {
		t.Errorf("%d bytes, %v", len(object), err)
	}
}

func TestRowsUnreadable(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for _, text := range []string{"", "{\"a\":1}\n", "{\"a\":1}\n{\"a\":", "[{\"a\":1},"} {
		if _, end := read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), Options{}); !errors.Is(end, broken) {
			t.Errorf("%q: %v", text, end)
		}
	}
}

// TestRowsStopped has an input that is stopped within a line of CSV: half a line is nothing, also where it is within quotes.
func TestRowsStopped(t *testing.T) {
	o := Options{CSV: true, Stopped: func() bool { return true }}
	for _, text := range []string{"a,b\n1,2\n3,4", "a,b\n1,2\n3,\"4\n5,6\n7,8", "a,b\n1,2\n"} {
		if got, end := read(strings.NewReader(text), o); !slices.Equal(got, []string{`line 2: ["1" "2"]`}) || !errors.Is(end, io.EOF) {
			t.Errorf("%q: %q, %v", text, got, end)
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte("{\"messages\":[{\"a\":1},{}],\"x\":2}\n{\"a\":\"\\\"\"}"), false)
	f.Add([]byte("a,b\n\"x\"\"\",2\n"), true)
	f.Fuzz(func(t *testing.T, text []byte, csv bool) {
		o := Options{CSV: csv, Pages: []string{"messages"}}
		got, end := read(bytes.NewReader(text), o)
		if len(got) > len(text) || end == nil {
			t.Fatalf("%d rows of %d bytes, %v", len(got), len(text), end)
		}
		again, _ := read(iotest.HalfReader(bytes.NewReader(text)), o)
		if !slices.Equal(got, again) {
			t.Errorf("read by halves it gives %q, not %q", again, got)
		}
	})
}

func BenchmarkRows(b *testing.B) {
	text := strings.Repeat(`{"id":"SM01234567890123456789","from":"+12125550101","body":"say \"hi\" to all of them, and ask","date":"2026-11-29T14:41:59Z","n":{"a":[1,2,3]}}`+"\n", 10_000)
	for name, in := range map[string]string{"lines": text, "page": `{"messages":[` + strings.ReplaceAll(strings.TrimSpace(text), "\n", ",\n") + `]}`} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				r, n := New(strings.NewReader(in), Options{Pages: []string{"messages"}}), 0
				for ; ; n++ {
					if _, _, err := r.Next(); err != nil {
						break
					}
				}
				if n != 10_000 {
					b.Fatal(n)
				}
			}
		})
	}
}
