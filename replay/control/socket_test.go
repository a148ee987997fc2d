//go:build unix

package control

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Another user's folder or socket is none to listen in or to speak to, whatever its mode. Root makes one for the test; others
// have that of root at hand.
func TestForeignSockets(t *testing.T) {
	dir := t.TempDir()
	folder, socket := "/", filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := dialOwn(context.Background(), socket)
	if err != nil {
		t.Fatalf("a socket of one's own: %v", err)
	}
	conn.Close()
	if os.Geteuid() == 0 {
		folder = filepath.Join(dir, "reprise")
		if err := errors.Join(os.Mkdir(folder, 0o700), os.Chown(folder, 65534, -1), os.Lchown(socket, 65534, -1)); err != nil {
			t.Fatal(err)
		}
		if _, err := dialOwn(context.Background(), socket); !errors.Is(err, ErrForeign) {
			t.Errorf("a socket of another user: %v", err)
		}
		if _, err := Send(context.Background(), socket, Order{Do: "stop"}); !errors.Is(err, ErrForeign) {
			t.Errorf("a socket of another user is spoken to: %v", err)
		}
	}
	if err := makeFolder(folder); err == nil || !strings.Contains(err.Error(), "another user's") {
		t.Errorf("a folder of another user: %v", err)
	}
}

func TestOwnFolder(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct {
		name string
		make func(path string) error
		want string // in the error; none where it is empty
	}{
		{"new", func(string) error { return nil }, ""},
		{"private", func(p string) error { return os.Mkdir(p, 0o700) }, ""},
		{"readable", func(p string) error { return errors.Join(os.Mkdir(p, 0o700), os.Chmod(p, 0o755)) }, "has the mode 0755"},
		{"writable", func(p string) error { return errors.Join(os.Mkdir(p, 0o700), os.Chmod(p, 0o1777)) }, "has the mode 0777"},
		{"link", func(p string) error { return errors.Join(os.Mkdir(p+"2", 0o700), os.Symlink(p+"2", p)) }, "cannot be used"},
		{"file", func(p string) error { return os.WriteFile(p, nil, 0o600) }, "cannot be used"},
		{"below nothing", func(p string) error { return os.Symlink(filepath.Join(dir, "none", "x"), p) }, "cannot be used"},
	} {
		path := filepath.Join(dir, strings.ReplaceAll(tc.name, " ", "-"))
		if err := tc.make(path); err != nil {
			t.Fatal(err)
		}
		err := makeFolder(path)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	if err := makeFolder(filepath.Join(dir, "none", "reprise")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made above it: %v", err)
	}
}
