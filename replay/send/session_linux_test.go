package send

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"reprise/replay"
)

// peer is a target that speaks HTTP/2 as a test says.
type peer struct {
	*http2.Framer
	conn   net.Conn
	number int // of the connection, from 1
	block  bytes.Buffer
	pack   *hpack.Encoder
	unpack *hpack.Decoder
	resets chan http2.ErrCode
}

// said is a request as it came.
type said struct {
	id     uint32
	header []hpack.HeaderField
	body   int
}

// answerHead sends an answer's header, its fields in pairs.
func (p *peer) answerHead(id uint32, end bool, fields ...string) {
	p.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = p.pack.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block.Bytes(), EndStream: end, EndHeaders: true})
}

func (p *peer) ok(id uint32) {
	p.answerHead(id, false, ":status", "200", "content-length", "2")
	_ = p.WriteData(id, true, []byte("ok"))
}

// next returns the next request; false when the connection is over.
func (p *peer) next() (said, bool) {
	var s said
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return s, false
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = p.WriteSettingsAck()
			}
		case *http2.RSTStreamFrame:
			p.resets <- f.ErrCode
		case *http2.HeadersFrame:
			s.header, err = p.unpack.DecodeFull(f.HeaderBlockFragment())
			if s.id = f.StreamID; err != nil || f.StreamEnded() {
				return s, err == nil
			}
		case *http2.DataFrame:
			s.body += len(f.Data())
			n := uint32(len(f.Data()))
			_, _ = p.WriteWindowUpdate(0, n), p.WriteWindowUpdate(f.StreamID, n)
			if f.StreamEnded() {
				return s, true
			}
		}
	}
}

// speak serves HTTP/2 in clear: each connection is act's.
func speak(t testing.TB, act func(p *peer)) (addr string, resets chan http2.ErrCode) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	resets = make(chan http2.ErrCode, 100)
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				if _, err := io.ReadFull(c, make([]byte, len(preface))); err != nil {
					return
				}
				p := &peer{Framer: http2.NewFramer(c, c), conn: c, number: n, resets: resets, unpack: hpack.NewDecoder(4096, nil)}
				p.pack = hpack.NewEncoder(&p.block)
				act(p)
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return "http://" + l.Addr().String(), resets
}

// each answers every request of a connection.
func each(answer func(p *peer, r said)) func(p *peer) {
	return func(p *peer) {
		_ = p.WriteSettings()
		for r, ok := p.next(); ok; r, ok = p.next() {
			answer(p, r)
		}
	}
}

