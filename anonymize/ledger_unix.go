//go:build unix

package anonymize

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// openExclusive opens a file for this process alone, and makes it where there is none.
func openExclusive(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, errors.Join(fmt.Errorf("ledger %s: %w", name, ErrLedgerBusy), f.Close())
	case err != nil && !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, syscall.ENOLCK): // some network file systems have no locks
		return nil, errors.Join(fmt.Errorf("ledger %s: lock it: %w", name, err), f.Close())
	}
	return f, nil
}
