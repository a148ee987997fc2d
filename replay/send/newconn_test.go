package send

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"reprise/replay"
)

// A result says whether its connection was opened for it: one that was warmed was not, nor is one that was used before.
func TestNewConnections(t *testing.T) {
	for name, o := range map[string]Options{"epoll": {}, "portable": {Portable: true}, "http2": {HTTP2: true}, "portable http2": {HTTP2: true, Portable: true}} {
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

// meeting is a handler that answers nobody before two requests are there: they are in flight together however slow the machine is.
type meeting struct {
	came        atomic.Int64
	one, second chan struct{} // closed when one request is there, and when the second is
}

func (m *meeting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch m.came.Add(1) {
	case 1:
		close(m.one)
	case 2:
		close(m.second)
	}
	select {
	case <-m.second:
		_, _ = w.Write(body)
	case <-r.Context().Done():
	}
}

// inOrder sends the second request when the first has arrived. The epoll engine takes requests in order by itself.
type inOrder struct {
	replay.Sender
	arrived <-chan struct{}
}

func (s inOrder) Send(ctx context.Context, start time.Time, q *replay.Request, res *replay.Result) {
	if q.Seq > 0 {
		select {
		case <-s.arrived:
		case <-ctx.Done():
		}
	}
	s.Sender.Send(ctx, start, q, res)
}

func testNewConnections(t *testing.T, o Options, secure, warm bool) {
	m := &meeting{one: make(chan struct{}), second: make(chan struct{})}
	s := httptest.NewUnstartedServer(m)
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
	o.Connections, o.Timeout = 1, patience
	e := engine(t, s.URL, o)
	if warm {
		if n, err := e.Warm(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d warmed: %v", n, err)
		}
	}
	var player replay.Player = e
	if p, ok := e.(replay.Sender); ok {
		player = replay.NewPool(inOrder{p, m.one}, replay.PoolOptions{})
	}
	qs := []*replay.Request{post("a"), post("b"), post("c")}
	for i, q := range qs {
		q.Seq, q.Person = int64(i), []uint64{1, 2, 1}[i] // the third waits for the first one's answer
	}
	lane := replay.NewLine(qs, replay.LaneOptions{Serialize: true})
	if err := player.Play(t.Context(), time.Now(), []*replay.Lane{lane}); err != nil {
		t.Fatal(err)
	}
	got := make([]bool, len(qs))
	all := lane.Results()
	if len(all) != len(qs) {
		t.Fatalf("%d results of %d requests", len(all), len(qs))
	}
	for _, res := range all {
		if !res.OK() {
			t.Fatalf("%+v", res)
		}
		got[res.Seq] = res.NewConnection
	}
	// HTTP/2 needs one connection; of the others, two in flight need two.
	if want := []bool{!warm, !o.HTTP2, false}; !slices.Equal(got, want) {
		t.Errorf("tls %v, warmed %v: new connections %v, want %v", secure, warm, got, want)
	}
}
