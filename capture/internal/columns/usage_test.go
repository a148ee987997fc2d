package columns

import (
	"slices"
	"testing"

	"reprise/capture"
)

// TestUsage holds that a block says of every column what it is called and what it takes, and of all bytes where they went.
func TestUsage(t *testing.T) {
	records := shaped(6)["twilio"]
	for i := range records {
		records[i].URL = "/hook?tenant=" + records[i].Message.ID
	}
	records = append(records, record(len(records), `{"outer":{"in\u006eer":7},"list":[1,2]}`, capture.Header{Name: "X-Id", Value: "a"}))
	p, _ := pack(t, NewEncoder(), records, nil)
	d := newDecoder(t, nil)
	if err := d.Start(p.payload, p.records, p.first); err != nil {
		t.Fatal(err)
	}
	total, rows := 0, map[string]int{}
	for _, u := range d.Usage(nil) {
		if _, twice := rows[u.Name]; twice {
			t.Errorf("%q comes twice", u.Name)
		}
		total += u.Stored
		rows[u.Name] = u.Rows
		if u.Name == "header i-twilio-idempotency-token" && u.Stored < 3000*15 {
			t.Errorf("%q takes %d bytes", u.Name, u.Stored)
		}
	}
	for name, want := range map[string]int{
		"time": 3001, "template": 3001, "path": 3001, "query tenant": 3000, "body SmsSid": 3000, "body From": 3000, "header content-type": 3000,
		"header x-id": 1, "message from": 3001, "body of a key that is not shown": 1, "body list": 2,
	} {
		if rows[name] != want {
			t.Errorf("%q has %d rows, want %d", name, rows[name], want)
		}
	}
	if most := len(p.payload); total > most || total < most-8*len(records) && total < most*9/10 {
		t.Errorf("the columns take %d of %d bytes", total, most)
	}
	if err := d.Project(p.payload, p.records, p.first, 0); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(d.Usage(nil), Usage{"message from", 3001, 0}) {
		t.Error("a projection does not know what its columns take")
	}
}

// TestHeadersShown holds that a header's name which may be data is shown only where it is known to be none.
func TestHeadersShown(t *testing.T) {
	records := []capture.Record{
		record(0, "{}", capture.Header{Name: "X-Sum-Ed25519", Value: "a"}, capture.Header{Name: "X-12025550143", Value: "b"}),
		record(1, "{}", capture.Header{Name: "X-Sum-Ed25519", Value: "c"}, capture.Header{Name: "X-12025550143", Value: "d"}),
	}
	p, _ := pack(t, NewEncoder(), records, nil)
	d := newDecoder(t, nil)
	if err := d.Start(p.payload, p.records, p.first); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range d.Usage(func(header string) bool { return header == "x-sum-ed25519" }) {
		names = append(names, u.Name)
	}
	if !slices.Contains(names, "header x-sum-ed25519") || !slices.Contains(names, "header of a name that is not shown") {
		t.Errorf("columns %q", names)
	}
	for _, u := range d.Usage(nil) {
		if u.Name == "header x-sum-ed25519" {
			t.Error("a name is shown of which nobody says that it is no data")
		}
	}
}

// TestKeysShown holds that a key of a form or of JSON is shown where it looks like a name, and not where it may be data.
func TestKeysShown(t *testing.T) {
	for text, want := range map[string]string{
		`{"state":"`:               "state",
		`","delivery.state":`:      "delivery.state",
		`{"meta":"{\"inner\":\"`:   "inner",
		`&tenant=`:                 "tenant",
		`?media%5B0%5D=`:           "media[0]",
		`{"+12025550143":"`:        hiddenKey,
		`{"Meet me at nine":"`:     hiddenKey,
		`{"say \"nine":"`:          hiddenKey,
		`{"anna@example.org":"`:    hiddenKey,
		`{"meta":"{\"Meet me\":\"`: hiddenKey,
		`{"\u002b12025550143":"`:   hiddenKey,
		`":"`:                      hiddenKey, // the key is a value
		`&%2B12025550143=`:         hiddenKey,
		`&12025550143=`:            hiddenKey,
		`&Meet+me=`:                hiddenKey,
		`{"list":["`:               "list",
		`,`:                        "",
	} {
		if got := keyBefore(part{{text: []byte(text), column: -1}, {column: 0}}, 1); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