// What becomes of a request, from targets that behave so.
func TestHTTP2Reasons(t *testing.T) {
	t.Parallel()
	const whole = "200"
	for _, tc := range []struct {
		name   string
		o      Options
		act    func(p *peer)
		want   replay.Reason
		status int
		reset  bool // the target is told
	}{
		{"an answer", Options{}, each(func(p *peer, r said) { p.ok(r.id) }), "", 200, false},
		{"no body", Options{}, each(func(p *peer, r said) { p.answerHead(r.id, true, ":status", "204") }), "", 204, false},
		{"an early hint and a trailer", Options{}, each(func(p *peer, r said) {
			p.answerHead(r.id, false, ":status", "103", "link", "x")
			p.answerHead(r.id, false, ":status", whole)
			_ = p.WriteDataPadded(r.id, false, []byte("ok"), make([]byte, 7))
			p.answerHead(r.id, true, "x-sum", "1")
		}), "", 200, false},
		{"a header in many parts", Options{}, each(func(p *peer, r said) {
			p.block.Reset()
			_ = p.pack.WriteField(hpack.HeaderField{Name: ":status", Value: "201"})
			_ = p.pack.WriteField(hpack.HeaderField{Name: "x-a", Value: strings.Repeat("a", 50)})
			b := p.block.Bytes()
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: r.id, BlockFragment: b[:1], EndStream: true, Priority: http2.PriorityParam{Weight: 3}})
			for i := 1; i < len(b); i++ {
				_ = p.WriteContinuation(r.id, i == len(b)-1, b[i:i+1])
			}
		}), "", 201, false},
		{"frames that nobody knows, and a ping", Options{}, each(func(p *peer, r said) {
			_ = p.WriteRawFrame(0xb, 0, r.id, []byte("x"))
			_ = p.WritePing(false, [8]byte{1})
			for f, err := p.ReadFrame(); err == nil; f, err = p.ReadFrame() {
				if ping, ok := f.(*http2.PingFrame); ok && ping.IsAck() && ping.Data == [8]byte{1} {
					p.ok(r.id)
					return
				}
			}
		}), "", 200, false},
		{"a redirect is not followed", Options{}, each(func(p *peer, r said) {
			p.answerHead(r.id, true, ":status", "302", "location", "/")
		}), "", 302, false},
		{"an answer before the request is whole", Options{}, func(p *peer) {
			_ = p.WriteSettings()
			for f, err := p.ReadFrame(); err == nil; f, err = p.ReadFrame() {
				switch f := f.(type) {
				case *http2.HeadersFrame:
					p.answerHead(f.StreamID, true, ":status", "413")
				case *http2.RSTStreamFrame:
					p.resets <- f.ErrCode
				}
			}
		}, "", 413, true},
		{"closed without an answer", Options{}, func(p *peer) { _ = p.WriteSettings(); p.next() }, replay.ReasonReset, 0, false},
		{"reset", Options{}, each(func(p *peer, r said) { _ = p.WriteRSTStream(r.id, http2.ErrCodeInternal) }), replay.ReasonReset, 0, false},
		{"reset in the body", Options{}, each(func(p *peer, r said) {
			p.answerHead(r.id, false, ":status", whole)
			_ = p.WriteRSTStream(r.id, http2.ErrCodeInternal)
		}), replay.ReasonReset, 200, false},
		{"less than the length", Options{}, each(func(p *peer, r said) {
			p.answerHead(r.id, false, ":status", whole, "content-length", "20")
			_ = p.WriteData(r.id, true, []byte("half"))
		}), replay.ReasonReset, 200, true},
		{"more than the length", Options{}, each(func(p *peer, r said) {
			p.answerHead(r.id, false, ":status", whole, "content-length", "2")
			_ = p.WriteData(r.id, true, []byte("half"))
		}), replay.ReasonInvalid, 200, true},
		{"two lengths", Options{}, each(func(p *peer, r said) {
			p.answerHead(r.id, true, ":status", whole, "content-length", "2", "content-length", "3")
		}), replay.ReasonInvalid, 0, true},
		{"no status", Options{}, each(func(p *peer, r said) { p.answerHead(r.id, true, "x-a", "1") }), replay.ReasonInvalid, 0, true},
		{"a body without a header", Options{}, each(func(p *peer, r said) { _ = p.WriteData(r.id, true, []byte("x")) }), replay.ReasonInvalid, 0, true},
		{"another protocol", Options{}, each(func(p *peer, r said) { p.answerHead(r.id, false, ":status", "101") }), replay.ReasonInvalid, 0, true},
		{"an endless header", Options{}, each(func(p *peer, r said) {
			for range 20 {
				_ = p.pack.WriteField(hpack.HeaderField{Name: "x-a", Value: strings.Repeat("~", 10_000)})
			}
			b := p.block.Bytes()
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: r.id, BlockFragment: nil})
			for c := range slices.Chunk(b, maxFrame) {
				_ = p.WriteContinuation(r.id, false, c)
			}
			_ = p.WriteContinuation(r.id, true, nil)
		}), replay.ReasonInvalid, 0, false},
		{"a body beyond all measure", Options{MaxBody: 1000}, each(func(p *peer, r said) {
			p.answerHead(r.id, false, ":status", whole)
			_ = p.WriteData(r.id, false, make([]byte, 5000))
		}), replay.ReasonTooLarge, 200, true},
		{"a length beyond all measure", Options{MaxBody: 1000}, each(func(p *peer, r said) {
			p.answerHead(r.id, false, ":status", whole, "content-length", "5000")
		}), replay.ReasonTooLarge, 200, true},
		{"no answer", Options{Timeout: 500 * time.Millisecond}, each(func(*peer, said) {}), replay.ReasonTimeout, 0, true},
		{"no first byte", Options{Timeouts: Timeouts{FirstByte: 500 * time.Millisecond}}, each(func(*peer, said) {}), replay.ReasonTimeout, 0, true},
		{"half a body, then nothing", Options{Timeouts: Timeouts{Body: 500 * time.Millisecond}}, each(func(p *peer, r said) {
			p.answerHead(r.id, false, ":status", whole)
		}), replay.ReasonBodyTimeout, 200, true},
		{"a body that is not taken", Options{Timeout: 500 * time.Millisecond}, func(p *peer) {
			_ = p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
			for f, err := p.ReadFrame(); err == nil; f, err = p.ReadFrame() {
				if f, ok := f.(*http2.RSTStreamFrame); ok {
					p.resets <- f.ErrCode
				}
			}
		}, replay.ReasonWriteTimeout, 0, true},
		{"HTTP/1.1", Options{}, func(p *peer) { _, _ = io.WriteString(p.conn, "HTTP/1.1 400 Bad Request\r\n\r\n") }, replay.ReasonInvalid, 0, false},
		{"no settings", Options{}, func(p *peer) { _ = p.WritePing(false, [8]byte{}); p.next() }, replay.ReasonInvalid, 0, false},
		{"a push", Options{}, each(func(p *peer, r said) {
			_ = p.WritePushPromise(http2.PushPromiseParam{StreamID: r.id, PromiseID: 2, EndHeaders: true})
		}), replay.ReasonInvalid, 0, false},
		{"a frame that is too long", Options{}, each(func(p *peer, r said) { _, _ = p.conn.Write([]byte{0, 0x40, 1, 0, 0, 0, 0, 0, 1}) }), replay.ReasonInvalid, 0, false},
		{"a window beyond all measure", Options{}, each(func(p *peer, r said) { _ = p.WriteWindowUpdate(0, 1<<31-1) }), replay.ReasonInvalid, 0, false},
		{"sent back once", Options{}, func(p *peer) {
			each(func(p *peer, r said) {
				if r.id == 1 {
					_ = p.WriteRSTStream(r.id, http2.ErrCodeRefusedStream)
					return
				}
				p.ok(r.id)
			})(p)
		}, "", 200, false},
		{"sent back again and again", Options{}, each(func(p *peer, r said) { _ = p.WriteRSTStream(r.id, http2.ErrCodeRefusedStream) }), replay.ReasonReset, 0, false},
		{"a connection that leaves before it takes the request", Options{}, each(func(p *peer, r said) {
			if p.number == 1 {
				_ = p.WriteGoAway(0, http2.ErrCodeNo, nil)
				return
			}
			p.ok(r.id)
		}), "", 200, false},
		{"a connection that leaves after it has taken the request", Options{}, each(func(p *peer, r said) {
			_ = p.WriteGoAway(r.id, http2.ErrCodeNo, nil)
			p.ok(r.id)
		}), "", 200, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			addr, resets := speak(t, tc.act)
			tc.o.HTTP2 = true
			if name := engine(t, addr, tc.o).Name(); name != "epoll h2" {
				t.Fatal(name)
			}
			q := post(strings.Repeat("x", 100))
			if tc.status == 413 || tc.want == replay.ReasonWriteTimeout {
				q = post(strings.Repeat("x", 1<<20))
			}
			wanted := func(res replay.Result) bool { return res.Error == tc.want && res.Status == tc.status }
			res := bounded(t, addr, tc.o, q, wanted)
			if !wanted(res) {
				t.Errorf("error %q status %d, want %q %d", res.Error, res.Status, tc.want, tc.status)
			}
			if res.Sent <= 0 || res.Done < res.Sent {
				t.Errorf("sent %v, done %v", res.Sent, res.Done)
			}
			if tc.reset {
				select {
				case <-resets:
				case <-time.After(patience):
					t.Error("the target was not told")
				}
			}
		})
	}
}

