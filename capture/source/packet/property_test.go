package packet

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// sentRequest is a request of a random conversation.
type sentRequest struct {
	text, body string
	status     int
	segments   []int // of the conversation's packets, those that hold it
	whole      bool  // all of them are in the recording, and so is a packet that acknowledges them
	talk       *talk
}

// talk is a dialog with its place among the packets.
type talk struct {
	*dialog
	handshake [2]int // from its first packet up to the first one of an exchange
	opened    bool   // the recording shows where it begins
	shown     bool   // it shows that it is one of HTTP
	answers   []int  // packets of the server
}

// conversation is a random one: connections that are open at a time, whose packets may come late, twice or not at all.
type conversation struct {
	random   *rand.Rand
	tape     *tape
	rate     float64 // of the packets that are lost
	requests []*sentRequest
	losses   int
}

// request makes the next one up. A body may hold a whole request.
func (c *conversation) request(d *talk) *sentRequest {
	random, id := c.random, len(c.requests)
	body := strings.Repeat("text+", random.IntN(1+300*random.IntN(2)))
	if random.IntN(4) == 0 {
		body += "&forwarded=POST /inner HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" + body
	}
	r := &sentRequest{body: body, status: 205 + id%300}
	head := fmt.Sprintf("POST /in/%d HTTP/1.1\r\nHost: hooks.example.com\r\n", id)
	switch kind := random.IntN(4); {
	case kind == 0:
		r.text = head + "Transfer-Encoding: chunked\r\n\r\n"
		for rest := body; rest != ""; {
			n := 1 + random.IntN(len(rest))
			r.text += fmt.Sprintf("%x\r\n%s\r\n", n, rest[:n])
			rest = rest[n:]
		}
		r.text += "0\r\n\r\n"
	case kind == 1 && body == "" && c.rate == 0 && d.handshake[0] < d.handshake[1]: // behind a gap, a new method is not told from a part of a known one
		r.text = strings.Replace(head, "POST", "NOTIFY", 1) + "\r\n"
	default:
		r.text = fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
	}
	c.requests = append(c.requests, r)
	return r
}

// pieces cuts a text at random, but not before a request that it holds.
func (c *conversation) pieces(text string) (parts []string) {
	for text != "" {
		n := min(len(text), 1+c.random.IntN(1+c.random.IntN(2*len(text)+40)))
		for n < len(text) && strings.HasPrefix(text[n:], "POST /inner") {
			n++
		}
		parts, text = append(parts, text[:n]), text[n:]
	}
	return parts
}

// exchange sends requests, more than one where the client pipelines, and their responses.
func (c *conversation) exchange(d *talk, count int) {
	var sent []*sentRequest
	for range count {
		r := c.request(d)
		r.talk = d
		sent = append(sent, r)
		for _, part := range c.pieces(r.text) {
			r.segments = append(r.segments, len(c.tape.packets))
			d.say(part)
		}
	}
	before := len(c.tape.packets)
	for _, r := range sent {
		if c.random.IntN(3) == 0 {
			d.put(false, d.server, d.client, "A", "")
		}
		for _, part := range c.pieces(fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", r.status, 2, "ok")) {
			d.answer(part)
		}
	}
	for i := before; i < len(c.tape.packets); i++ {
		d.answers = append(d.answers, i)
	}
}

// record decides what of the packets is in the recording, how often and when.
func (c *conversation) record(talks []*talk) {
	lost := make(map[int]bool)
	var made []taped
	last := c.tape.packets[len(c.tape.packets)-1].at
	for i, p := range c.tape.packets {
		if c.random.Float64() < c.rate {
			lost[i] = true
			continue
		}
		inHandshake := false
		for _, d := range talks {
			if i >= d.handshake[0] && i < d.handshake[1] {
				inHandshake = true
				d.opened = d.opened || i < d.handshake[1]-1
			}
		}
		if c.random.IntN(5) == 0 && !inHandshake {
			p.at += int64(c.random.IntN(8)) * int64(time.Millisecond) // it comes behind others
		}
		made = append(made, p)
		switch c.random.IntN(12) {
		case 0: // sent again soon
			p.at += int64(c.random.IntN(30)) * int64(time.Millisecond)
			made = append(made, p)
		case 1: // sent again when all is over
			p.at = last + int64(c.random.IntN(300))*int64(time.Second)
			made = append(made, p)
		}
	}
	c.losses = len(lost)
	for _, r := range c.requests {
		last := r.segments[len(r.segments)-1]
		r.whole = !slices.ContainsFunc(r.segments, func(i int) bool { return lost[i] }) &&
			slices.ContainsFunc(r.talk.answers, func(i int) bool { return i > last && !lost[i] })
	}
	slices.SortStableFunc(made, func(a, b taped) int { return cmp.Compare(a.at, b.at) })
	c.tape.packets = made
}

