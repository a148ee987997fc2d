package cli

import (
	"bufio"
	"errors"
	"io"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/output"
)

// errRaw says why a raw corpus is refused.
func errRaw(h corpus.Header, holds string) error {
	if h.Unaudited {
		return withHint(errors.New("no audit of the corpus has passed, so that it counts as raw: it may hold real people's numbers"),
			"anonymize the raw corpus again; this one is left of a run that did not end, or was made of such")
	}
	return withHint(errors.New("the corpus is raw: it holds real people's "+holds), "anonymize it first")
}

// corpusSink is a *corpus.File or a *corpus.Writer.
type corpusSink interface {
	capture.Sink
	CarryHosts(from ...*corpus.Reader) (rest func())
	Records() int64
	Close() error
}

// unaudited is a corpus that is read once more before anyone may have it: a file without its name, or what goes to stdout.
type unaudited struct {
	corpusSink
	file *corpus.File
	temp *output.Temp // of what goes to stdout, by way of writer
	buf  *bufio.Writer

	writer *corpus.Writer
}

// createUnaudited opens one. Its header says that it is unaudited until publish, so that whatever ends the program leaves nothing that
// passes for an anonymized corpus.
func createUnaudited(name string, s Streams, h corpus.Header, force bool) (*unaudited, error) {
	h.State, h.Unaudited = corpus.Raw, true
	if name != "-" || isTerminal(s.Out) { // which createCorpus refuses
		to, err := corpusDest(name, s, force)
		if err != nil {
			return nil, err
		}
		f, err := corpus.Create(to.Path, h, to.Force)
		if err != nil {
			return nil, outputError(err)
		}
		return &unaudited{corpusSink: f, file: f}, nil
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
	return &unaudited{corpusSink: w, temp: temp, buf: buf, writer: w}, nil
}

// Close ends the corpus, which can be read then.
func (u *unaudited) Close() error {
	err := u.corpusSink.Close()
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

// publish is for a corpus whose audit has passed: it says so in it, and gives it its name or writes it to stdout.
func (u *unaudited) publish(s Streams) error {
	if u.file != nil {
		if err := u.file.Audited(); err != nil {
			return err
		}
		return outputError(u.file.Commit())
	}
	if err := u.writer.Audited(u.temp); err != nil {
		return err
	}
	if _, err := u.temp.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(bytesTo(s.Out), u.temp)
	return err
}

// discard removes what was not published.
func (u *unaudited) discard() error {
	if u.file != nil {
		return u.file.Discard()
	}
	return u.temp.Close()
}
