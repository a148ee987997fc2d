package box

import (
	"hash/fnv"
	"math"
	"reprise/capture"
	"reprise/replay/cause"
	"time"
)

// table gives what the draw's run tells to a Builder, as replay keeps it and the corpus describes it.
func (d *Draw) table() *cause.Table {
	u := d.run
	b := cause.NewBuilder(cause.Options{Rows: len(u.requests), StopsKnown: true, Stops: u.stopped, Tool: u.tool(), KeepIDs: true})
	fresh := u.connections(d.opens)
	for i := range u.requests {
		row := u.row(i)
		row.NewConnection = cause.TruthOf(fresh[i])
		b.Add(&row)
	}
	for i := range u.requests {
		f := u.requests[i].facts()
		b.Describe(int64(i), &f)
	}
	t := b.Table()
	t.Traffic.RecordedPeople, t.Traffic.RecordedTopPerson, t.Traffic.RecordedSameKindNext = d.people, d.topPerson, d.sameKind
	return t
}

// row is request i as the run file has it.
func (d *run) row(i int) cause.Row {
	q := &d.requests[i]
	row := cause.Row{
		Seq: int64(i), Kind: q.kind, Intended: q.due, Sent: q.due + d.lag[i], Done: q.due + d.lag[i] + d.service[i], Status: d.status[i],
		Person: hashOf(q.person), Recipient: hashOf(q.to), InFlight: -1, Copied: q.copied,
	}
	if d.service[i] > timeout {
		row.Done, row.Status, row.Failure = row.Sent+timeout, 0, "timeout"
	}
	switch {
	case row.Status == 429:
		row.Failure = "rate_limited"
	case row.Status >= 400:
		row.Failure = "status 500"
	}
	switch {
	case d.finish == nil || row.Failure != "":
	case d.finish[i] == never:
		row.Completed = cause.No
	default:
		row.Completed, row.Completion = cause.Yes, d.lag[i]+d.service[i]+d.finish[i]
	}
	return row
}

// never stands for work that is never done.
const never = time.Duration(1<<63 - 1)

// facts are what its record tells.
func (q *request) facts() cause.Facts {
	f := cause.Facts{
		Vendor: q.vendor, Encoding: "gsm7", Segments: q.segments, BodyBytes: q.bytes, Media: cause.TruthOf(q.media), Receipt: cause.TruthOf(q.kind == capture.Status),
		Retry: cause.TruthOf(q.retry), Recorded: q.recorded,
	}
	if q.ucs2 {
		f.Encoding = "ucs2"
	}
	if q.kind != capture.Status {
		f.ID = hashOf(q.id)
	}
	return f
}

func hashOf(s string) uint64 {
	if s == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// connections says which requests were sent on a connection that was opened for it: 64 are open at the start, and none closes but by opens.
func (d *run) connections(opens func(i int) bool) []bool {
	fresh := make([]bool, len(d.requests))
	open, busy := 64, sharingHeap{}
	for _, i := range d.order {
		for len(busy) > 0 && busy[0].need <= d.at[i].Seconds() {
			busy.take()
		}
		if len(busy) >= open {
			fresh[i] = true
			open++
		}
		fresh[i] = fresh[i] || opens != nil && opens(i)
		busy.add(sharing{(d.at[i] + min(d.service[i], timeout)).Seconds(), i})
	}
	return fresh
}

// tool is what the run says of the tool itself.
func (d *run) tool() cause.Tool {
	t := cause.Tool{Elapsed: d.length(), CPUs: 2, MaxInFlight: math.MaxInt32, Faithful: true}
	late := 0
	for i := range d.lag {
		if d.lag[i] > 5*time.Millisecond {
			late++
		}
	}
	for _, s := range d.stopped {
		t.CPUWait += s.To - s.From
		t.LongestStall = max(t.LongestStall, s.To-s.From)
	}
	t.CPU = time.Duration(len(d.requests)) * 40 * time.Microsecond
	t.Faithful = late*100 <= len(d.lag)
	return t
}
