//go:build unix

package output

import (
	"os"
	"strconv"
)

// NewTemp makes a temporary file in a folder, or with "" in the system's. A folder that is not there is an error.
func NewTemp(folder, pattern string) (*Temp, error) {
	f, err := os.CreateTemp(folder, pattern)
	if err != nil {
		return nil, err
	}
	t := &Temp{File: f, path: "/dev/fd/" + strconv.Itoa(int(f.Fd()))}
	if !reopens(f, t.path) {
		t.path, t.named = f.Name(), true
		return t, nil
	}
	if err := os.Remove(f.Name()); err != nil {
		t.path, t.named = f.Name(), true
	}
	return t, nil
}

// reopens says whether a path opens a file.
func reopens(f *os.File, path string) bool {
	again, err := os.Open(path)
	if err != nil {
		return false
	}
	defer again.Close()
	a, errA := f.Stat()
	b, errB := again.Stat()
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// Open opens a file for reading; here it is os.Open. On some systems a temporary file's Path shares its position with
// the file, so that what is opened is read at offsets.
func Open(path string) (*os.File, error) { return os.Open(path) }
