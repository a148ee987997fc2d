//go:build !unix

package control

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// refused is what connecting to the socket of a dead process gives: WSAECONNREFUSED.
const refused = syscall.Errno(10061)

// ownFolder says why a folder cannot be used. Who owns it is not looked at: it is in a folder of this user.
func ownFolder(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder", path)
	}
	return nil
}

func isOwn(fs.FileInfo) bool { return true }

func maskModes() (restore func()) { return func() {} }
