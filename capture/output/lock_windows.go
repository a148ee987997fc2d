package output

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// noFollow is not needed: what is made anew here follows no link, and Check has refused the others.
const noFollow = 0

// mark is the byte that stands for the whole file: beyond any content, since locks here keep others from reading.
func mark() *windows.Overlapped {
	return &windows.Overlapped{Offset: 0xffff_fffe, OffsetHigh: 0x7fff_ffff}
}

// lock marks a file that is being written. The mark goes with the process, however that ends.
func lock(f *os.File) error {
	return unlessUnsupported(windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, mark()))
}

// tryLock refuses with ErrBusy a file that another process has marked.
func tryLock(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, mark())
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrBusy
	}
	return unlessUnsupported(err)
}

// unlessUnsupported passes over that a file system has no locks: each writer still has a file of its own.
func unlessUnsupported(err error) error {
	if errors.Is(err, windows.ERROR_NOT_SUPPORTED) || errors.Is(err, windows.ERROR_INVALID_FUNCTION) {
		return nil
	}
	return err
}

// locked says whether a writer has marked a file. Folders have no marks here.
func locked(path string) bool {
	f, err := Open(path)
	if err != nil {
		return errors.Is(err, windows.ERROR_SHARING_VIOLATION)
	}
	defer f.Close()
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, mark())
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// lockFolder does nothing: a folder cannot be marked here.
func lockFolder(string) (*os.File, error) { return nil, nil }
