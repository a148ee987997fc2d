package corpus

import (
	"errors"
	"fmt"

	"reprise/capture/output"
)

// File is a corpus file under way: under its temporary name until Commit, readable up to its last whole block.
type File struct {
	*Writer
	part *output.File
}

// Create begins the corpus file path. It refuses what output.Create refuses: fs.ErrExist where path exists, unless force is set.
func Create(path string, h Header, force bool) (*File, error) {
	part, err := output.Create(path, force)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(part, h)
	if err != nil {
		return nil, errors.Join(err, part.Discard())
	}
	return &File{Writer: w, part: part}, nil
}

// Path is the name of the unfinished file.
func (f *File) Path() string { return f.part.Path() }

// Sync writes the block under way and makes everything so far durable: it then survives a crash, under its temporary name.
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

// Leave writes the block under way and keeps the unfinished file under its temporary name. After Commit it does nothing.
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

// replace goes on with another unfinished file, which holds the same records and more.
func (f *File) replace(w *Writer, second *output.File) error {
	f.Writer = w
	if err := f.part.Replace(second); err != nil {
		return fmt.Errorf("corpus: put the sorted file in place: %w", err)
	}
	return nil
}
