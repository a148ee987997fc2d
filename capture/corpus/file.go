package corpus

import (
	"errors"
	"fmt"
	"os"

	"reprise/capture/partial"
)

// File is a corpus file under way: NAME.partial until Commit, readable up to its last whole block.
type File struct {
	*Writer
	part *partial.File
	name string
}

// Create begins the corpus file path. It refuses with fs.ErrExist where path exists, unless force is set.
func Create(path string, h Header, force bool) (*File, error) {
	part, err := partial.Create(path, force)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(part, h)
	if err != nil {
		return nil, errors.Join(err, part.Discard())
	}
	return &File{Writer: w, part: part, name: path}, nil
}

// Sync writes the block under way and makes everything so far durable: it then survives a crash, in NAME.partial.
func (f *File) Sync() error {
	if err := f.Flush(); err != nil {
		return err
	}
	return f.part.Sync()
}

// Commit writes the footer, makes the file durable and gives it its name.
func (f *File) Commit() error {
	if err := f.Close(); err != nil {
		return errors.Join(err, f.part.Leave())
	}
	return f.part.Commit()
}

// Discard removes the unfinished file. After Commit it does nothing, so it may be deferred.
func (f *File) Discard() error {
	f.stop()
	return f.part.Discard()
}

// Leave writes the block under way and keeps the unfinished file as NAME.partial. After Commit it does nothing.
func (f *File) Leave() error {
	if f.closed {
		return f.part.Leave()
	}
	err := f.Flush()
	f.stop()
	return errors.Join(err, f.part.Leave())
}

// stop ends the writer without a footer.
func (f *File) stop() {
	f.closed = true
	f.release()
}

// replace swaps the unfinished file for another that holds the same records and more. tmp is its path, open as file.
func (f *File) replace(w *Writer, file *os.File, tmp string) error {
	// The old file is closed first because some systems do not rename over an open one.
	err := f.part.File.Close()
	f.part.File, f.Writer = file, w
	if err == nil {
		err = os.Rename(tmp, f.name+partial.Suffix)
	}
	if err != nil {
		return fmt.Errorf("corpus: put the sorted file in place: %w", err)
	}
	return nil
}
