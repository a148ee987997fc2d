package output

import (
	"io/fs"
	"runtime"
)

// OpenToOthers says whether others than its owner may read or change a file, by its mode. It is false on Windows, where modes say
// nothing of that.
func OpenToOthers(info fs.FileInfo) bool {
	return info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows"
}
