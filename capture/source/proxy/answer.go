package proxy

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"reprise/capture/internal/http1"
)

// answer is an upstream's answer on its way through a relay, as its bytes come.
type answer struct {
	relay  *relay
	x      *exchange
	method string
	head   bool // there is a head alone
	begun  bool // something of it was passed on
	client *watcher
}

// firstAnswer is how much of an answer is read first: many wait for one at a time.
const firstAnswer = 2 << 10

// pass passes the answer on, and says whether the connection goes on.
func (a *answer) pass() (goesOn bool) {
	r := a.relay
	_ = r.up.SetReadDeadline(time.Now().Add(slowly))
	got, size, status, framed, ok := a.readHead(r.answerBuffer())
	defer func() { goesOn = a.stopWatching() && goesOn }()
	if !ok {
		r.closeUp()
		if a.client.left() {
			a.x.leave()
			return false
		}
		return !a.begun && r.refuse(a.method)
	}
	a.x.answered(status)
	closes := framed.body.Mode == http1.BodyUntilClose || ends(got[:size])
	n, done := framed.pass(got[size:])
	extra := len(got) > size+n
	if _, err := r.c.Write(got[:size+n]); err != nil {
		return false
	}
	var buffer []byte
	if !done {
		buffer = r.p.buffers.Get()
		defer r.p.buffers.Put(buffer)
	}
	for !done {
		k, err := r.up.Read(buffer)
		if k > 0 {
			n, done = framed.pass(buffer[:k])
			extra = k > n
			if _, err := r.c.Write(buffer[:n]); err != nil {
				return false
			}
		}
		switch {
		case timedOut(err):
			a.startWatching()
		case err != nil && !done:
			return false // which is the end of an answer that lasts until then
		}
	}
	if closes || extra || framed.wrong {
		return false
	}
	r.upIdle = time.Now()
	return true
}

// readHead reads until the head of the final answer is there, and passes those before it on.
func (a *answer) readHead(got []byte) (all []byte, size, status int, f framing, ok bool) {
	for from := 0; ; {
		if size, from = http1.HeadEnd(got, from); size > 0 {
			status, h, ok := http1.ParseResponse(got[:size])
			switch {
			case !ok || status == http.StatusSwitchingProtocols: // nobody asked for another protocol
				return got, size, status, f, false
			case status >= 200:
				if a.head || status == http.StatusNoContent || status == http.StatusNotModified || h.Mode == http1.BodyLength && h.Length == 0 {
					h.Mode = http1.BodyNone
				}
				f.body = http1.Body{Mode: h.Mode, Left: h.Length}
				return got, size, status, f, true
			}
			if _, err := a.relay.c.Write(got[:size]); err != nil {
				return got, size, status, f, false
			}
			a.begun, from = true, 0
			got = append(got[:0], got[size:]...)
			continue
		}
		if len(got) >= answerHead {
			return got, 0, 0, f, false
		}
		if len(got) == cap(got) {
			got = append(make([]byte, 0, 2*cap(got)), got...) // of a head that long there are few
		}
		n, err := a.relay.up.Read(got[len(got):cap(got)])
		got = got[:len(got)+n]
		switch {
		case n > 0:
		case timedOut(err):
			a.startWatching()
		case err != nil:
			return got, 0, 0, f, false
		}
	}
}

// ends says whether the upstream closes the connection behind an answer.
func ends(head []byte) bool {
	line, rest, _ := bytes.Cut(head, []byte{'\n'})
	old := bytes.HasPrefix(line, []byte("HTTP/1.0"))
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		const name = "connection"
		if len(line) <= len(name) || line[len(name)] != ':' || !strings.EqualFold(string(line[:len(name)]), name) {
			continue
		}
		value := strings.ToLower(string(line[len(name)+1:]))
		if old = old && !strings.Contains(value, "keep-alive"); strings.Contains(value, "close") {
			return true
		}
	}
	return old
}

// watcher looks whether a client is still there while its answer takes long. What comes from it meanwhile it keeps.
type watcher struct {
	done chan struct{} // closed by its goroutine
	buf  [512]byte
	n    int
	gone bool
}

// startWatching begins to look after the client, and lets the upstream take any time.
func (a *answer) startWatching() {
	r := a.relay
	_ = r.up.SetReadDeadline(time.Time{})
	if a.client != nil {
		return
	}
	w := &watcher{done: make(chan struct{})}
	a.client = w
	_ = r.c.SetReadDeadline(time.Time{})
	up, c := r.up, r.c
	go func() {
		defer close(w.done)
		var err error
		if w.n, err = c.Read(w.buf[:]); err == nil || timedOut(err) {
			return
		}
		// The client sends nothing any more, or is gone. The upstream is told the same, and says what becomes of the answer.
		w.gone = true
		if half, ok := up.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}()
}

// left says whether the client has gone.
func (w *watcher) left() bool {
	if w == nil {
		return false
	}
	select {
	case <-w.done:
		return w.gone
	default:
		return false
	}
}

// stopWatching takes in what came from the client, and says whether it is still there.
func (a *answer) stopWatching() bool {
	w := a.client
	if w == nil {
		return true
	}
	_ = a.relay.c.SetReadDeadline(time.Unix(1, 0))
	<-w.done
	a.relay.in = append(a.relay.in, w.buf[:w.n]...)
	return !w.gone
}