// What goes onto the wire: headers in their order, in lower case, without those of a connection.
func TestHTTP2Wire(t *testing.T) {
	got := make(chan said, 10)
	addr, _ := speak(t, each(func(p *peer, r said) { got <- r; p.ok(r.id) }))
	for _, tc := range []struct {
		q    *replay.Request
		want string
		body int
	}{
		{
			request("POST /sms?a=%2B1&b", "Body=STOP", "x-twilio-SIGNATURE: s ", "user-agent: TwilioProxy/1.1", "X-A: 1", "X-A: 2"),
			":authority=h :method=POST :path=/sms?a=%2B1&b :scheme=http x-twilio-signature=s user-agent=TwilioProxy/1.1 x-a=1 x-a=2 content-length=9", 9,
		},
		{request("GET //v?text=a%20b+c", ""), ":authority=h :method=GET :path=//v?text=a%20b+c :scheme=http", 0},
		{request("POST /", ""), ":authority=h :method=POST :path=/ :scheme=http content-length=0", 0},
		{request("POST /", "{}", "Transfer-Encoding: chunked"), ":authority=h :method=POST :path=/ :scheme=http", 2},
		{request("POST /", "", "Connection: close", "Keep-Alive: 1", "TE: trailers"), ":authority=h :method=POST :path=/ :scheme=http content-length=0", 0},
		{request("POST /", strings.Repeat("x", 1<<20)), ":authority=h :method=POST :path=/ :scheme=http content-length=1048576", 1 << 20},
	} {
		res := send(t, engine(t, addr, Options{HTTP2: true}), tc.q)
		if !res.OK() || res.Bytes != 2 || res.Hash != crc32.Checksum([]byte("ok"), table) || res.FirstByte <= res.Sent {
			t.Fatalf("%+v", res)
		}
		r := <-got
		var text []string
		for _, f := range r.header {
			text = append(text, f.Name+"="+f.Value)
		}
		if line := strings.Join(text, " "); line != tc.want || r.body != tc.body {
			t.Errorf("got  %s and %d bytes\nwant %s and %d", line, r.body, tc.want, tc.body)
		}
	}
}

