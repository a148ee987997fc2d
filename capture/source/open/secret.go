package open

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"reprise/capture/output"
)

// LongestSecret bounds a file of credentials, in bytes.
const LongestSecret = 1 << 20

// ErrLarge says that a file is larger than it may be.
var ErrLarge = errors.New("too long to hold a secret")

// Private reads a file that holds a secret. One that others can read is refused, as a key is; its content is in no error.
// The byte order mark of editors is left out.
func Private(ctx context.Context, name string) ([]byte, error) {
	text, err := Secret(ctx, name, LongestSecret, func(info fs.FileInfo) error {
		if output.OpenToOthers(info) {
			return fmt.Errorf("%s can be read by others: chmod 600 it (of a Kubernetes secret: defaultMode 0400)", name)
		}
		return nil
	})
	return bytes.TrimPrefix(text, []byte("\ufeff")), err
}

// Secret reads a file, or a pipe such as a shell's <(command), of at most so many bytes. A pipe that nobody writes to is
// waited for until the context ends: then what waits is left behind, as nothing can wake it. check, where set, looks at the opened file
// first.
func Secret(ctx context.Context, name string, most int64, check func(fs.FileInfo) error) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder", name)
	case info.Mode().IsRegular():
		return readOpened(name, most, check)
	}
	type answer struct {
		text []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := readOpened(name, most, check)
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return a.text, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readOpened reads a secret's file. It is the opened one that is checked, whatever has its name by then.
func readOpened(name string, most int64, check func(fs.FileInfo) error) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && check != nil {
		err = check(info)
	}
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s is %w", name, ErrLarge)
	}
	return text, err
}
