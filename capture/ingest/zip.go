package ingest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"unicode"

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
	most := mostUnpacked(name)
	size, err := io.Copy(temp, io.LimitReader(stopped{ctx, in}, most+1))
	switch {
	case err != nil && !open.IsCut(err):
		return err
	case size > most:
		return fmt.Errorf("%s: a zip that is compressed has over %d MiB, of which no zip has so few: it is not unpacked", name, most>>20)
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
		err := w.member(ctx, member, f)
		problem := capture.Problem{File: member}
		switch {
		case err == nil:
			read++
			continue
		case errors.Is(err, errEncrypted):
			problem.Reason = "a file that is encrypted"
		case errors.Is(err, zip.ErrAlgorithm):
			problem.Reason = "a file that is compressed in a way that is not read"
		case errors.Is(err, zip.ErrChecksum), errors.Is(err, open.ErrCorrupt):
			problem.Reason = "a damaged file"
		case errors.Is(err, ErrNeedsMap):
			w.result.Account.Note(capture.Problem{File: member, Reason: "a file of which no map says where a request is"})
			unread = err
			continue
		case errors.As(err, new(*FormatError)):
			w.result.Account.Note(capture.Problem{File: member, Reason: "a file that is no recording"})
			unread = err
			continue
		default:
			return err
		}
		w.result.Account.Damage(problem, int64(f.CompressedSize64)) //nolint:gosec // less than the zip
		unread = err
	}
	if read == 0 {
		return unread
	}
	return nil
}

// mostUnpacked is how long a zip may be, in bytes, that was compressed once more: what is in it is compressed already.
func mostUnpacked(name string) int64 {
	const least, times, unknown = 64 << 20, 20, 16 << 30
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return unknown
	}
	return max(least, times*info.Size())
}

// visible has a dot in place of what could steer a terminal.
func visible(c rune) rune {
	if !unicode.IsPrint(c) {
		return '.'
	}
	return c
}

// errEncrypted says that a file of a zip needs a password.
var errEncrypted = errors.New("it is encrypted")

// member reads one file of a zip, which may be compressed once more.
func (w *work) member(ctx context.Context, name string, f *zip.File) error {
	const encrypted = 1 // APPNOTE.TXT, section 4.4.4
	if f.Flags&encrypted != 0 {
		return fmt.Errorf("%s: %w", name, errEncrypted)
	}
	content, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	unpacked, err := open.Stream(name, unpacking{content}, content)
	if err != nil {
		return err
	}
	defer unpacked.Close()
	src, err := w.open(name, unpacked, &w.result.Account, w.onServer)
	if err != nil {
		if _, damaged := io.Copy(io.Discard, stopped{ctx, content}); errors.Is(damaged, zip.ErrChecksum) { // so that it may be one all the same
			return fmt.Errorf("%s: %w", name, damaged)
		}
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