// A header that is longer than a frame comes whole, and long bodies both ways; many requests at once, beside net/http.
func TestHTTP2BesideNetHTTP(t *testing.T) {
	var most, now, conns atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer now.Add(-1)
		for n, m := now.Add(1), most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if r.ProtoMajor != 2 {
			w.WriteHeader(505)
		}
		if n := len(r.Header.Get("X-Long")); n > 0 && n != 40_000 {
			w.WriteHeader(400)
		}
		body, _ := io.ReadAll(r.Body)
		for range 1 + len(r.Header["X-Times"]) {
			_, _ = w.Write(body)
		}
	}))
	s.EnableHTTP2 = true
	// More than are in flight: at its limit net/http resets a stream that begins when the one before it has ended, where it has not taken note of that.
	s.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 100}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	// net/http closes a session whose settings it has not read within two seconds, as on a machine that stands still, and says so.
	var gaveUp atomic.Int64
	s.Config.ErrorLog = log.New(writer(func(line []byte) {
		if bytes.Contains(line, []byte("timeout waiting for SETTINGS")) {
			gaveUp.Add(1)
		}
	}), "", 0)
	s.StartTLS()
	defer s.Close()
	o := Options{HTTP2: true, RootCAs: x509.NewCertPool(), Timeout: patience}
	o.RootCAs.AddCert(s.Certificate())
	for _, tc := range []struct {
		name  string
		n     int
		q     func(i int) *replay.Request
		bytes int64
	}{
		{"many", 2000, func(i int) *replay.Request { return post(fmt.Sprintf("%04d", i)) }, 4},
		{"long bodies", 20, func(int) *replay.Request { return post(strings.Repeat("0123456789abcdef", 50_000)) }, 800_000},
		{"long answers", 4, func(int) *replay.Request { return request("POST /", strings.Repeat("x", 6<<20), "X-Times: 1") }, 12 << 20},
		{"a long header", 3, func(int) *replay.Request { return request("POST /", "1", "X-Long: "+strings.Repeat("~", 40_000)) }, 1},
	} {
		bad := func(res replay.Result) bool { return !res.OK() || res.Bytes != tc.bytes }
		for try := 1; ; try++ {
			given := gaveUp.Load()
			e := engine(t, s.URL, o)
			if n, err := e.Warm(t.Context()); n != 1 || err != nil {
				t.Fatalf("%d warmed: %v", n, err)
			}
			var qs []*replay.Request
			for i := range tc.n {
				qs = append(qs, tc.q(i))
			}
			all := playLane(t.Context(), t, e, replay.NewLine(qs, replay.LaneOptions{MaxInFlight: 64}), tc.n)
			i := slices.IndexFunc(all, bad)
			if i < 0 {
				break
			}
			if gaveUp.Load() == given || try == 20 {
				t.Fatalf("%s: %+v", tc.name, all[i])
			}
			conns.Store(0)
		}
	}
	if n := conns.Load(); n > 60 || most.Load() < 2 {
		t.Errorf("%d connections, %d requests at once", n, most.Load())
	}
}

