package output

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// SameFile says whether two names lead to one file, through links too. A folder is no file.
func SameFile(a, b string) bool {
	info, err := os.Stat(a)
	return err == nil && IsFile(info, b)
}

// IsFile says whether a name leads to the file that info describes, such as that of an open stream.
func IsFile(info os.FileInfo, name string) bool {
	named, err := os.Stat(name)
	return err == nil && !named.IsDir() && os.SameFile(info, named)
}

// SamePlace says whether two names are one, whether or not anything has it.
func SamePlace(a, b string) bool { return place(a) == place(b) }

// place is a name without links in its folder.
func place(name string) string {
	folder, err := filepath.EvalSymlinks(filepath.Dir(name))
	if err == nil {
		folder, err = filepath.Abs(folder)
	}
	if err != nil {
		return filepath.Clean(name)
	}
	return filepath.Join(folder, filepath.Base(name))
}

// Write writes a file that appears when write has returned without an error. The errors are those of Create and Commit, and
// write's.
func Write(name string, force bool, write func(io.Writer) error) error {
	f, err := Create(name, force)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.Commit()
}
