package output

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestOpenToOthers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o620: true, 0o601: true} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := OpenToOthers(info); got != (want && runtime.GOOS != "windows") {
			t.Errorf("%04o: %v", mode, got)
		}
	}
}
