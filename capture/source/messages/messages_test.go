package messages_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/capture/source/hookdeck"
	"reprise/capture/source/messages"
	"reprise/capture/source/sourcetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// exports are all that are known, with the table of messages.
func exports(t testing.TB) []dialect.VendorExport {
	t.Helper()
	table, err := messages.DefaultMap().Export()
	if err != nil {
		t.Fatal(err)
	}
	table.Marks = []string{"from", "to", "text", "time", "vendor"}
	return append(all.Table().Exports(), hookdeck.Export(), table)
}

// reader opens an input as what its content tells.
func reader(t testing.TB, text []byte, o messages.Options) *messages.Reader {
	t.Helper()
	e, csv, ok := messages.Detect(text[:min(len(text), 64<<10)], exports(t))
	if !ok {
		t.Fatalf("no export is recognised in %.60q", text)
	}
	o.Export, o.CSV, o.Vendors = e, csv, all.Table()
	return messages.New(bytes.NewReader(text), o)
}

// printed is a record as golden files have it.
func printed(r *capture.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Time.Format("2006-01-02T15:04:05.000"), map[capture.Origin]string{capture.Recorded: "recorded", capture.Rebuilt: "rebuilt", capture.Synthetic: "synthetic"}[r.Origin])
	if r.Response.Status != 0 {
		fmt.Fprintf(&b, "answered %d in %v\n", r.Response.Status, r.Response.Latency)
	}
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "%s: %s\n", h.Name, h.Value)
	}
	fmt.Fprintf(&b, "\n%s\n", r.Body)
	return b.String()
}

// sink makes a capture.Sink of a function.
type sink func(*capture.Record) error

func (f sink) Write(r *capture.Record) error { return f(r) }

