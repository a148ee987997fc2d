package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestNothingUnaskedIsPrinted lets a platform send more than its answer's length says. net/http would print it.
func TestNothingUnaskedIsPrinted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answered, closed := make(chan struct{}), make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			closed <- err
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		if _, err := http.ReadRequest(r); err != nil {
			closed <- err
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
		<-answered
		_, _ = io.WriteString(c, `{"from":"+14155550123","body":"planted"}`)
		_, _ = io.Copy(io.Discard, r) // until the other side has seen it, and closes the connection
		closed <- nil
	}()

	cmd := exec.Command("reprise", "sink", "--listen", "127.0.0.1:0", "--forward", "http://"+l.Addr().String(), "--quiet")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(strings.TrimSpace(address), "text/plain", nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v, error %v", resp, err)
	}
	resp.Body.Close()
	close(answered)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Signal(os.Kill)
	_ = cmd.Wait()
	if said.Len() > 0 {
		t.Errorf("it said %q", said.String())
	}
}
