package send

import (
	"bytes"
	"io"
	"net"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"reprise/replay"
)

// TestEarlyAnswer holds that the message's memory is free once there is a result, also where the answer came before all of the message
// was sent: net/http may read the body it was given for a moment yet.
func TestEarlyAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	over, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.ReadFull(c, make([]byte, 4<<10))
		_, _ = io.WriteString(c, ok200)
		<-over
		if rest, _ := io.ReadAll(c); bytes.IndexByte(rest, 0) >= 0 {
			t.Error("bytes of another message were sent")
		}
	}()
	q := post(strings.Repeat("a", 16<<20)) // more than the sockets hold
	text := bytes.Clone(q.Wire)
	e := engine(t, "http://"+l.Addr().String(), Options{Portable: true})
	var res replay.Result
	e.(*Portable).Send(t.Context(), time.Now(), q, &res)
	if res.Status != 200 || !bytes.Equal(q.Wire, text) {
		t.Errorf("%+v", res)
	}
	clear(q.Wire)
	close(over)
	<-done
}

// TestMemoryIsFree holds that a message leaves its memory to net/http from when a connection was chosen until it was written.
func TestMemoryIsFree(t *testing.T) {
	var p progress
	trace := p.trace(time.Now())
	message := []byte("POST")
	same := func() bool { return &p.free(message)[0] == &message[0] }
	if !same() {
		t.Error("copied without a connection")
	}
	for range 2 { // net/http may try again
		trace.GotConn(httptrace.GotConnInfo{})
		if same() || string(p.free(message)) != "POST" {
			t.Error("not copied while it is written")
		}
		trace.WroteRequest(httptrace.WroteRequestInfo{})
		if !same() {
			t.Error("copied though it was written")
		}
	}
}
