package send

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"reprise/replay"
)

// A result says whether its connection was opened for it: one that was warmed was not, nor is one that was used before.
func TestNewConnections(t *testing.T) {
	for name, o := range map[string]Options{"epoll": {}, "portable": {Portable: true}, "http2": {HTTP2: true}} {
		for _, secure := range []bool{false, true} {
			for _, warm := range []bool{false, true} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					testNewConnections(t, o, secure, warm)
				})
			}
		}
	}
}

func testNewConnections(t *testing.T, o Options, secure, warm bool) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond) // so that two are in flight together
		_, _ = io.Copy(w, r.Body)
	}))
	s.EnableHTTP2 = o.HTTP2
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetHTTP2(o.HTTP2)
	s.Config.Protocols.SetUnencryptedHTTP2(o.HTTP2)
	if secure {
		s.StartTLS()
		o.RootCAs = x509.NewCertPool()
		o.RootCAs.AddCert(s.Certificate())
	} else {
		s.Start()
	}
	defer s.Close()
	o.Connections = 1
	e := engine(t, s.URL, o)
	if warm {
		if n, err := e.Warm(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d warmed: %v", n, err)
		}
	}
	qs := []*replay.Request{post("a"), post("b"), post("c")}
	for i, q := range qs {
		q.Seq = int64(i)
	}
	qs[1].Deadline, qs[2].Deadline = 20*time.Millisecond, 400*time.Millisecond
	got := make([]bool, 3)
	for _, res := range playLane(t.Context(), t, e, replay.NewLine(qs, replay.LaneOptions{}), 3) {
		if !res.OK() {
			t.Fatalf("%+v", res)
		}
		got[res.Seq] = res.NewConnection
	}
	// HTTP/2 needs one connection; of the others, two in flight need two.
	if want := []bool{!warm, !o.HTTP2, false}; got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("tls %v, warmed %v: new connections %v, want %v", secure, warm, got, want)
	}
}
