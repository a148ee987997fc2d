// Package partial writes a file that appears under its name only when it is whole: until Commit the bytes are
// in NAME.partial, where inspect and repair can read them.
package partial

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Suffix is what the name of an unfinished file ends in.
const Suffix = ".partial"

// File is an output under way. It is not safe for concurrent use.
type File struct {
	*os.File
	name  string
	force bool
	done  bool
}

// Create opens name.partial for writing (mode 0600). It refuses with fs.ErrExist where name exists, unless force is set.
func Create(name string, force bool) (*File, error) {
	if err := vacant(name, force); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name+Suffix, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &File{File: f, name: name, force: force}, nil
}

func vacant(name string, force bool) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder", name)
	case !force:
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	return nil
}

// Commit makes the file durable and gives it its name.
func (f *File) Commit() error {
	if f.done {
		return nil
	}
	f.done = true
	if err := errors.Join(f.Sync(), f.File.Close()); err != nil {
		return err
	}
	if err := vacant(f.name, f.force); err != nil {
		return err
	}
	if err := os.Rename(f.name+Suffix, f.name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.name))
}

// Discard removes the unfinished file. After Commit it does nothing, so it may be deferred.
func (f *File) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(f.File.Close(), os.Remove(f.name+Suffix))
}

// Leave closes the unfinished file and keeps it as NAME.partial. After Commit it does nothing.
func (f *File) Leave() error {
	if f.done {
		return nil
	}
	f.done = true
	return f.File.Close()
}

// syncFolder makes a rename durable. Systems that cannot sync a folder keep what their rename promises.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}

// Direct opens a file that others read while it grows, under its name from the start. Like Create it refuses
// with fs.ErrExist where name exists, unless force is set.
func Direct(name string, force bool) (*os.File, error) {
	if err := vacant(name, force); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}
