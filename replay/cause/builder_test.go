package cause

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"reprise/capture"
)

// value is what a row's code stands for: a label, yes, no, a bin's lower edge, or nothing.
func value(c *Column, row int) string {
	switch code := c.Codes[row]; {
	case code == NoCode:
		return "-"
	case c.Labels != nil:
		return c.Labels[code]
	case c.Edges != nil:
		return fmt.Sprintf("%g", c.Edges[code])
	default:
		return []string{"no", "yes"}[code]
	}
}

// values are those of all rows.
func values(c *Column) (all []string) {
	if c == nil {
		return nil
	}
	for i := range c.Codes {
		all = append(all, value(c, i))
	}
	return all
}

// ms is a time in milliseconds.
func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// six are requests of two people, one of whom writes three times: the fourth is sent late, the last is never answered.
func six() []Row {
	return []Row{
		{Seq: 0, Kind: capture.Help, Intended: ms(0), Sent: ms(0), Done: ms(10), Status: 200, Person: 7, Recipient: 1, InFlight: -1},
		{Seq: 1, Kind: capture.Help, Intended: ms(40), Sent: ms(40), Done: ms(140), Status: 200, Person: 8, Recipient: 1, InFlight: -1},
		{Seq: 2, Kind: capture.Reaction, Intended: ms(90), Sent: ms(90), Done: ms(95), Status: 500, Failure: "status 500", Person: 7, Recipient: 2, InFlight: -1},
		{Seq: 3, Kind: capture.Help, Intended: ms(200), Sent: ms(203), Done: ms(500), Status: 200, Person: 7, Recipient: 1, InFlight: -1},
		{Seq: 3, Copy: 1, Copied: true, Kind: capture.Help, Intended: ms(200), Sent: ms(201), Done: ms(240), Status: 200, Person: 9, Recipient: 1, InFlight: -1},
		{Seq: 4, Kind: capture.Reaction, Intended: ms(1300), Sent: ms(1300), Done: ms(2300), Failure: "timeout", InFlight: -1},
	}
}

// facts are those of the records of six.
func sixFacts() []Facts {
	noon := time.Date(2026, 6, 1, 12, 59, 0, 0, time.UTC)
	return []Facts{
		{Vendor: "b", Encoding: "gsm7", Segments: 1, BodyBytes: 100, Media: No, Receipt: No, Retry: No, Recorded: noon, ID: 1},
		{Vendor: "a", Encoding: "ucs2", Segments: 3, BodyBytes: 126, Media: Yes, Receipt: No, Retry: No, Recorded: noon, ID: 2},
		{Vendor: "a", BodyBytes: 99, Media: No, Receipt: Yes, Retry: No, Recorded: noon},
		{Vendor: "b", Encoding: "gsm7", Segments: 1, BodyBytes: 100, Media: No, Receipt: No, Retry: No, Recorded: noon.Add(time.Minute), ID: 1},
		{Vendor: "b", Encoding: "gsm7", Segments: 1, BodyBytes: 100, Media: No, Receipt: No, Retry: Yes, Recorded: noon.Add(time.Minute), ID: 2},
	}
}

func built(rows []Row, facts map[int64]Facts, o Options) *Table {
	b := NewBuilder(o)
	for i := range rows {
		b.Add(&rows[i])
	}
	for seq, f := range facts {
		b.Describe(seq, &f)
	}
	return b.Table()
}

