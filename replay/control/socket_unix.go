//go:build unix

package control

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// refused is what connecting to the socket of a dead process gives.
const refused = syscall.ECONNREFUSED

// ownFolder says why a folder is not this user's alone. It looks at the folder itself, which is opened: a link is none.
func ownFolder(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("the folder %s cannot be used: %w", path, err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !isOwn(info):
		return fmt.Errorf("the folder %s is another user's", path)
	case info.Mode().Perm()&0o077 != 0 || info.Mode().Perm()&0o700 != 0o700:
		return fmt.Errorf("the folder %s has the mode %04o, not 0700: others may have put something there", path, info.Mode().Perm())
	}
	return nil
}

// isOwn says whether a file is this user's.
func isOwn(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(s.Uid) == int64(os.Geteuid())
}

// maskModes lets files be made for this user alone, until what it returns is called.
func maskModes() (restore func()) {
	old := unix.Umask(0o177)
	return func() { unix.Umask(old) }
}