// TestExports reads a sample of each export: what its content tells, what becomes of its rows, and its first record.
func TestExports(t *testing.T) {
	for _, tc := range []struct {
		file, as, vendor string
		read, kept       int64
		rebuilt          int64
		whole            int // of those kept
		skipped          string
		receipts         int64 // more that are kept with them
	}{
		{"twilio-bulk.json", "twilio-bulk", "twilio", 6, 4, 4, 4, "sent by the platform 2", 2},
		{"twilio-api.json", "twilio-api", "twilio", 6, 4, 4, 4, "sent by the platform 2", 2},
		{"twilio-csv.csv", "twilio-csv", "twilio", 6, 4, 4, 4, "sent by the platform 2", 2},
		{"twilio-events.json", "twilio-events", "twilio", 4, 3, 3, 3, "sent by the platform 1", 1},
		{"twilio-alerts.json", "twilio-alerts", "twilio", 3, 2, 1, 2, "missing 1", 0},
		{"telnyx-deliveries.json", "telnyx-deliveries", "telnyx", 3, 3, 0, 0, "", 0},
		{"telnyx-mdr.json", "telnyx-mdr", "telnyx", 3, 2, 2, 1, "sent by the platform 1", 1},
		{"vonage-report.csv", "vonage-report", "vonage", 2, 2, 2, 2, "", 0},
		{"bandwidth.json", "bandwidth", "bandwidth", 4, 3, 3, 0, "sent by the platform 1", 1},
		{"plivo.json", "plivo", "plivo", 3, 2, 2, 1, "sent by the platform 1", 1},
		{"hookdeck.json", "hookdeck", "", 4, 3, 1, 0, "the body is not in the export 1", 0},
		{"messages.csv", "messages", "", 3, 3, 3, 2, "", 0},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", tc.file))
		if err != nil {
			t.Fatal(err)
		}
		e, _, _ := messages.Detect(text, exports(t))
		if e.Export == nil || e.Name != tc.as {
			t.Errorf("%s: not told to be %s", tc.file, tc.as)
			continue
		}
		account := capture.Account{Report: func(p capture.Problem) {
			if p.Record == 0 || p.Field == "" {
				t.Errorf("%s: a problem does not say where: %v", tc.file, p)
			}
		}}
		src := reader(t, text, messages.Options{File: tc.file, Account: &account})
		whole, first := 0, ""
		classify, err := sms.NewClassifier(sms.Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = account.Copy(t.Context(), sink(func(r *capture.Record) error {
			if first == "" {
				first = printed(r)
			}
			if src.WholeSecond() {
				whole++
			}
			vendor := r.Vendor
			r.Vendor = ""
			if err := all.Table().Annotate(r, classify); err != nil || tc.vendor != "" && r.Vendor != tc.vendor || vendor != "" && r.Vendor != vendor || r.Kind == capture.Other {
				t.Errorf("%s: a request of %q is recognised as one of %q, kind %v, %v", tc.file, vendor, r.Vendor, r.Kind, err)
			}
			return nil
		}), src)
		var skipped []string
		for reason, n := range account.Skipped {
			skipped = append(skipped, fmt.Sprintf("%s %d", reason, n))
		}
		if got := strings.Join(skipped, ", "); err != nil || account.Read != tc.read || account.Kept != tc.kept || account.Rebuilt != tc.rebuilt || whole != tc.whole || got != tc.skipped || account.Damaged {
			t.Errorf("%s: %+v, whole seconds %d, %v", tc.file, account, whole, err)
		}
		with := capture.Account{}
		if err := with.Copy(t.Context(), sink(func(*capture.Record) error { return nil }), reader(t, text, messages.Options{Receipts: true, Account: &with})); err != nil || with.Kept != tc.kept+tc.receipts {
			t.Errorf("%s with receipts: %+v, %v", tc.file, with, err)
		}
		golden := filepath.Join("testdata", "first", tc.as+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(first), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || string(want) != first {
			t.Errorf("%s: %s differs (-update writes it): %v\n%s", tc.file, golden, err, first)
		}
	}
}

// TestReceipts looks at what receipts say.
func TestReceipts(t *testing.T) {
	for file, want := range map[string]string{
		"twilio-bulk.json": "twilio delivered 18:00:03, twilio undelivered 18:00:06", "twilio-events.json": "twilio delivered 18:00:03",
		"bandwidth.json": "bandwidth message-delivered 18:00:02", "plivo.json": "plivo delivered 18:00:02",
		"telnyx-mdr.json": "telnyx message.finalized delivered 18:00:02",
	} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		_, err = capture.Copy(t.Context(), sink(func(r *capture.Record) error {
			v, _ := all.Table().Named(r.Vendor)
			if e, err := v.Parse(r); err != nil {
				t.Error(err)
			} else if e.Type == dialect.Receipt {
				got = append(got, fmt.Sprintf("%s %s %s", r.Vendor, e.State, r.Time.Format("15:04:05")))
				if e.Person != "+12125550101" && e.Person != "+12125550107" && e.Person != "12125550101" {
					t.Errorf("%s: a receipt is of %s", file, e.Person)
				}
			}
			return nil
		}), reader(t, text, messages.Options{Receipts: true}))
		if err != nil || strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, %v", file, got, err)
		}
	}
}

func TestContract(t *testing.T) {
	for _, file := range []string{"twilio-bulk.json", "twilio-api.json", "twilio-csv.csv", "twilio-events.json", "telnyx-deliveries.json", "hookdeck.json", "messages.csv"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		e, csv, _ := messages.Detect(text, exports(t))
		t.Run(file, func(t *testing.T) {
			sourcetest.Check(t, text, func(in io.Reader, file string, account *capture.Account) (capture.Source, error) {
				return messages.New(in, messages.Options{File: file, Export: e, CSV: csv, Vendors: all.Table(), Receipts: true, Account: account}), nil
			})
		})
	}
}

