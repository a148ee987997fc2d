package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// longestSecret bounds a file of credentials.
const longestSecret = 1 << 20

// readPrivate reads a file that holds a secret. One that others can read is refused, as a key is; its content is in no error.
func readPrivate(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder", name)
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows": // whose modes say nothing of who may read
		return nil, fmt.Errorf("%s can be read by others: chmod 600 it", name)
	}
	text, err := io.ReadAll(io.LimitReader(f, longestSecret+1))
	if err != nil {
		return nil, err
	}
	if len(text) > longestSecret {
		return nil, fmt.Errorf("%s is too long to hold a secret", name)
	}
	return text, nil
}

// secretError is the error of a flag whose value names a file by an @. Where there is no such file, the @ may have been meant.
func secretError(flag string, err error, literal bool) error {
	if errors.Is(err, fs.ErrNotExist) && literal {
		return withHint(misuse("%s: %v", flag, err), "what follows an @ is a file to read; a value that begins with one is written @@")
	}
	return misuse("%s: %v", flag, err)
}
