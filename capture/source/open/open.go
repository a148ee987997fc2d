// Package open turns what a user names as an input into a stream of bytes: a path or "-", compressed or not.
//
// Compression is told by content, never by name, and anything that is neither gzip nor zstd passes through
// byte for byte. Memory is bounded whatever the input says of itself. A reader may be used by one goroutine
// at a time.
package open

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// ErrCorrupt says that compressed data is not what its format demands.
var ErrCorrupt = errors.New("open: corrupt compressed data")

const (
	// bufferSize is the size of reads from the input.
	bufferSize = 64 << 10
	// maxWindow caps the memory that a zstd frame may ask for: what "zstd -d" itself allows, "--ultra -22" included.
	maxWindow = 128 << 20
)

// Reader opens the input called path; "-" is stdin, which Close leaves open. Members that follow one another,
// as "cat a.gz b.gz" makes them, are read as one.
//
// A compressed input that ends early gives every byte that was whole and then an error that wraps
// io.ErrUnexpectedEOF; a damaged one, an error that wraps ErrCorrupt. Both name the input.
func Reader(path string, stdin io.Reader) (io.ReadCloser, error) {
	if path == "-" {
		return decode("standard input", stdin, nil)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("open %s: is a folder", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	r, err := decode(path, f, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

// Stream reads what is open already, as Reader does; name is for errors. Close closes under. Where it fails, under is closed.
func Stream(name string, in io.Reader, under io.Closer) (io.ReadCloser, error) {
	r, err := decode(name, in, under)
	if err != nil {
		return nil, errors.Join(err, under.Close())
	}
	return r, nil
}

// decode peeks at the first bytes and puts the decoder in front that they ask for. under may be nil.
func decode(name string, from io.Reader, under io.Closer) (io.ReadCloser, error) {
	raw := &source{from: from}
	s := &stream{name: name, raw: raw, under: under}
	in := bufio.NewReaderSize(raw, bufferSize)
	magic, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, s.wrap(err)
	}
	s.format = Packing(magic)
	switch s.format {
	case packedGzip:
		s.from = &gzipReader{in: in}
	case packedZstd:
		d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, s.wrap(err)
		}
		s.from, s.free = d, d.Close
	default:
		s.from = in
	}
	return s, nil
}

// What Packing says.
const (
	packedGzip = "gzip"
	packedZstd = "zstd"
)

// Packing names the compression that Reader takes off an input that begins with start, of which four bytes are enough: "gzip",
// "zstd", or "" for none.
func Packing(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return packedGzip
	case isZstd(start):
		return packedZstd
	}
	return ""
}

// isZstd knows a frame's magic, and a skippable frame's, with which pzstd and seekable files begin.
func isZstd(magic []byte) bool {
	if len(magic) < 4 {
		return false
	}
	return bytes.Equal(magic[:4], []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:4], []byte{0x2a, 0x4d, 0x18})
}

// gzipReader reads the header at the first Read, so that one cut short there is met like any other.
type gzipReader struct {
	in *bufio.Reader
	gz *gzip.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	if g.gz == nil {
		gz, err := gzip.NewReader(g.in)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		g.gz = gz
	}
	return g.gz.Read(p)
}

// source remembers the error of the input itself, to tell it from a decoder's.
type source struct {
	from io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// stream is an open input: it gives errors the input's name and closes what has to be closed.
type stream struct {
	name   string
	format string // of compression; empty where there is none
	raw    *source
	from   io.Reader
	free   func()
	under  io.Closer
	err    error
}

func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.from.Read(p)
	if err != nil {
		s.err = s.wrap(err)
	}
	return n, s.err
}

func (s *stream) Close() error {
	s.err = fmt.Errorf("read %s: %w", s.name, os.ErrClosed)
	if s.free != nil {
		s.free()
		s.free = nil
	}
	under := s.under
	s.under = nil
	if under == nil {
		return nil
	}
	return under.Close()
}

// wrap gives err the input's name and says whose it is.
func (s *stream) wrap(err error) error {
	switch {
	case s.raw.err != nil:
		var path *os.PathError
		if errors.As(s.raw.err, &path) {
			return s.raw.err // it names the file
		}
		return fmt.Errorf("read %s: %w", s.name, s.raw.err)
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("read %s: %s data ends early: %w", s.name, s.format, io.ErrUnexpectedEOF)
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("read %s: zstd window above %d MiB", s.name, maxWindow>>20)
	}
	return fmt.Errorf("read %s: %w (%s: %v)", s.name, ErrCorrupt, s.format, err)
}