func TestBuilder(t *testing.T) {
	rows, facts := six(), make(map[int64]Facts)
	for i, f := range sixFacts() {
		facts[int64(i)] = f
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	table := built(rows, facts, Options{StopsKnown: true, Stops: []Span{{ms(1900), ms(2500)}, {ms(110), ms(120)}, {ms(100), ms(119)}, {ms(105), ms(106)}}})
	for _, tc := range []struct {
		attribute Attribute
		want      string
	}{
		{Kind, "[help help reaction help help reaction]"},
		{Vendor, "[b a a b b b]"},
		{Recipient, "[1 1 2 1 1 -]"},
		{Encoding, "[gsm7 ucs2 - gsm7 gsm7 gsm7]"},
		{Segments, "[1 3 - 1 1 1]"},
		{BodyBytes, "[100 125 80 100 100 100]"},
		{Media, "[no yes no no no no]"},
		{Receipt, "[no no yes no no no]"},
		{Copy, "[no no no no yes no]"},
		{Retry, "[no no no no no yes]"},
		{RepeatedID, "[no no - yes no no]"},
		{FirstOfPerson, "[yes yes no no yes -]"},
		{SamePersonWithin, "[- - 8e+07 1e+08 - -]"},
		{SameRecipientWithin, "[- 4e+07 - 1.6e+08 0 -]"},
		{SameKindWithin, "[- 4e+07 - 1.6e+08 0 1e+09]"},
		{Burst100ms, "[1 2 3 2 2 1]"},
		{Burst1s, "[1 2 3 5 5 1]"},
		{KindBurst100ms, "[1 2 1 2 2 1]"},
		{KindBurst10s, "[1 2 1 4 4 2]"},
		{InFlight, "[0 0 1 1 0 0]"},
		{RunSecond, "[0 0 0 0.2 0.2 1.3]"},
		{RecordedHour, "[12 12 12 13 13 13]"},
		{ToolLag, "[0 0 0 2.5e+06 1e+06 0]"},
		{ToolStop, "[0 2e+07 0 2e+07 2e+07 4e+08]"},
	} {
		if got := fmt.Sprint(values(table.Column(tc.attribute))); got != tc.want {
			t.Errorf("%s = %s, want %s", tc.attribute, got, tc.want)
		}
	}
	want := []Missing{{Intent, NotInIt}, {NewConnection, OldRun}, {Watched, NotWatched}}
	if !slices.Equal(table.Missing, want) {
		t.Errorf("missing are %v, want %v", table.Missing, want)
	}
	got := fmt.Sprint(table.Lag, table.Service, table.Status, table.Failure, table.Failures)
	if want := fmt.Sprint("[0 0 0 3000 1000 0] [10000 100000 5000 297000 39000 ", NoMicros, "] [200 200 500 200 200 0] [0 0 1 0 0 2] [status 500 timeout]"); got != want {
		t.Errorf("outcomes are %s, want %s", got, want)
	}
	traffic := Traffic{People: 3, TopPerson: 0.6, Recipients: 2, TopRecipient: 0.8, SameKindNext: 0.4, SameKindByChance: 4./6*3/5 + 2./6/5, RepeatedIDs: 1}
	if got := table.Traffic; math.Abs(got.SameKindByChance-traffic.SameKindByChance) > 1e-9 {
		t.Errorf("traffic is %+v, want %+v", got, traffic)
	} else if got.SameKindByChance = traffic.SameKindByChance; got != traffic {
		t.Errorf("traffic is %+v, want %+v", got, traffic)
	}
}

// TestBuilderOrder holds that neither the order of rows nor that of facts changes a table.
func TestBuilderOrder(t *testing.T) {
	var rows []Row
	facts := make(map[int64]Facts)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 500 {
		due := time.Duration(random.IntN(100)) * time.Second
		rows = append(rows, Row{
			Seq: int64(i / 2), Copy: i % 2, Copied: i%2 == 1, Kind: capture.Kind(random.IntN(capture.KindCount)), Intended: due, Sent: due, Done: due + ms(1+i), Status: 200,
			Person: random.Uint64N(50), Recipient: random.Uint64N(5), InFlight: -1, Failure: []string{"", "", "x", "y"}[random.IntN(4)],
		})
		facts[int64(i/2)] = Facts{Vendor: string(rune('a' + random.IntN(20))), BodyBytes: random.IntN(1000), ID: random.Uint64N(100)}
	}
	want := built(rows, facts, Options{})
	for range 3 {
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		got := built(rows, facts, Options{Rows: 1000})
		if !reflect.DeepEqual(got, want) {
			t.Fatal("another order gives another table")
		}
	}
}

func TestMissing(t *testing.T) {
	one := []Row{{Seq: 1, Sent: 1, Done: 2, Status: 200, InFlight: -1}}
	two := append(one, Row{Seq: 2, Intended: 5, Sent: 5, Done: 9, Status: 200, InFlight: 0, Person: 3})
	for _, tc := range []struct {
		name  string
		rows  []Row
		facts map[int64]Facts
		of    Attribute
		want  Why
	}{
		{"no corpus", two, nil, Vendor, NoCorpus},
		{"a corpus that does not tell it", two, map[int64]Facts{1: {}}, Vendor, NotInIt},
		{"a corpus that tells it of one", two, map[int64]Facts{1: {Vendor: "a"}}, Vendor, OneValue},
		{"a corpus that tells the same of all", two, map[int64]Facts{1: {Vendor: "a"}, 2: {Vendor: "a"}}, Vendor, OneValue},
		{"facts of other records alone", two, map[int64]Facts{7: {Vendor: "a"}}, Vendor, NotInIt},
		{"no person is known", one, nil, SamePersonWithin, OldRun},
		{"no person comes twice", two, nil, SamePersonWithin, OneValue},
		{"the ids are not known", two, nil, RepeatedID, NoCorpus},
		{"stops are not known", two, nil, ToolStop, OldRun},
		{"one kind", two, nil, Kind, OneValue},
	} {
		table := built(tc.rows, tc.facts, Options{})
		i := slices.IndexFunc(table.Missing, func(m Missing) bool { return m.Attribute == tc.of })
		if i < 0 || table.Missing[i].Why != tc.want || table.Column(tc.of) != nil {
			t.Errorf("%s: %s is missing as %v, want %d", tc.name, tc.of, table.Missing, tc.want)
		}
	}
}

func TestFits(t *testing.T) {
	table := built(six(), nil, Options{Records: true})
	none := math.NaN()
	for _, tc := range []struct {
		name  string
		where []Condition
		want  string
	}{
		{"no condition", nil, "111111"},
		{"a name", []Condition{{Attribute: Kind, Values: []string{"reaction"}, From: none, To: none}}, "001001"},
		{"a name that there is not", []Condition{{Attribute: Kind, Values: []string{"status"}, From: none, To: none}}, "000000"},
		{"yes", []Condition{{Attribute: Copy, Values: []string{"yes"}, From: none, To: none}}, "000010"},
		{"within", []Condition{{Attribute: SamePersonWithin, From: none, To: 1e8}}, "001000"},
		{"from", []Condition{{Attribute: SamePersonWithin, From: 1e8, To: none}}, "000100"},
		{"two", []Condition{{Attribute: Kind, Values: []string{"help"}, From: none, To: none}, {Attribute: Burst1s, From: 3, To: none}}, "000110"},
		{"what is not known", []Condition{{Attribute: Vendor, Values: []string{"a"}, From: none, To: none}}, "000000"},
	} {
		got := ""
		for _, fits := range table.Fits(tc.where) {
			got += map[bool]string{true: "1", false: "0"}[fits]
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	if fmt.Sprint(table.Seq, table.Copy) != "[0 1 2 3 3 4] [0 0 0 0 1 0]" {
		t.Errorf("rows are of %v, copies %v", table.Seq, table.Copy)
	}
}

// TestNames holds that the most are told and the rest are others.
func TestNames(t *testing.T) {
	var rows []Row
	facts := make(map[int64]Facts)
	for i := range 1000 {
		rows = append(rows, Row{Seq: int64(i), Intended: ms(i), Sent: ms(i), Recipient: uint64(1 + i%400), Failure: fmt.Sprint("status ", i)})
		facts[int64(i)] = Facts{Vendor: fmt.Sprint("v", i)}
	}
	table := built(rows, facts, Options{})
	recipients := table.Column(Recipient).Labels
	if len(recipients) != 101 || recipients[0] != "1" || recipients[100] != "others" || value(table.Column(Recipient), 200) != "others" || value(table.Column(Recipient), 400) != "1" {
		t.Errorf("recipients are %v", recipients)
	}
	if vendors := table.Column(Vendor).Labels; len(vendors) != most || vendors[most-1] != "others" || !slices.IsSorted(vendors[:most-1]) {
		t.Errorf("%d vendors, the last %s", len(vendors), vendors[len(vendors)-1])
	}
	if len(table.Failures) != most || table.Failures[table.Failure[999]-1] != "others" {
		t.Errorf("%d failures, the last row's %s", len(table.Failures), table.Failures[table.Failure[999]-1])
	}
}

func TestBins(t *testing.T) {
	for name, b := range map[string]bins{"counts": countBins(), "bytes": byteBins(), "times": timeBins()} {
		if len(b) > most || !slices.IsSorted(b) || len(slices.Compact(slices.Clone(b))) != len(b) {
			t.Errorf("%s: %d edges: %v", name, len(b), b)
		}
	}
	for _, tc := range []struct {
		bins bins
		v    float64
		want float64
	}{
		{countBins(), 0, 0},
		{countBins(), 20, 20},
		{countBins(), 24, 20},
		{countBins(), 25, 25},
		{countBins(), 1e12, 8e8},
		{timeBins(), 999, 0},
		{timeBins(), 1e9, 1e9},
		{timeBins(), 999999999, 8e8},
		{timeBins(), -5, 0},
		{byteBins(), 6299, 5000},
		{byteBins(), 6300, 6300},
	} {
		if got := tc.bins[tc.bins.code(tc.v)]; got != tc.want {
			t.Errorf("%g is in the bin from %g, want %g", tc.v, got, tc.want)
		}
	}
	for _, tc := range []struct{ seconds, width float64 }{{0, 0.1}, {3, 0.1}, {24.8, 0.1}, {25, 0.2}, {60, 0.5}, {3600, 20}, {86400, 500}, {1e9, 5e6}} {
		b := momentBins(tc.seconds * 1e9)
		width := tc.width
		if len(b) > 1 {
			width = b[1]
		}
		if last := b[len(b)-1]; len(b) > most || width != tc.width || last > tc.seconds || last+width <= tc.seconds {
			t.Errorf("%g s: %d stretches of %g s to %g, want %g", tc.seconds, len(b), width, last, tc.width)
		}
	}
}

// checkTable holds what every table promises.
func checkTable(t *testing.T, table *Table) {
	t.Helper()
	n := table.Len()
	if len(table.Lag) != n || len(table.Service) != n || len(table.Status) != n || len(table.Failure) != n || !slices.IsSorted(table.Intended) {
		t.Fatalf("of %d rows: lag %d, service %d, status %d, failure %d", n, len(table.Lag), len(table.Service), len(table.Status), len(table.Failure))
	}
	if table.Completion != nil && (len(table.Completion) != n || len(table.Never) != n) {
		t.Fatalf("of %d rows: completion %d, never %d", n, len(table.Completion), len(table.Never))
	}
	for _, f := range table.Failure {
		if int(f) > len(table.Failures) {
			t.Fatalf("failure %d of %d", f, len(table.Failures))
		}
	}
	told := make(map[Attribute]int)
	for _, m := range table.Missing {
		told[m.Attribute]++
	}
	for _, c := range table.Columns {
		told[c.Attribute]++
		values := max(len(c.Labels), len(c.Edges))
		if Definitions()[c.Attribute].Form == Flag {
			values = 2
		}
		if len(c.Codes) != n || values > most || !slices.IsSorted(c.Edges) || slices.ContainsFunc(c.Edges, math.IsNaN) {
			t.Fatalf("%s: %d codes of %d rows, %d values, edges %v", c.Attribute, len(c.Codes), n, values, c.Edges)
		}
		for _, code := range c.Codes {
			if code != NoCode && int(code) >= values {
				t.Fatalf("%s: code %d of %d values", c.Attribute, code, values)
			}
		}
	}
	for a := range Attribute(attributes) {
		if told[a] != 1 {
			t.Fatalf("%s is told %d times", a, told[a])
		}
	}
	for _, share := range []float64{table.Traffic.TopPerson, table.Traffic.TopRecipient, table.Traffic.SameKindNext, table.Traffic.SameKindByChance} {
		if math.IsNaN(share) || share < 0 || share > 1 {
			t.Fatalf("traffic is %+v", table.Traffic)
		}
	}
}

func TestBuilderBadInput(t *testing.T) {
	repeat := func(n int, r Row) (rows []Row) {
		for range n {
			rows = append(rows, r)
		}
		return rows
	}
	for name, rows := range map[string][]Row{
		"none":                        nil,
		"one":                         repeat(1, Row{}),
		"all failures":                repeat(20, Row{Failure: "connect", Sent: 1}),
		"sent before due":             {{Intended: 50, Sent: 20, Done: 10, Status: 200}},
		"the same again":              repeat(3, Row{Seq: 3, Copy: 1, Intended: 5, Sent: 6, Done: 9, Status: 200, Person: 1}),
		"no time at all":              {{Intended: math.MinInt64, Sent: math.MaxInt64, Done: math.MinInt64, Status: -1, Seq: -1, Copy: -1, InFlight: math.MinInt32}},
		"later than anything":         {{Intended: math.MaxInt64, Sent: math.MinInt64, Done: math.MaxInt64, Seq: math.MaxInt64, Copy: 1 << 40, InFlight: 1 << 40}, {Kind: 200}},
		"completed before it was due": {{Completed: Yes, Completion: -5}, {Completed: No}, {}},
	} {
		t.Run(name, func(t *testing.T) {
			checkTable(t, built(rows, map[int64]Facts{-1: {Vendor: "a"}, 3: {Segments: -1, BodyBytes: -4}}, Options{}))
		})
	}
}

// FuzzBuilder builds tables of rows and facts of any values.
func FuzzBuilder(f *testing.F) {
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08\x09"), true)
	f.Add(make([]byte, 400), false)
	f.Fuzz(func(t *testing.T, data []byte, keep bool) {
		next := func() (v int64) {
			size := min(len(data), 8)
			if size > 0 && data[0] < 128 { // small values, too
				size = 1
			}
			var b [8]byte
			copy(b[:], data[:size])
			data = data[size:]
			return int64(binary.LittleEndian.Uint64(b[:]))
		}
		b := NewBuilder(Options{KeepIDs: keep, Rows: int(next() % 1000), StopsKnown: keep, Stops: []Span{{time.Duration(next()), time.Duration(next())}, {time.Duration(next()), time.Duration(next())}}})
		rows := int(uint8(next()))
		for range rows {
			b.Add(&Row{
				Seq: next(), Copy: int(next()), Kind: capture.Kind(next()), Intended: time.Duration(next()), Sent: time.Duration(next()), Done: time.Duration(next()), Status: int(next()),
				Failure: []string{"", "a", "b", "c"}[next()&3], Person: uint64(next()), Recipient: uint64(next()), InFlight: int(next()), NewConnection: Truth(next() & 3),
				Retry: Truth(next() & 3), Copied: next()&1 == 0, Completed: Truth(next() & 3), Completion: time.Duration(next()),
			})
		}
		for len(data) > 0 {
			b.Describe(next(), &Facts{
				Vendor: fmt.Sprint(next()), Intent: []string{"", "a"}[next()&1], Encoding: fmt.Sprint(next() & 3), Segments: int(next()), BodyBytes: int(next()), Media: Truth(next() & 3),
				Receipt: Truth(next() & 3), Retry: Truth(next() & 3), Recorded: time.Unix(next(), 0), Person: uint64(next()), Recipient: uint64(next()), ID: uint64(next()),
			})
		}
		table := b.Table()
		if table.Len() != rows {
			t.Fatalf("%d rows of %d", table.Len(), rows)
		}
		checkTable(t, table)
	})
}

// BenchmarkBuilder builds the table of a run of some requests.
func BenchmarkBuilder(b *testing.B) {
	for _, n := range []int{10_000, 3_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				random := rand.New(rand.NewPCG(1, 2))
				build := NewBuilder(Options{Rows: n})
				due := time.Duration(0)
				for i := range n {
					due += time.Duration(random.IntN(int(2 * time.Millisecond)))
					build.Add(&Row{
						Seq: int64(i), Kind: capture.Kind(random.IntN(capture.KindCount)), Intended: due, Sent: due + time.Duration(random.IntN(1e5)), Done: due + ms(1+random.IntN(20)),
						Status: 200, Person: 1 + random.Uint64N(uint64(n)/3), Recipient: 1 + random.Uint64N(300), InFlight: -1, Completed: Yes, Completion: ms(100),
					})
				}
				for i := range n {
					build.Describe(int64(i), &Facts{
						Vendor: "a", Encoding: "gsm7", Segments: 1, BodyBytes: 200 + random.IntN(1000), Media: No, Receipt: No, Retry: No, Recorded: time.Unix(int64(i), 0), ID: random.Uint64(),
					})
				}
				if build.Table().Len() != n {
					b.Fatal("rows are lost")
				}
			}
		})
	}
}

// TestFlights holds that requests in flight are counted as one would who looks at all others.
func TestFlights(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var rows []Row
	for i := range 400 {
		due := time.Duration(random.IntN(1000)) * time.Millisecond
		sent := due + time.Duration(random.IntN(50))*time.Millisecond
		rows = append(rows, Row{Seq: int64(i), Intended: due, Sent: sent, Done: sent + time.Duration(1+random.IntN(30))*time.Millisecond, Status: 200, InFlight: -1})
	}
	table := built(rows, nil, Options{})
	slices.SortFunc(rows, func(x, y Row) int { return cmp.Or(cmp.Compare(x.Intended, y.Intended), cmp.Compare(x.Seq, y.Seq)) })
	for i, r := range rows {
		n := 0
		for j, o := range rows {
			if (o.Sent < r.Sent || o.Sent == r.Sent && j < i) && o.Done > r.Sent {
				n++
			}
		}
		if edges := countBins(); value(table.Column(InFlight), i) != fmt.Sprint(edges[edges.code(float64(n))]) {
			t.Fatalf("row %d: %s in flight, want %d", i, value(table.Column(InFlight), i), n)
		}
	}
}
