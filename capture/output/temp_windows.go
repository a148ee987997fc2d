package output

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// NewTemp makes a temporary file in a folder, or with "" in the system's. A folder that is not there is an error.
func NewTemp(folder, pattern string) (*Temp, error) {
	if folder == "" {
		folder = os.TempDir()
	}
	name := filepath.Join(folder, strings.Replace(pattern, "*", rand.Text(), 1))
	f, err := openShared(name, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.CREATE_NEW, windows.FILE_FLAG_DELETE_ON_CLOSE|windows.FILE_ATTRIBUTE_TEMPORARY)
	if err != nil {
		return nil, err
	}
	return &Temp{File: f, path: name}, nil
}

// Open opens a file for reading so that it can be renamed and removed meanwhile, as a Temp is when it is closed.
func Open(path string) (*os.File, error) {
	return openShared(path, windows.GENERIC_READ, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_BACKUP_SEMANTICS)
}

func openShared(name string, access, disposition, flags uint32) (*os.File, error) {
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	share := uint32(windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE)
	h, err := windows.CreateFile(path, access, share, nil, disposition, flags, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}
