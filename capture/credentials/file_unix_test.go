//go:build unix

package credentials

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"reprise/capture/source/open"
)

// TestSecretOfAPipe holds that a secret comes out of a pipe, and that one which nobody writes to ends with the context.
func TestSecretOfAPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- os.WriteFile(name, []byte("\ufeffBearer a"), 0o600) }()
	if text, err := open.Private(t.Context(), name); err != nil || string(text) != "Bearer a" {
		t.Errorf("%q, %v", text, err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for what, read := range map[string]func() error{
		"a secret": func() error { _, err := open.Private(ctx, name); return err },
		"a key":    func() error { _, _, err := (&Signing{Keys: []string{"twilio=@" + name}}).Read(ctx); return err },
	} {
		if err := read(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
