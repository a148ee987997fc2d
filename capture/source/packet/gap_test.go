package packet

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// Packets that the recording does not hold. Each case has four requests, answered 200 to 203, a second apart; it
// says which of their packets are missing (request i in two halves: ia, ib; its response: ra, rb) and what is read.
func TestMissingPackets(t *testing.T) {
	for _, tc := range []struct {
		missing string
		want    string // "url status" for each record
		holes   int64  // requests skipped for missing bytes
		lone    int64  // responses without their requests
	}{
		{"", "0 200 1 201 2 202 3 203", 0, 0},
		{"1a", "0 200 2 202 3 203", 0, 1},
		{"1b", "0 200 2 202 3 203", 1, 0},
		{"1a 1b", "0 200 2 202 3 203", 0, 1},
		{"1b 2a", "0 200 3 203", 1, 1},
		{"0a 0b", "1 201 2 202 3 203", 0, 1},
		{"3a 3b", "0 200 1 201 2 202", 0, 1},
		{"r1a", "0 200 1 0 2 202 3 203", 0, 0},
		{"r1b", "0 200 1 201 2 202 3 203", 0, 0},
		{"r1a r1b", "0 200 1 0 2 202 3 203", 0, 0},
		{"r3a r3b", "0 200 1 201 2 202 3 0", 0, 0},
		{"1a 1b r1a r1b", "0 200 2 202 3 203", 0, 0},
		{"1a 1b r1a r1b 2a 2b", "0 200 3 203", 0, 1},
		{"r1a r1b 2a 2b", "0 200 1 0 3 203", 0, 1},
		{"r1a r1b 2b r2a", "0 200 1 0 3 203", 1, 0},
		{"1b r1b 2a r2b", "0 200 3 203", 1, 1},
	} {
		tp := newTape(t)
		d := tp.open(1)
		for i := range 4 {
			text, response := postAt(i), answerAt(200+i)
			for _, part := range []struct {
				name string
				say  func(string) *dialog
				text string
			}{
				{fmt.Sprintf("%da", i), d.say, text[:len(text)-20]},
				{fmt.Sprintf("%db", i), d.say, text[len(text)-20:]},
				{fmt.Sprintf("r%da", i), d.answer, response[:20]},
				{fmt.Sprintf("r%db", i), d.answer, response[20:]},
			} {
				part.say(part.text)
				if missing(tc.missing, part.name) {
					tp.drop()
				}
			}
			tp.wait(time.Second)
		}
		d.close()
		g := read(t, tp.file(), 8080)
		g.balance(t)
		s := ""
		for _, r := range g.records {
			s += fmt.Sprintf(" %s %d", r.URL[len("/in/"):], r.Response.Status)
		}
		if s != " "+tc.want {
			t.Errorf("without %q: read%s, want %s; %+v", tc.missing, s, tc.want, g.account)
		}
		if g.skipped() != tc.holes || g.account.UnpairedResponses != tc.lone {
			t.Errorf("without %q: %+v, want %d with holes and %d lone responses", tc.missing, g.account, tc.holes, tc.lone)
		}
		if (g.account.Lost > 0) != (tc.missing != "") {
			t.Errorf("without %q: %d bytes lost", tc.missing, g.account.Lost)
		}
	}
}

func missing(list, name string) bool {
	var a, b, c, d, e, f string
	n, _ := fmt.Sscan(list, &a, &b, &c, &d, &e, &f)
	for _, s := range []string{a, b, c, d, e, f}[:n] {
		if s == name {
			return true
		}
	}
	return false
}

// Whatever is missing, wherever: no record is damaged, none has another's response, the account balances, and every
// exchange whose own packets are all there is read whole.
func TestAnyPacketsMissing(t *testing.T) {
	for seed := range uint64(300) {
		lossy(t, seed, false)
		lossy(t, seed, true)
	}
}

func lossy(t *testing.T, seed uint64, pipelined bool) {
	t.Helper()
	const requests = 40
	random := rand.New(rand.NewPCG(seed, 2))
	tp := newTape(t)
	d := tp.open(1)
	var whole [requests]bool // all packets of the exchange are there
	var sent [requests]string
	drop := func(i int) {
		if random.IntN(8) == 0 && i >= 2 { // the first two show whether the client pipelines
			tp.drop()
			whole[i] = false
		}
	}
	for i := 0; i < requests; {
		group := 1
		if pipelined {
			group = min(1+random.IntN(3), requests-i)
			if i == 0 {
				group = 2
			}
		}
		for j := i; j < i+group; j++ {
			sent[j], whole[j] = postAt(j), true
			for rest := sent[j]; rest != ""; {
				n := min(len(rest), 1+random.IntN(len(rest)+40))
				d.say(rest[:n])
				rest = rest[n:]
				drop(j)
			}
		}
		for j := i; j < i+group; j++ {
			for rest := answerAt(205 + j); rest != ""; {
				n := min(len(rest), 1+random.IntN(len(rest)+20))
				d.answer(rest[:n])
				rest = rest[n:]
				drop(j)
			}
		}
		i += group
		tp.wait(time.Duration(random.IntN(400)) * time.Millisecond)
	}
	g := read(t, tp.file(), 8080)
	g.balance(t)
	var found, answered [requests]bool
	for _, r := range g.records {
		var i int
		if _, err := fmt.Sscanf(r.URL, "/in/%d", &i); err != nil || found[i] {
			t.Fatalf("seed %d, pipelined %v: read %q again", seed, pipelined, r.URL)
		}
		found[i] = true
		if want := sent[i][len(sent[i])-len(r.Body):]; string(r.Body) != want || len(r.Body) < 20 {
			t.Fatalf("seed %d, pipelined %v: body %d is %q", seed, pipelined, i, r.Body)
		}
		switch r.Response.Status {
		case 205 + i:
			answered[i] = true
		case 0:
		default:
			t.Errorf("seed %d, pipelined %v: request %d has status %d", seed, pipelined, i, r.Response.Status)
		}
	}
	for i := range requests {
		if whole[i] && (!found[i] || !answered[i] && !pipelined) {
			t.Fatalf("seed %d, pipelined %v: exchange %d is whole; found %v, answered %v; %+v", seed, pipelined, i, found[i], answered[i], g.account)
		}
	}
}

// A recording of one direction only.
func TestOneSided(t *testing.T) {
	const requests = 1000
	tp := newTape(t)
	d := tp.open(1)
	for i := range requests {
		d.say(postAt(i))
		d.server += 44 // as if answered
	}
	g := read(t, tp.file(), 8080)
	g.balance(t)
	if len(g.records) != requests || g.records[0].Response.Status != 0 {
		t.Errorf("%d records, %+v", len(g.records), g.account)
	}
	tp = newTape(t)
	d = tp.dial(1)
	for i := range requests {
		d.client += 100
		d.answer(answerAt(200 + i%100))
	}
	g = read(t, tp.file(), 8080)
	g.balance(t)
	if len(g.records) != 0 || g.account.UnpairedResponses != requests {
		t.Errorf("%d records, %+v", len(g.records), g.account)
	}
}
