package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is a folder under way: its files are in a temporary folder until the caller moves them.
type Folder struct {
	// Path is where it is now.
	Path string
	mark *os.File
}

// CreateFolder makes the temporary folder of the folder name, under the names that files have, with those above it. It refuses
// with ErrBusy what another process is filling.
func CreateFolder(name string) (*Folder, error) {
	name = filepath.Clean(name)
	if IsPartial(name) {
		return nil, fmt.Errorf("%s: %w", name, ErrPartialName)
	}
	for _, r := range Left(name) {
		if r.Busy {
			return nil, fmt.Errorf("%s: %w, as %s", name, ErrBusy, r.Path)
		}
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		path := temporaryName(name, n)
		err := os.Mkdir(path, 0o700)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return nil, err
		}
		mark, err := lockFolder(path)
		if err != nil {
			return nil, errors.Join(err, os.Remove(path))
		}
		return &Folder{Path: path, mark: mark}, nil
	}
}

// Close says that the folder is no longer being filled. Whoever made it moves or removes it.
func (f *Folder) Close() error {
	if f.mark == nil {
		return nil
	}
	return f.mark.Close()
}
