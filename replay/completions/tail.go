package completions

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"reprise/capture/wire"
)

// tailChunk is how much of a file is read at once.
const tailChunk = 256 << 10

// Tail reads a file of completions while it grows. Whoever reads the file in the end reads it whole: a Tail passes over what it cannot
// read. It is for one goroutine at a time.
type Tail struct {
	path string
	m    Map
	run  string
	file *os.File
	read int64
	head []byte // the first line of a CSV file
	rest []byte // a line that is not whole yet
	over bool   // it cannot be read while it grows: it is compressed, a pipe, or nothing that was expected
}

// Follow returns a Tail of a file, which may not be there yet. Lines of another run are passed over.
func Follow(path, run string, m Map) *Tail { return &Tail{path: path, run: run, m: m} }

// Close closes the file.
func (t *Tail) Close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}

// Next gives out the completions of the whole lines that came since it was called before, and returns how many lines named a message by its id
// alone.
func (t *Tail) Next(ctx context.Context, each func(seq int64, replica int, at time.Time, outcome string)) (ids int, err error) {
	if t.over || !t.open() {
		return 0, nil
	}
	buf := make([]byte, tailChunk)
	for ctx.Err() == nil {
		n, err := t.file.ReadAt(buf, t.read)
		if n > 0 {
			t.read += int64(n)
			ids += t.take(ctx, buf[:n], each)
		}
		switch {
		case t.over || errors.Is(err, io.EOF):
			return ids, nil
		case err != nil:
			t.over = true
			return ids, err
		}
	}
	return ids, context.Cause(ctx)
}

// open opens the file where it is there, and again where it begins anew.
func (t *Tail) open() bool {
	info, err := os.Stat(t.path)
	if err != nil {
		t.over = !errors.Is(err, fs.ErrNotExist)
		return false
	}
	if !info.Mode().IsRegular() {
		t.over = true
		return false
	}
	if t.file != nil {
		if was, err := t.file.Stat(); err == nil && os.SameFile(was, info) && info.Size() >= t.read {
			return true
		}
		t.file.Close()
		t.read, t.head, t.rest = 0, nil, nil
	}
	t.file, err = os.Open(t.path)
	t.over = err != nil
	return !t.over
}

// take reads the whole lines of what was read.
func (t *Tail) take(ctx context.Context, b []byte, each func(int64, int, time.Time, string)) int {
	if t.read == int64(len(b)) && (bytes.HasPrefix(b, []byte{0x1f, 0x8b}) || bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd})) {
		t.over = true // gzip or zstd
		return 0
	}
	t.rest = append(t.rest, b...)
	end := bytes.LastIndexByte(t.rest, '\n') + 1
	if end == 0 {
		t.over = len(t.rest) > 2*maxLine
		return 0
	}
	whole := t.rest[:end]
	if first := bytes.TrimLeft(whole, " \t\r\n\ufeff"); t.m.Format == "" && len(first) > 0 {
		if t.m.Format = NDJSON; first[0] != '{' {
			t.m.Format = CSV
		}
	}
	in := io.Reader(bytes.NewReader(whole))
	if t.m.Format == CSV {
		if t.head == nil {
			first := bytes.IndexByte(whole, '\n') + 1
			t.head = bytes.Clone(whole[:first])
			in = bytes.NewReader(whole[first:])
		}
		in = io.MultiReader(bytes.NewReader(t.head), in)
	}
	var s Set
	if err := s.Read(ctx, in, t.path, t.run, t.m); err != nil {
		t.over = true
		return 0
	}
	t.rest = append(t.rest[:0], t.rest[end:]...)
	for _, e := range s.entries {
		seq, replica := wire.SplitKey(e.key)
		each(seq, replica, time.Unix(0, e.at), s.outcomes[e.outcome])
	}
	return s.IDs()
}