func TestRowsThatCannotBeUsed(t *testing.T) {
	const head = "id,from,to,text,vendor,time\n"
	for _, tc := range []struct{ row, field, reason string }{
		{"1,,+18885550100,x,twilio,2022-11-25T18:00:00Z", "from", "missing"},
		{"1,+12125550101, ,x,twilio,2022-11-25T18:00:00Z", "to", "missing"},
		{"1,+12125550101,+18885550100,x,twilio,", "time", "missing"},
		{"1,+12125550101,+18885550100,x,twilio,yesterday", "time", "not a time"},
		{"1,+12125550101,+18885550100,x,,2022-11-25T18:00:00Z", "vendor", "missing"},
		{"1,+12125550101,+18885550100,x,acme,2022-11-25T18:00:00Z", "vendor", "not a vendor whose messages can be written"},
		{"1,+12125550101,+18885550100,x,stripe,2022-11-25T18:00:00Z", "vendor", "not a vendor whose messages can be written"},
		{"1,\x01,+18885550100,x,twilio,2022-11-25T18:00:00Z", "from", "not a number or an id"},
		{"1,+12125550101,+18885550100,x,twilio", "", "not as many columns as the header has"},
	} {
		var told []capture.Problem
		account := capture.Account{Report: func(p capture.Problem) { told = append(told, p) }}
		err := account.Copy(t.Context(), sink(func(*capture.Record) error { return nil }), reader(t, []byte(head+tc.row+"\n"), messages.Options{File: "f", Account: &account}))
		if err != nil || len(told) != 1 || told[0].Record != 2 || told[0].Unit != "line" || told[0].Field != tc.field || told[0].Reason != tc.reason || account.Damaged != (tc.field == "") {
			t.Errorf("%s: %v, damaged %v, %v", tc.row, told, account.Damaged, err)
		}
	}
	src := messages.New(strings.NewReader("From,To,Body\n1,2,3\n"), messages.Options{File: "f", Export: exports(t)[2], CSV: true})
	if err := src.Next(t.Context(), new(capture.Record)); err == nil || !strings.Contains(err.Error(), `f: the heading has no column "SentDate"`) {
		t.Errorf("a heading without a time: %v", err)
	}
	src = messages.New(strings.NewReader("a,b,c\n1,2,3\n"), messages.Options{File: "f", Export: hookdeck.Export(), CSV: true})
	if err := src.Next(t.Context(), new(capture.Record)); err == nil || !strings.Contains(err.Error(), "f: its rows are lines of CSV") {
		t.Errorf("requests as CSV: %v", err)
	}
}

// TestTextless generates texts where an export that may have them is without.
func TestTextless(t *testing.T) {
	for _, in := range []string{
		"account_id,message_id,direction,from,to,network,date_received\nabcd1234,0A1,inbound,12125550101,18885550100,310090,2022-11-25T18:00:00+0000\n",
		`{"sid":"SM1","account_sid":"AC1","from":"+12125550101","to":"+18885550100","num_segments":"2","direction":"inbound","date_sent":"2022-11-25T18:00:00Z"}`,
	} {
		var r capture.Record
		if err := reader(t, []byte(in), messages.Options{}).Next(t.Context(), &r); err != nil || r.Origin != capture.Synthetic {
			t.Fatalf("%v, %v", r.Origin, err)
		}
		v, _ := all.Table().Named(r.Vendor)
		if e, err := v.Parse(&r); err != nil || e.Message.Text == "" || sms.Measure(e.Message.Text).Parts != 1+strings.Count(in, `"2"`) {
			t.Errorf("%s: %+v, %v", r.Vendor, e, err)
		}
	}
	e := `{"sid":"SM1","account_sid":"AC1","from":"+12125550101","to":"+18885550100","body":null,"num_segments":"1","direction":"inbound","date_sent":"2022-11-25T18:00:00Z"}`
	var r capture.Record
	if err := reader(t, []byte(e), messages.Options{}).Next(t.Context(), &r); err != nil || r.Origin != capture.Rebuilt {
		t.Errorf("a text that is empty: %v, %v", r.Origin, err)
	}
}