// writer is a function that takes the lines of a log.
type writer func(line []byte)

func (w writer) Write(line []byte) (int, error) {
	w(line)
	return len(line), nil
}

// A session has no more streams than the target allows, once it knows that.
func TestHTTP2Streams(t *testing.T) {
	t.Parallel()
	const most, n = 2, 40
	addr, _ := speak(t, func(p *peer) {
		_ = p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: most})
		type came struct {
			known bool   // the client has taken note of the limit
			id    uint32 // of a request that is whole
		}
		all := make(chan came, n) // closed by the goroutine below; room for every request
		go func() {
			defer close(all)
			for known := false; ; {
				f, err := p.ReadFrame()
				if err != nil {
					return
				}
				if f, ok := f.(*http2.SettingsFrame); ok {
					known = known || f.IsAck()
				}
				if f, ok := f.(*http2.DataFrame); ok && f.StreamEnded() {
					all <- came{known, f.StreamID}
				}
			}
		}()
		_ = p.WriteSettingsAck()
		for first := range all {
			open := []uint32{first.id}
			for pause := time.After(5 * time.Millisecond); pause != nil; { // for others to come
				select {
				case next, ok := <-all:
					if !ok {
						return
					}
					if open = append(open, next.id); next.known && len(open) > most {
						t.Errorf("%d streams at once", len(open))
					}
				case <-pause:
					pause = nil
				}
			}
			for _, id := range open {
				p.ok(id)
			}
		}
	})
	qs := make([]*replay.Request, n)
	for i := range qs {
		qs[i] = post("x")
	}
	for _, res := range playLane(t.Context(), t, engine(t, addr, Options{HTTP2: true}), replay.NewLine(qs, replay.LaneOptions{MaxInFlight: 10}), n) {
		if !res.OK() {
			t.Fatalf("%+v", res)
		}
	}
}

