package publish

import (
	"bufio"
	"errors"
	"io"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/output"
)

// corpusWriter is a *corpus.File or a *corpus.Writer.
type corpusWriter interface {
	capture.Sink
	Carry(from ...*corpus.Reader) (rest func())
	Records() int64
	Close() error
}

// unaudited is a corpus that is read once more before anyone may have it: a file without its name, or what goes to a stream.
type unaudited struct {
	corpusWriter
	file *corpus.File
	// Of what goes to a stream, by way of writer.
	temp   *output.Temp
	buf    *bufio.Writer
	writer *corpus.Writer
	stream io.Writer
}

// begin opens one. Its header says that it is unaudited until publish, so that whatever ends the program leaves nothing that
// passes for an anonymized corpus.
func begin(to corpus.Dest, h corpus.Header) (*unaudited, error) {
	h.State, h.Unaudited = corpus.Raw, true
	if to.Path != "" {
		f, err := corpus.Create(to.Path, h, to.Force)
		if err != nil {
			return nil, err
		}
		f.Columns()
		return &unaudited{corpusWriter: f, file: f}, nil
	}
	if to.Stream == nil {
		return nil, errors.New("publish: a destination needs a path or a stream")
	}
	temp, err := output.NewTemp("", "reprise-*.rpz")
	if err != nil {
		return nil, err
	}
	buf := bufio.NewWriterSize(temp, 1<<16)
	w, err := corpus.NewWriter(buf, h)
	if err != nil {
		return nil, errors.Join(err, temp.Close())
	}
	w.Columns()
	return &unaudited{corpusWriter: w, temp: temp, buf: buf, writer: w, stream: to.Stream}, nil
}

// Close ends the corpus, which can be read then.
func (u *unaudited) Close() error {
	err := u.corpusWriter.Close()
	if u.buf != nil {
		err = errors.Join(err, u.buf.Flush())
	}
	return err
}

// path is where it can be read.
func (u *unaudited) path() string {
	if u.file != nil {
		return u.file.Path()
	}
	return u.temp.Path()
}

// publish is for a corpus whose audit has passed: it says so in it, and gives it its name or writes it to the stream.
func (u *unaudited) publish() error {
	if u.file != nil {
		if err := u.file.Audited(); err != nil {
			return err
		}
		return u.file.Commit()
	}
	if err := u.writer.Audited(u.temp); err != nil {
		return err
	}
	if _, err := u.temp.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(u.stream, u.temp)
	return err
}

// discard removes what was not published.
func (u *unaudited) discard() error {
	if u.file != nil {
		return u.file.Discard()
	}
	return u.temp.Close()
}
