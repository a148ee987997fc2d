package packet

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// keepAlive is how a thousand requests on one connection are sent, and which packet of them is not in the recording.
type keepAlive struct {
	window  int  // requests under way at a time; 1: the client does not pipeline
	drains  int  // so often, in requests, the client waits for all responses; 0: never
	request bool // a request is missing, else a response
	sizes   bool // responses of all kinds of sizes
}

// pairs records it and returns how many requests have their own responses, how many another one's, and how many were read.
func (k keepAlive) pairs(t *testing.T, missing int) (right, wrong, kept int) {
	const requests = 1000
	random := rand.New(rand.NewPCG(uint64(missing), 5))
	answer := func(i int) string {
		body := ""
		if k.sizes {
			body = fmt.Sprintf("%0*d", 1+random.IntN(300), i)
		}
		return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", 305+i%600, len(body), body)
	}
	tp := newTape(t)
	d := tp.open(1)
	sent, answered := 0, 0
	for answered < requests {
		limit := k.window
		if k.drains > 0 && sent%k.drains == 0 && sent > answered {
			limit = 0
		}
		for sent < requests && sent-answered < limit {
			d.say(postAt(sent))
			if k.request && sent == missing {
				tp.drop()
			}
			if sent++; k.drains > 0 && sent%k.drains == 0 {
				break
			}
		}
		d.answer(answer(answered))
		if !k.request && answered == missing {
			tp.drop()
		}
		answered++
		tp.wait(20 * time.Millisecond)
	}
	d.close()
	g := read(t, tp.file(), 8080)
	g.balance(t)
	for _, r := range g.records {
		var i int
		fmt.Sscanf(r.URL, "/in/%d", &i)
		switch r.Response.Status {
		case 305 + i%600:
			right++
		case 0:
		default:
			wrong++
		}
	}
	return right, wrong, len(g.records)
}

// One lost packet costs the pairing of the requests that it touches.
func TestOneLostPacket(t *testing.T) {
	for _, tc := range []struct {
		k     keepAlive
		least int
	}{
		{keepAlive{window: 1}, 999},
		{keepAlive{window: 1, request: true}, 999},
		{keepAlive{window: 1, sizes: true}, 999},
		{keepAlive{window: 2}, 999},
		{keepAlive{window: 2, request: true}, 999},
		{keepAlive{window: 8}, 999},
		{keepAlive{window: 8, request: true}, 999},
		{keepAlive{window: 8, drains: 20}, 999},
		{keepAlive{window: 8, drains: 20, request: true}, 999},
		{keepAlive{window: 8, drains: 20, sizes: true}, 999},
		{keepAlive{window: 8, drains: 20, sizes: true, request: true}, 999},
	} {
		for _, missing := range []int{0, 1, 5, 8, 19, 20, 21, 500, 998, 999} {
			right, wrong, n := tc.k.pairs(t, missing)
			want := 1000
			if tc.k.request {
				want = 999
			}
			if right < tc.least || wrong > 0 || n != want {
				t.Errorf("%+v without %d: %d requests, %d with their responses, %d with others'", tc.k, missing, n, right, wrong)
			}
		}
	}
}