// TestSameMessage gives a message the same request wherever it stands.
func TestSameMessage(t *testing.T) {
	text, err := os.ReadFile("testdata/twilio-bulk.json")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	bodies := make(map[string]int)
	for _, in := range []string{string(text), lines[4] + lines[1] + lines[0] + lines[5], "[" + lines[1] + "," + lines[0] + "," + lines[5] + "," + lines[4] + "]"} {
		if _, err := capture.Copy(t.Context(), sink(func(r *capture.Record) error { bodies[printed(r)]++; return nil }), reader(t, []byte(in), messages.Options{})); err != nil {
			t.Fatal(err)
		}
	}
	for record, n := range bodies {
		if n != 3 {
			t.Errorf("%d times:\n%s", n, record)
		}
	}
}

// TestHostileValues has what people and files write that must not break out of its place in a request.
func TestHostileValues(t *testing.T) {
	const hostile = `"\/&=%+<>;` + "\u2028é☃\xff"
	for _, name := range all.Table().Names() {
		v, _ := all.Table().Named(name)
		if v.Maker == nil || v.Maker.Events {
			continue
		}
		in := "id,from,to,text,vendor,time\n" + `"x""\&=1","+1""2\&=","+1""8\&=","` + strings.ReplaceAll(hostile, `"`, `""`) + `",` + name + ",2022-11-25T18:00:00Z\n"
		var r capture.Record
		if err := reader(t, []byte(in), messages.Options{}).Next(t.Context(), &r); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		e, err := v.Parse(&r)
		m := e.Message
		if err != nil || m.ID != "" && m.ID != `x"\&=1` || strings.TrimPrefix(m.From, "+") != `1"2\&=` || strings.TrimPrefix(m.To, "+") != `1"8\&=` || m.Text != strings.ToValidUTF8(hostile, "\ufffd") {
			t.Errorf("%s: %+q, %v\n%s", name, m, err, r.Body)
		}
	}
}

func FuzzMessages(f *testing.F) {
	list := exports(f)
	for i := range list {
		for _, ext := range []string{".json", ".csv"} {
			if text, err := os.ReadFile("testdata/" + list[i].Name + ext); err == nil {
				f.Add(uint8(i), text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, text []byte) {
		e := list[int(i)%len(list)]
		_, _, _ = messages.Detect(text, list)
		var account capture.Account
		src := messages.New(bytes.NewReader(text), messages.Options{File: "f", Export: e, CSV: messages.IsCSV(text), Vendors: all.Table(), Receipts: true, Account: &account})
		err := account.Copy(t.Context(), sink(func(r *capture.Record) error {
			if r.Time.IsZero() || r.Method == "" || r.URL == "" || r.Kind != capture.Other {
				t.Errorf("a record is not whole: %+v", r)
			}
			return nil
		}), src)
		if err != nil && !strings.Contains(err.Error(), "the heading has no column") && !strings.Contains(err.Error(), "its rows are lines of CSV") {
			t.Error(err)
		}
	})
}

func BenchmarkMessages(b *testing.B) {
	text, err := os.ReadFile("testdata/twilio-csv.csv")
	if err != nil {
		b.Fatal(err)
	}
	heading, rows, _ := bytes.Cut(text, []byte("\n"))
	in := append(append(heading, '\n'), bytes.Repeat(rows, 1000)...)
	e, csv, _ := messages.Detect(text, exports(b))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		var account capture.Account
		src := messages.New(bytes.NewReader(in), messages.Options{Export: e, CSV: csv, Account: &account})
		if err := account.Copy(b.Context(), sink(func(*capture.Record) error { return nil }), src); err != nil || account.Kept != 4000 {
			b.Fatal(account, err)
		}
	}
	b.ReportMetric(float64(6000*b.N)/b.Elapsed().Seconds(), "rows/s")
}
