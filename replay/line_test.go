package replay

import (
	"bytes"
	"context"
	"hash/crc32"
	"strconv"
	"sync/atomic"
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := m.wait(ctx, func() time.Duration { return 0 }); err != nil {
		t.Fatalf("no room after %d bytes: %v", roomBytes, err)
	}
}

// A line that is late is made half as far ahead, and again as far once it is not.
func TestLateLineIsShorter(t *testing.T) {
	for _, tc := range []struct {
		name     string
		deadline time.Duration
		want     int
	}{
		{"on time", time.Hour, aheadRequests},
		{"late", 0, aheadLate},
	} {
		m := newMaker(NewLine(nil, LaneOptions{}))
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		for at := time.Duration(0); ; n++ {
			if m.credit.slots <= m.spare {
				cancel() // there is no room, and nobody will make any
			}
			q := m.request()
			q.Deadline = tc.deadline
			if m.push(ctx, q, func() time.Duration { return at }) != nil {
				break
			}
		}
		cancel()
		if n != tc.want {
			t.Errorf("%s: %d requests ahead, want %d", tc.name, n, tc.want)
		}
	}
}

// What it costs to make requests of a usual size and send them, by how many are made ahead.
func BenchmarkAhead(b *testing.B) {
	for _, late := range []bool{false, true} {
		b.Run("late="+strconv.FormatBool(late), func(b *testing.B) {
			l := newLane(LaneOptions{}, newClock(0, 0), 0, NewLine(nil, LaneOptions{}).stop, &kept{}, new(atomic.Int64), new(standstill))
			m := newMaker(l)
			deadline, now := time.Hour, 2*time.Hour // as the lane sees it
			made := func() time.Duration { return time.Minute }
			if late {
				made = func() time.Duration { return now }
			}
			text, sum := bytes.Repeat([]byte("x"), 800), uint32(0)
			ctx, cancel := context.WithCancel(b.Context())
			cancel()
			for b.Loop() {
				q := m.request()
				q.Deadline, q.Wire = deadline, append(q.Wire, text...)
				for m.push(ctx, q, made) != nil { // no room
					for range roomRequests {
						q, _ := l.Next(now)
						sum = crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), q.Wire)
						l.Done(q, &Result{Status: 200, Sent: now, Done: now})
					}
					l.inbox.give(&l.spent, true)
					l.inbox.collect(&m.credit)
				}
				if k := l.out.(*kept); len(k.all) > 1<<12 {
					k.all = k.all[:0]
				}
			}
			_ = sum
		})
	}
}
