package ingest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"reprise/capture"
	"reprise/capture/output"
	"reprise/capture/source/open"
)

// zipMagic is what a zip with a file in it begins with.
const zipMagic = "PK\x03\x04"

// isZip says whether an input is a zip. It does not read on.
func isZip(in *bufio.Reader) bool {
	start, _ := in.Peek(len(zipMagic))
	return bytes.Equal(start, []byte(zipMagic))
}

// archive reads the files of a zip, each as an input of its own. A zip has its list of contents at its end, so that it is copied to a temporary file first.
func (w *work) archive(ctx context.Context, name string, in io.Reader) error {
	temp, err := output.NewTemp(w.o.TempDir, "reprise-zip-*")
	if err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	defer temp.Close()
	size, err := io.Copy(temp, stopped{ctx, in})
	if err != nil && !open.IsCut(err) {
		return err
	}
	z, err := zip.NewReader(temp, size)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var unread error
	read := 0
	for _, f := range z.File {
		if f.FileInfo().IsDir() || strings.HasPrefix(path.Base(f.Name), ".") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		member := name + "/" + strings.Map(visible, path.Base(f.Name))
		switch err := w.member(ctx, member, f); {
		case errors.As(err, new(*FormatError)), errors.Is(err, ErrNeedsMap), errors.Is(err, zip.ErrAlgorithm):
			w.result.Account.Note(capture.Problem{File: member, Reason: "a file that is no recording"})
			unread = err
		case err != nil:
			return err
		default:
			read++
		}
	}
	if read == 0 {
		return unread
	}
	return nil
}

// visible has a dot in place of what could steer a terminal.
func visible(c rune) rune {
	if c < ' ' || c == 0x7f {
		return '.'
	}
	return c
}

// member reads one file of a zip.
func (w *work) member(ctx context.Context, name string, f *zip.File) error {
	content, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer content.Close()
	src, err := w.open(name, unpacking{content}, &w.result.Account, w.onServer)
	if err != nil {
		return err
	}
	return w.copy(ctx, name, src)
}

// unpacking says of damaged data what a source counts as damage.
type unpacking struct{ in io.Reader }

// Read implements io.Reader.
func (u unpacking) Read(p []byte) (int, error) {
	n, err := u.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w (zip: %v)", open.ErrCorrupt, err)
	}
	return n, err
}

// stopped ends a long copy when its context ends.
type stopped struct {
	ctx context.Context //nolint:containedctx // of the copy that it is made for
	in  io.Reader
}

// Read implements io.Reader.
func (s stopped) Read(p []byte) (int, error) {
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	return s.in.Read(p)
}
