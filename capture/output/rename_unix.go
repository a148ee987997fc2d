//go:build unix

package output

import (
	"errors"
	"os"
	"syscall"
)

// renameNew gives a file a name that nothing has; fs.ErrExist where something has it.
func renameNew(from, to string) error {
	err := renameExclusive(from, to)
	if !unsupported(err) {
		return err
	}
	// A second name, made only where there is none, and then the first taken away.
	if err = os.Link(from, to); err == nil {
		return os.Remove(from)
	}
	if !unsupported(err) {
		return err
	}
	return os.Rename(from, to) // a file system that knows neither; Check has looked a moment ago
}

func unsupported(err error) bool {
	for _, e := range []error{errors.ErrUnsupported, syscall.ENOSYS, syscall.EINVAL, syscall.ENOTSUP, syscall.EOPNOTSUPP, syscall.EPERM, syscall.EMLINK} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
