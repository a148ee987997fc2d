package send

import (
	"bytes"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"reprise/replay"
)

// TestReadsInTurns holds that of an answer that has come no more is read at once than leaves others their turn, and that the rest is read
// in the turns that follow.
func TestReadsInTurns(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	const size = 40_000
	if n, err := unix.Write(pair[1], append([]byte("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"), make([]byte, size)...)); err != nil || n < size {
		t.Fatal(n, err)
	}
	l := &loop{e: &Epoll{o: Options{Timeout: time.Minute}}, start: time.Now(), buffer: make([]byte, 1000)}
	c := &conn{socket: socket{fd: pair[0]}, q: new(replay.Request)}
	c.answer.begin(false, 1<<20)
	for last := int64(0); last < size; last = c.answer.bytes {
		l.read(c)
		if took := c.answer.bytes - last; took > readsAtOnce*1000 || took <= 0 {
			t.Fatalf("a turn took %d bytes", took)
		}
	}
}

// endless answers without end or pause; a request of one byte gets a long answer that has an end.
func endless(w http.ResponseWriter, r *http.Request) {
	c, b, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience)) // then it was never cut off
	_, _ = b.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
	_ = b.Flush()
	if r.ContentLength == 1 {
		long := append(append([]byte("300000\r\n"), make([]byte, 3<<20)...), "\r\n0\r\n\r\n"...)
		_, _ = c.Write(long)
		_, _ = c.Read(make([]byte, 1)) // until it is closed
		return
	}
	much := bytes.Repeat([]byte("1;extension=0123456789abcdef\r\na\r\n"), 1<<12)
	for err == nil {
		_, err = c.Write(much)
	}
}

// TestEndless holds that an answer that comes without end is given up, and that a long one comes whole.
func TestEndless(t *testing.T) { kinds(t, testEndless) }

func testEndless(t *testing.T, o Options) {
	want := replay.ReasonTimeout
	if o.Portable { // net/http counts what is no data
		want = replay.ReasonInvalid
	}
	for _, secure := range []bool{false, true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(endless))
		o.Timeout, o.MaxBody = patience, 1<<40
		if secure {
			s.StartTLS()
			o.RootCAs = x509.NewCertPool()
			o.RootCAs.AddCert(s.Certificate())
		} else {
			s.Start()
		}
		e := engine(t, s.URL, o)
		if res := send(t, e, post("x")); res.Error != "" || res.Bytes != 3<<20 {
			t.Errorf("TLS %v: a long answer is %q, of %d bytes", secure, res.Error, res.Bytes)
		}
		e.Close()
		o.Timeout = 300 * time.Millisecond
		wanted := func(res replay.Result) bool { return res.Error == want && res.Status == 200 }
		if res := bounded(t, s.URL, o, post("xx"), wanted); !wanted(res) {
			t.Errorf("TLS %v: an endless answer is %q, status %d", secure, res.Error, res.Status)
		}
		s.Close()
	}
}
