package anonymize

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

const errSharingViolation = syscall.Errno(32)

// openExclusive opens a file for this process alone, and makes it where there is none.
func openExclusive(name string) (*os.File, error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, errSharingViolation):
		return nil, fmt.Errorf("ledger %s: %w", name, ErrLedgerBusy)
	case err != nil:
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}
