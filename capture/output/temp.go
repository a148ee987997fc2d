package output

import (
	"errors"
	"io/fs"
	"os"
)

// Temp is a file that goes with the process, however that ends: it has no name that could be left behind.
type Temp struct {
	*os.File
	path  string
	named bool // the system cannot do without, so that Close removes it
}

// Path opens the file again, with Open and as long as it is not closed.
func (t *Temp) Path() string { return t.path }

// Close closes the file, which is then gone.
func (t *Temp) Close() error {
	err := t.File.Close()
	if t.named {
		if gone := os.Remove(t.path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
