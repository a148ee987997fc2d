package corpus

import (
	"errors"
	"fmt"

	"reprise/capture"
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

// saveHosts writes the hosts that no block has said yet.
func (f *File) saveHosts() error {
	f.flushHosts()
	return f.err
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

// rewrite goes on with another unfinished file, which fill writes: it has the header and the hosts of this one.
func (f *File) rewrite(fill func(dst capture.Sink) error) error {
	out, err := f.part.Second()
	if err != nil {
		return err
	}
	w, err := NewWriter(out, f.header)
	if err == nil {
		w.salt = f.salt
		if f.columns != nil {
			w.Columns()
		}
		w.KeepHosts(f.hosts)
		err = fill(w)
	}
	if err == nil {
		err = w.Flush() // all is in it before the file is removed that it replaces
	}
	if err != nil {
		return errors.Join(err, out.Discard())
	}
	f.Writer = w
	if err := f.part.Replace(out); err != nil {
		return fmt.Errorf("corpus: put the sorted file in place: %w", err)
	}
	return nil
}
