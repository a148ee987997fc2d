package terminal

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The null device is a character device, as terminals are.
func TestNullDeviceIsNoTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if Is(f) {
		t.Error("the null device is taken for a terminal")
	}
}

// TestDoing holds that a line counts while there is something to count, and else says for how long work has gone on.
func TestDoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := &Progress{stop: make(chan struct{})}
		p.wait.Go(func() { p.show(&b, "why") })
		p.Count.Add(500)
		time.Sleep(time.Second + 10*time.Millisecond) // no tick of the line comes at this moment
		p.Doing("looking for causes in 500 requests")
		time.Sleep(12 * time.Second)
		p.End()
		for _, want := range []string{"\x1b[Kwhy: 500 records, 500/s\r", "\x1b[Kwhy: looking for causes in 500 requests, 1 s\r", "requests, 11 s\r"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("it did not show %q: %q", want, b.String())
			}
		}
	})
}
