package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const plainAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// faulty is a target with one bad behaviour, from the moment on that it has one.
type faulty struct {
	mode  string
	from  time.Time
	aloft atomic.Int64
}

// faultyRole serves until stdin ends.
func faultyRole(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("faulty", flag.ContinueOnError)
	mode := flags.String("mode", "", "well, slow, stall, midclose, garbage, headers, huge, refuse, reset, errors or grow")
	if err := flags.Parse(args); err != nil {
		return err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	f := &faulty{mode: *mode, from: time.Now().Add(3 * time.Second)}
	go f.accept(l)
	fmt.Fprintln(out, l.Addr())
	untilStdinEnds(ctx)
	return nil
}

func (f *faulty) accept(l net.Listener) {
	if f.mode == "refuse" {
		time.AfterFunc(time.Until(f.from), func() { l.Close() })
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go f.serve(c)
	}
}

// serve answers one connection: well but for each third or fourth request, or as its mode is.
func (f *faulty) serve(c net.Conn) {
	defer c.Close()
	if f.mode == "refuse" {
		time.AfterFunc(time.Until(f.from), func() { c.Close() })
	}
	r := bufio.NewReader(c)
	for n := 0; ; n++ {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil || !f.answer(c, n%3 == 1) {
			return
		}
	}
}

// answer says whether the connection goes on.
func (f *faulty) answer(c net.Conn, turn bool) bool {
	text := plainAnswer
	switch f.mode {
	case "slow":
		time.Sleep(1500 * time.Millisecond)
	case "stall":
		if time.Now().After(f.from) {
			time.Sleep(time.Minute)
		}
	case "grow":
		k := f.aloft.Add(1)
		time.Sleep(5*time.Millisecond + time.Duration(k*k)*200*time.Microsecond)
		f.aloft.Add(-1)
	case "headers":
		for _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n"); err == nil; {
			_, err = io.WriteString(c, "X-A: "+strings.Repeat("a", 1000)+"\r\n")
		}
		return false
	}
	if turn {
		switch f.mode {
		case "midclose":
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
			return false
		case "garbage":
			_, _ = io.WriteString(c, "\x00\x01garbage\r\n\r\n")
			return false
		case "huge":
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 100<<20)
			_, err := io.CopyN(c, zeros{}, 100<<20)
			return err == nil
		case "reset":
			_ = c.(*net.TCPConn).SetLinger(0)
			return false
		case "errors":
			text = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno"
		}
	}
	if f.mode == "well" {
		time.Sleep(5 * time.Millisecond)
	}
	_, err := io.WriteString(c, text)
	return err == nil
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
