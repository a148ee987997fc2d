package packet

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
)

// limited reads a tape with a table whose limits are small.
func limited(t *testing.T, tp *tape, memory, connections int) got {
	t.Helper()
	var g got
	s := New(bytes.NewReader(tp.file()), Options{File: "tape.pcap", Ports: []int{8080}, Account: &g.account})
	s.table.limit, s.table.most = memory, connections
	for {
		var r capture.Record
		if err := s.Next(t.Context(), &r); err != nil {
			break
		}
		if s.table.memory > memory || len(s.table.conns) > connections {
			t.Fatalf("%d bytes and %d connections held", s.table.memory, len(s.table.conns))
		}
		g.records = append(g.records, *r.Clone())
		g.account.Kept++
	}
	g.table = s.table
	g.balance(t)
	return g
}

func TestMemoryIsBounded(t *testing.T) {
	tp := newTape(t)
	for i := range 100 {
		tp.open(uint16(1000 + i)).say(postAt(i)).say(post[:100]) // one whole and unanswered, one half
	}
	g := limited(t, tp, 20_000, 1000)
	if len(g.records) != 100 || g.skipped() != 100 {
		t.Errorf("%d records, %+v", len(g.records), g.account)
	}
	given := g.account.Noted[reasonMemory]
	if given == 0 || g.account.Skipped[reasonMemory] != given || g.account.Skipped[http1.ReasonCut] != 100-given {
		t.Errorf("%+v: as many are to be skipped for memory as connections were given up", g.account)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	tp := newTape(t)
	for i := range 300 {
		d := tp.open(uint16(1000 + i))
		if i%3 == 0 {
			d.say(postAt(i))
		}
	}
	g := limited(t, tp, 1<<20, 50)
	if len(g.records) != 100 || g.account.Noted[reasonConnections] == 0 {
		t.Errorf("%d records, %+v", len(g.records), g.account)
	}
}

// Bytes behind a hole do not pile up, whatever comes.
func TestPendingIsBounded(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1).say(postAt(0))
	d.client += 1000
	part := string(bytes.Repeat([]byte("x"), 50_000))
	for range 2 * maxPending / len(part) {
		d.say(part)
	}
	d.say(postAt(1))
	var g got
	s := New(bytes.NewReader(tp.file()), Options{Ports: []int{8080}, Account: &g.account})
	most := 0
	for !s.drained {
		if err := s.step(); err != nil {
			t.Fatal(err)
		}
		most = max(most, s.table.memory)
	}
	if most > maxPending+1<<20 || most < maxPending-1<<20 {
		t.Errorf("%d bytes were held, the limit is %d", most, maxPending)
	}
	if err := g.drain(s); err != nil {
		t.Fatal(err)
	}
	g.balance(t)
	if len(g.records) != 2 || g.account.Lost != 1000 {
		t.Errorf("%d records, %+v", len(g.records), g.account)
	}
}

// A silent connection is over after a while of capture time; what it says later is read all the same.
func TestIdleConnections(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1).say(postAt(0))
	other := tp.open(2)
	tp.wait(3 * time.Minute)
	other.say(postAt(1)[:9]).say(postAt(1)[9:]) // one packet alone may have a damaged time
	var g got
	s := New(bytes.NewReader(tp.file()), Options{Account: &g.account})
	var r capture.Record
	if err := s.Next(t.Context(), &r); err != nil || r.URL != "/in/0" || s.drained {
		t.Errorf("the first record is %s, %v; at the file's end: %v", r.URL, err, s.drained)
	}
	d.answer(answerAt(200)).say(postAt(2)).answer(answerAt(202))
	h := read(t, tp.file(), 8080)
	h.balance(t)
	if len(h.records) != 3 || h.account.UnpairedResponses != 1 {
		t.Errorf("%s; %+v", summary(&h), h.account)
	}
}

// The clock of a capture may be set back.
func TestTimeGoesBack(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1)
	for i := range 5 {
		d.say(postAt(i))
		tp.wait(-time.Hour)
		d.answer(answerAt(200 + i))
	}
	g := read(t, tp.file(), 8080)
	for i, r := range g.records {
		if r.URL != fmt.Sprintf("/in/%d", i) || r.Response.Status != 200+i || r.Response.Latency != 0 {
			t.Errorf("record %d is %s, %+v", i, r.URL, r.Response)
		}
	}
	if len(g.records) != 5 {
		t.Errorf("%d records", len(g.records))
	}
}

// A flood of connections that are never used ends none that is.
func TestFloodOfOpenings(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1)
	for i := range 5 {
		d.say(postAt(i)).answer(answerAt(200 + i))
		for j := range 200 {
			flood := tp.dial(uint16(1000 + 200*i + j))
			flood.put(true, flood.client, 0, "S", "")
		}
	}
	d.say(postAt(5)[:40])
	for j := range 200 {
		flood := tp.dial(uint16(3000 + j))
		flood.put(true, flood.client, 0, "S", "")
	}
	d.say(postAt(5)[40:]).answer(answerAt(205)).close()
	g := limited(t, tp, 1<<20, 50)
	if len(g.records) != 6 || g.records[5].Response.Status != 205 || len(g.account.Skipped) > 0 || len(g.account.Noted) > 0 {
		t.Errorf("%s; %+v", summary(&g), g.account)
	}
}