// A session that was closed while it waited costs no request.
func TestHTTP2StaleSessions(t *testing.T) {
	var conns atomic.Int64
	addr, _ := speak(t, func(p *peer) {
		conns.Add(1)
		_ = p.WriteSettings()
		if r, ok := p.next(); ok {
			p.ok(r.id) // and closes
		}
	})
	for wait := 20 * time.Millisecond; ; wait *= 2 { // on a busy machine it takes a while until both sides know
		conns.Store(0)
		qs := []*replay.Request{post("a"), post("b"), post("c")}
		for i, q := range qs {
			q.Deadline = time.Duration(i) * wait
		}
		all := playLane(t.Context(), t, engine(t, addr, Options{HTTP2: true}), replay.NewLine(qs, replay.LaneOptions{}), len(qs))
		if conns.Load() == 3 && !slices.ContainsFunc(all, func(r replay.Result) bool { return !r.OK() }) {
			return
		}
		if wait > 3*time.Second {
			t.Fatalf("%d connections: %+v", conns.Load(), all)
		}
	}
}

// Whatever a target sends, no request is lost and nothing goes on without end.
func FuzzAnswersHTTP2(f *testing.F) {
	var b bytes.Buffer
	p := &peer{Framer: http2.NewFramer(&b, nil)}
	p.pack = hpack.NewEncoder(&p.block)
	_ = p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 3})
	f.Add(bytes.Clone(b.Bytes()))
	p.ok(1)
	_ = p.WriteRSTStream(3, http2.ErrCodeRefusedStream)
	f.Add(bytes.Clone(b.Bytes()))
	_ = p.WriteGoAway(3, http2.ErrCodeNo, nil)
	_ = p.WriteWindowUpdate(5, 100)
	_ = p.WritePing(false, [8]byte{})
	f.Add(bytes.Clone(b.Bytes()))
	f.Fuzz(func(t *testing.T, came []byte) {
		poll, err := newPoller()
		if err != nil {
			t.Fatal(err)
		}
		defer poll.close()
		const n = 4
		var qs []*replay.Request
		for range n {
			qs = append(qs, post("hello, world"))
		}
		lane := replay.NewLine(qs, replay.LaneOptions{})
		l := &loop{e: &Epoll{o: Options{HTTP2: true}.filled()}, lane: lane, start: time.Now(), poll: poll, check: time.Hour, opening: 1}
		m := &mux{loop: l}
		l.work = m
		s := newSession(socket{fd: 1 << 30})
		m.sessions, l.open = append(m.sessions, s), 1
		for q, _ := lane.Next(time.Hour); q != nil; q, _ = lane.Next(time.Hour) {
			m.take(q)
		}
		for len(came) > 0 && s.fd >= 0 {
			part := came[:min(len(came), 1+len(came)/2)]
			if reason := m.feed(s, bytes.Clone(part)); reason != "" {
				s.fd = -1
				for _, id := range s.numbers() {
					m.finish(s, s.streams[id], reason)
				}
			}
			came = came[len(part):]
		}
		m.giveUp()
		if got := len(lane.Results()); got != n {
			t.Errorf("%d results of %d requests", got, n)
		}
		if len(s.in) > maxFrame+frameHeader || len(s.packed) > maxBlock+maxFrame {
			t.Errorf("it keeps %d and %d bytes", len(s.in), len(s.packed))
		}
	})
}

// TestHTTP2Endless is TestEndless over HTTP/2: frames of which none says anything, until the session is closed.
func TestHTTP2Endless(t *testing.T) {
	t.Parallel()
	addr, _ := speak(t, each(func(p *peer, r said) {
		p.answerHead(r.id, false, ":status", "200")
		_ = p.conn.SetDeadline(time.Now().Add(patience)) // then it was never cut off
		var err error
		for much := bytes.Repeat(append([]byte{0, 0, 1, 99, 0, 0, 0, 0, 0}, 'x'), 1<<13); err == nil; {
			_, err = p.conn.Write(much)
		}
	}))
	wanted := func(res replay.Result) bool { return res.Error == replay.ReasonTimeout && res.Status == 200 }
	if res := bounded(t, addr, Options{HTTP2: true, Timeout: 300 * time.Millisecond}, post("x"), wanted); !wanted(res) {
		t.Errorf("an endless answer is %q, status %d", res.Error, res.Status)
	}
}
