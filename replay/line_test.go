package replay

import (
	"context"
	"testing"
	"time"
)

// What is given back wakes the one who makes requests: once for a portion, and when the line is empty.
func TestRoomIsGivenInPortions(t *testing.T) {
	const n = 3*roomRequests + 5
	var qs []*Request
	for i := range n {
		qs = append(qs, &Request{Deadline: time.Duration(i)})
	}
	l := NewLine(qs, LaneOptions{MaxInFlight: n})
	m := newMaker(l)
	var woken []int
	for sent := 1; ; sent++ {
		q, _ := l.Next(time.Duration(sent - 1))
		if q != nil {
			l.Done(q, &Result{})
			_, _ = l.Next(time.Duration(sent-1) - time.Nanosecond) // nothing is due: the lane is idle
		}
		select {
		case <-l.inbox.room:
			woken = append(woken, sent)
		default:
		}
		if q == nil {
			break
		}
	}
	want := []int{roomRequests, 2 * roomRequests, 3 * roomRequests, n}
	if len(woken) != len(want) {
		t.Fatalf("woken after %v, want after %v", woken, want)
	}
	for i := range want {
		if woken[i] != want[i] {
			t.Fatalf("woken after %v, want after %v", woken, want)
		}
	}
	l.inbox.collect(&m.credit)
	if m.credit.slots != aheadRequests+n || len(m.credit.used) != n {
		t.Errorf("%d places and %d requests came back of %d", m.credit.slots-aheadRequests, len(m.credit.used), n)
	}
}

// Room for one long request is made by few of its size.
func TestRoomIsGivenForBytes(t *testing.T) {
	qs := []*Request{{Wire: make([]byte, roomBytes)}, {Deadline: 1}, {Deadline: 2}}
	l := NewLine(qs, LaneOptions{})
	m := newMaker(l)
	m.credit.slots, m.credit.bytes = 0, 0
	q, _ := l.Next(0)
	l.Done(q, &Result{})
	_, _ = l.Next(0) // idle
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := m.wait(ctx, func() time.Duration { return 0 }); err != nil {
		t.Fatalf("no room after %d bytes: %v", roomBytes, err)
	}
}
