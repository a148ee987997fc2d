package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Check says whether an output may have the name: fs.ErrExist where a file is there and force is not set, ErrNoFile where
// something else is there, ErrPartialName for a name that an unfinished file would have. It opens and makes nothing.
func Check(name string, force bool) error {
	if IsPartial(name) {
		return fmt.Errorf("%s: %w", name, ErrPartialName)
	}
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	if what := inTheWay(name, info.Mode()); what != "" {
		return fmt.Errorf("%s is %s: %w", name, what, ErrNoFile)
	}
	if !force {
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	return nil
}

// inTheWay names what is no regular file.
func inTheWay(name string, mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return linkTo(name)
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}

// linkTo names what a link leads to, where that is no file either, as /dev/stdout.
func linkTo(name string) string {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return inTheWay(name, info.Mode()&^fs.ModeSymlink)
	}
	to, err := os.Readlink(name)
	if err != nil {
		return "a link"
	}
	return "a link to " + to
}