// files puts the packets into headers of tunnels, cuts some into fragments, and divides them among files: as recorders rotate
// them, or as two recorders at once have them.
func (c *conversation) files() (files [][]byte) {
	random := c.random
	var names []string
	all := slices.Sorted(maps.Keys(wraps()))
	for range random.IntN(4) {
		name := all[random.IntN(len(all))]
		if kind, _ := wraps()[name](typeIPv4, nil); len(names) > 0 && kind != typeIPv4 && kind != typeIPv6 && carriesIP(names[len(names)-1]) {
			continue
		}
		names = append(names, name)
	}
	within(c.tape, names...)
	if kind := binary.BigEndian.Uint16(c.tape.packets[0].ip); random.IntN(2) == 0 && (kind == typeIPv4 || kind == typeIPv6) {
		inFragments(c.tape, 8*(8+random.IntN(150)), random.IntN(2) == 0)
	}
	packets := c.tape.packets
	parts := make([][]taped, 1+random.IntN(4))
	for i, p := range packets {
		at := i * len(parts) / len(packets)
		if len(parts) == 2 {
			at = random.IntN(2)
		}
		parts[at] = append(parts[at], p)
	}
	for _, part := range parts {
		order := []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}[random.IntN(2)]
		files = append(files, (&tape{tb: c.tape.tb, packets: part}).pcap(order, true, linkTyped, 0))
	}
	random.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files
}

// converse makes a conversation up, records it and reads it, and asks that exactly the requests are given whose bytes arrived,
// each as it was sent and with its own answer or none.
func converse(t *testing.T, seed uint64) {
	t.Helper()
	c := &conversation{random: rand.New(rand.NewPCG(seed, 6)), tape: newTape(t)}
	c.tape.six = seed%3 == 0
	c.rate = []float64{0, 0, 0.01, 0.05, 0.2}[c.random.IntN(5)]
	var dialogs []*talk
	for i := range 1 + c.random.IntN(4) {
		d := &talk{dialog: c.tape.dial(uint16(40000 + i))}
		d.client, d.server = c.random.Uint32(), c.random.Uint32()
		d.handshake[0] = len(c.tape.packets)
		if c.random.IntN(8) > 0 {
			d.open()
		}
		d.handshake[1] = len(c.tape.packets)
		dialogs = append(dialogs, d)
	}
	pipelines := c.random.IntN(4) == 0
	for range 1 + c.random.IntN(20) {
		count := 1
		if pipelines {
			count += c.random.IntN(4)
		}
		c.exchange(dialogs[c.random.IntN(len(dialogs))], count)
		c.tape.wait(time.Duration(c.random.IntN(400)) * time.Millisecond)
	}
	for _, d := range dialogs {
		if c.random.IntN(2) == 0 {
			d.close()
		}
	}
	c.record(dialogs)
	g := readFiles(t, c.files())
	g.balance(t)
	complete := c.losses == 0 && !slices.ContainsFunc(dialogs, func(d *talk) bool { return !d.opened })
	found := make(map[int]bool)
	for _, r := range g.records {
		var id int
		if _, err := fmt.Sscanf(r.URL, "/in/%d", &id); err != nil || found[id] {
			t.Fatalf("seed %d: %q is read, and was not sent, or not twice", seed, r.URL)
		}
		found[id] = true
		want := c.requests[id]
		if string(r.Body) != want.body {
			t.Fatalf("seed %d: request %d is given with %d bytes of %d", seed, id, len(r.Body), len(want.body))
		}
		if pipelines && (c.losses > 1 || !want.talk.opened) {
			continue // several gaps near each other, or the beginning before the recording, may leave it open whose an answer is
		}
		if s := r.Response.Status; s != want.status && (s != 0 || complete) {
			t.Fatalf("seed %d: request %d has status %d, want %d", seed, id, s, want.status)
		}
	}
	for id, r := range c.requests {
		r.talk.shown = r.talk.shown || r.talk.opened || found[id]
		if !r.talk.shown || !r.talk.opened && r.segments[0] < r.talk.answers[0] {
			continue // nothing may have told yet that this is a connection of HTTP; a first packet may also have come behind the second one
		}
		if r.whole && !found[id] {
			t.Fatalf("seed %d: request %d of %d is whole and not given, %d packets are lost; %+v", seed, id, len(c.requests), c.losses, g.account)
		}
	}
	if complete && (len(g.account.Skipped) > 0 || g.account.Missing > 0 || g.account.Lost > 0 || g.account.TapLoss.Missed > 0) {
		t.Fatalf("seed %d: nothing is lost, and the account says %+v", seed, g.account)
	}
}

// readFiles runs a source over files that are one recording.
func readFiles(t *testing.T, files [][]byte) (g got) {
	t.Helper()
	var parts []Part
	for i, file := range files {
		parts = append(parts, Part{File: fmt.Sprint(i), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }})
	}
	s, err := NewParts(parts, Options{Account: &g.account})
	if err == nil {
		err = g.drain(s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A random conversation, cut into segments, reordered, sent twice, partly lost, within tunnels, in fragments and over several
// files, is read as the requests whose bytes arrived. The long form is TestSoakConversations.
func TestConversations(t *testing.T) {
	for seed := range uint64(300) {
		converse(t, seed)
	}
}
