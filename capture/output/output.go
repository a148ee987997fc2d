// Package output writes files that appear under their names only when they are whole. Until Commit the bytes are in a
// temporary file beside it: NAME.partial where that is free, else NAME.1.partial, NAME.2.partial and so on, made for
// this writer alone and locked while it lives. So nothing that is there is ever written over, what a crash leaves is
// found again, and it can be told from what somebody is writing at this moment.
package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// What the errors of this package are, besides fs.ErrExist where a file is there and force is not set.
var (
	// ErrBusy says that another writer of the same output is at work.
	ErrBusy = errors.New("another process is writing it")
	// ErrNoFile says that what has the name is no regular file, so that nothing is written over it, with or without force.
	ErrNoFile = errors.New("only a regular file is written over")
	// ErrPartialName says that the name is one of those that unfinished files have.
	ErrPartialName = errors.New("a name that ends in .partial is an unfinished file's")
)

// File is an output under way. It is not safe for concurrent use.
type File struct {
	*os.File
	name  string // what it will be called
	path  string // what it is called now
	force bool
	done  bool
}

// Create begins the output name, mode 0600. It refuses what Check refuses, and with ErrBusy what another writer has begun.
// Two that begin in the same instant may both go on: each has a file of its own, and the later one's Commit says
// fs.ErrExist, or with force replaces the earlier one's whole.
func Create(name string, force bool) (*File, error) {
	if err := Check(name, force); err != nil {
		return nil, err
	}
	for _, r := range Left(name) {
		if r.Busy {
			return nil, fmt.Errorf("%s: %w, as %s", name, ErrBusy, r.Path)
		}
	}
	return begin(name, force)
}

// begin makes the temporary file.
func begin(name string, force bool) (*File, error) {
	for n := 0; ; n++ {
		path := temporaryName(name, n)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_EXCL|noFollow, 0o600)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return nil, err
		}
		if err := lock(f); err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close(), os.Remove(path))
		}
		return &File{File: f, name: name, path: path, force: force}, nil
	}
}

// Path is the name of the unfinished file.
func (f *File) Path() string { return f.path }

// Second begins another temporary file of the same output, for what is written anew before it is whole.
func (f *File) Second() (*File, error) { return begin(f.name, f.force) }

// Replace goes on with a second file in place of this one, which is removed.
func (f *File) Replace(second *File) error {
	err := errors.Join(f.File.Close(), os.Remove(f.path))
	f.File, f.path, second.done = second.File, second.path, true
	return err
}

// Commit makes the file durable and gives it its name. Where that is refused the unfinished file stays, and the error says so.
func (f *File) Commit() error {
	if f.done {
		return nil
	}
	f.done = true
	if err := errors.Join(f.Sync(), f.File.Close()); err != nil {
		return err
	}
	if err := f.rename(); err != nil {
		return fmt.Errorf("%w; what was to be it is in %s", err, f.path)
	}
	return syncFolder(filepath.Dir(f.name))
}

// rename refuses with fs.ErrExist what appeared under the name meanwhile, unless force is set.
func (f *File) rename() error {
	if err := Check(f.name, f.force); err != nil {
		return err
	}
	if f.force {
		return os.Rename(f.path, f.name)
	}
	return renameNew(f.path, f.name)
}

// Discard removes the unfinished file. After Commit it does nothing, so it may be deferred.
func (f *File) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(f.File.Close(), os.Remove(f.path))
}

// Leave closes the unfinished file and keeps it under its temporary name. After Commit it does nothing.
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

// Direct opens a file that others read while it grows, under its name from the start. It refuses what Check refuses, and
// with ErrBusy a file that another process is writing so.
func Direct(name string, force bool) (*os.File, error) {
	if err := Check(name, force); err != nil {
		return nil, err
	}
	flags := os.O_CREATE | os.O_WRONLY | noFollow
	if !force {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
