package terminal

import (
	"os"
	"testing"
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
