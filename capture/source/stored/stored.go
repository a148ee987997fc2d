// Package stored opens corpora as users name them: by a path or "-", compressed or not, to be read once or again and again. Lines as
// reprise cat prints them are a corpus, too: a raw one, captured from every host. A Reader is for one goroutine at a time.
package stored

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture/corpus"
	"reprise/capture/output"
	"reprise/capture/source/logs"
	"reprise/capture/source/open"
)

// startBytes is how much of an input that is no corpus a NotCorpusError has.
const startBytes = 64 << 10

// NotCorpusError says that an input is no corpus.
type NotCorpusError struct {
	// Name is the input's as it was given.
	Name string
	// Start is what it begins with, unpacked; 64 KiB at most.
	Start []byte
}

// Error implements error.
func (e *NotCorpusError) Error() string { return e.Name + ": " + corpus.ErrNotCorpus.Error() }

// Unwrap returns corpus.ErrNotCorpus.
func (e *NotCorpusError) Unwrap() error { return corpus.ErrNotCorpus }

// Open opens a corpus by its path, or from stdin with "-". A compressed input that is cut or damaged is read as far as it goes,
// which the Reader tells as damage. The closer closes all that was opened. Of lines a temporary corpus is made, until ctx ends. An error is a
// *NotCorpusError, or what corpus.Open and open.Reader return.
func Open(ctx context.Context, name string, stdin io.Reader) (*corpus.Reader, io.Closer, error) {
	if name != "-" {
		r, err := corpus.Open(name)
		if err == nil {
			return r, r, nil
		}
		if !errors.Is(err, corpus.ErrNotCorpus) {
			return nil, nil, err
		}
	}
	in, content, lines, err := unpacked(name, stdin)
	if err != nil {
		return nil, nil, err
	}
	if lines {
		defer in.Close()
		temp, err := printed(ctx, name, content)
		if err != nil {
			return nil, nil, err
		}
		r, err := corpus.Open(temp.Path())
		if err != nil {
			return nil, nil, errors.Join(err, temp.Close())
		}
		return r, both{r, temp}, nil
	}
	r, err := corpus.NewReader(open.Cut(content))
	if err != nil {
		in.Close()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, both{r, in}, nil
}

// Header returns the header of a corpus that is no pipe; false where the name is none of such. Lines have no header.
func Header(name string) (corpus.Header, bool) {
	if h, ok := corpus.HeaderAt(name); ok {
		return h, true
	}
	if r, err := corpus.Open(name); err == nil {
		defer r.Close()
		return r.Header(), true
	}
	in, content, lines, err := unpacked(name, nil)
	if err != nil {
		return corpus.Header{}, false
	}
	defer in.Close()
	if lines {
		return corpus.Header{}, false
	}
	r, err := corpus.NewReader(content)
	if err != nil {
		return corpus.Header{}, false
	}
	defer r.Close()
	return r.Header(), true
}

// both closes a reader and what it reads.
type both struct{ reader, in io.Closer }

// Close implements io.Closer.
func (b both) Close() error { return errors.Join(b.reader.Close(), b.in.Close()) }

// unpacked opens an input that has to hold a corpus, or the lines of one.
func unpacked(name string, stdin io.Reader) (in io.Closer, content *bufio.Reader, lines bool, err error) {
	file, err := open.Reader(name, stdin)
	if err != nil {
		return nil, nil, false, err
	}
	content = bufio.NewReaderSize(file, startBytes)
	start, err := content.Peek(corpus.MagicLen)
	if corpus.Detect(start) {
		return file, content, false, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		start, _ = content.Peek(startBytes)
		if logs.Printed(start) {
			return file, content, true, nil
		}
		err = &NotCorpusError{name, start}
	}
	return nil, nil, false, errors.Join(err, file.Close())
}

// File is a corpus that can be opened again and again.
type File struct {
	// Path is what to open.
	Path string
	// Cut, where set, says that the input ended early or is damaged; what it holds is in the file.
	Cut  error
	temp *output.Temp
}

// Spool gives a corpus that can be read more than once: stdin, lines and compressed files go through a temporary file, which has no
// name that a kill could leave behind. The caller closes it. Errors are those of Open. A file with the header of a corpus is taken for one:
// what else is wrong with it, who opens it is told.
func Spool(ctx context.Context, name string, stdin io.Reader) (*File, error) {
	if name != "-" {
		if _, ok := corpus.HeaderAt(name); ok {
			return &File{Path: name}, nil
		}
		if r, err := corpus.Open(name); err == nil {
			return &File{Path: name}, r.Close()
		} else if !errors.Is(err, corpus.ErrNotCorpus) {
			return nil, err
		}
	}
	in, content, lines, err := unpacked(name, stdin)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if lines {
		temp, err := printed(ctx, name, content)
		if err != nil {
			return nil, err
		}
		return &File{Path: temp.Path(), temp: temp}, nil
	}
	temp, err := output.NewTemp("", "reprise-*.rpz")
	if err != nil {
		return nil, fmt.Errorf("keep %s for a second reading: %w", name, err)
	}
	f := &File{Path: temp.Path(), temp: temp}
	_, err = io.Copy(temp, readerWithContext{ctx, content})
	switch {
	case open.IsCut(err):
		f.Cut = err
	case err != nil:
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), temp.Close())
	}
	return f, nil
}

// Close takes away what Spool made.
func (f *File) Close() error {
	if f.temp == nil {
		return nil
	}
	return f.temp.Close()
}

// readerWithContext stops a long copy when its context ends.
type readerWithContext struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader.
func (r readerWithContext) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}
