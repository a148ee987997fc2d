package send

import (
	"bytes"
	"io"
	"net"
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
	was, text := &q.Wire[0], bytes.Clone(q.Wire)
	e := engine(t, "http://"+l.Addr().String(), Options{Portable: true})
	var res replay.Result
	e.(*Portable).Send(t.Context(), time.Now(), q, &res)
	if res.Status != 200 || !bytes.Equal(q.Wire, text) {
		t.Errorf("%+v", res)
	}
	if &q.Wire[0] == was {
		t.Error("the memory is used again while net/http may read it")
	}
	clear(q.Wire)
	close(over)
	<-done
}
