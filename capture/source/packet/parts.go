package packet

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"reprise/capture"
)

// Part is one file of a recording that was made in several: one after another, as a recorder rotates its files, or at once, as several
// interfaces are recorded.
type Part struct {
	// File is its name in problems and errors.
	File string
	// Open opens it, decompressed. It is called twice: to look for the time of the first packet, and to read it.
	Open func() (io.ReadCloser, error)
}

// NewParts returns a source that reads the files as one recording: their packets in the order of time, whatever the order of the names, so
// that a request or a connection may begin in one file and end in another. Options.File is not used. A file is open only while its
// packets are due. An error is that of a file that cannot be opened or is no packet file.
func NewParts(parts []Part, o Options) (*Source, error) {
	s := newSource(o)
	for _, p := range parts {
		in := &input{file: p.File, open: p.Open}
		if err := in.look(); err != nil {
			return nil, fmt.Errorf("read %s: %w", p.File, err)
		}
		s.add(in)
	}
	slices.SortStableFunc(s.waiting, func(a, b *input) int { return cmp.Compare(a.first, b.first) })
	return s, nil
}

// input is one file that is read, or will be.
type input struct {
	file    string
	open    func() (io.ReadCloser, error)
	first   int64 // the time of its first packet
	in      *capture.Stoppable
	closer  io.Closer
	packets packets // nil until it is read
	number  int64   // of its last packet, from 1
	head    frame   // the packet that comes next, where has
	err     error   // instead of it
	has     bool
	place   int64 // of its first packet, as segments number packets
}

// Segments number packets over all files: the file's place in the high bits, the packet's in the file in the low ones.
const placeBits = 40

// look finds the time of the first packet. A file without one is read first.
func (in *input) look() error {
	r, err := in.open()
	if err != nil {
		return err
	}
	defer r.Close()
	p, err := openFile(r)
	for err == nil {
		var f frame
		if f, err = p.next(); err == nil && f.data != nil {
			in.first = f.time
			return nil
		}
	}
	if errors.Is(err, errNoCapture) || errors.Is(err, errEmpty) {
		return err
	}
	return nil // reading it will say what is wrong
}

// begin opens a file for reading.
func (in *input) begin() error {
	if in.in == nil {
		r, err := in.open()
		if err != nil {
			return err
		}
		in.in, in.closer = &capture.Stoppable{In: r}, r
	}
	var err error
	in.packets, err = openFile(in.in)
	return err
}

// peek reads the next packet, if it is not there yet.
func (in *input) peek() {
	if !in.has {
		in.head, in.err = in.packets.next()
		in.has = true
	}
}

// close ends a file.
func (in *input) close() {
	if in.closer != nil {
		in.closer.Close()
	}
	in.packets = nil
}

// add puts a file among those that wait for their turn.
func (s *Source) add(in *input) {
	in.place = int64(len(s.files)) << placeBits
	s.files, s.waiting = append(s.files, in), append(s.waiting, in)
	s.table.files = append(s.table.files, in.file)
}

// due returns the file whose packet comes next; nil where there is none left. A file that cannot be read on is met as any other: what is
// wrong with it is its next packet.
func (s *Source) due() (*input, error) {
	for {
		var next *input
		for _, in := range s.reading {
			if in.peek(); next == nil || in.head.time < next.head.time {
				next = in
			}
		}
		if len(s.waiting) == 0 || next != nil && next.head.time < s.waiting[0].first {
			return next, nil
		}
		in := s.waiting[0]
		s.waiting = s.waiting[1:]
		switch err := in.begin(); {
		case err == nil:
			s.reading = append(s.reading, in)
		case in.in != nil && in.in.Stopped:
			in.close()
		case errors.Is(err, errTruncated):
			s.cut(in, reasonTruncated, 0)
		default:
			in.close()
			return nil, fmt.Errorf("read %s: %w", in.file, err)
		}
	}
}

// finish ends a file of those that are read.
func (s *Source) finish(in *input) {
	in.close()
	s.reading = slices.DeleteFunc(s.reading, func(other *input) bool { return other == in })
}

// Damaged names the files of which bytes could not be read.
func (s *Source) Damaged() []string { return s.damaged }

// Close closes what is open. It is for sources that are not read to their end.
func (s *Source) Close() error {
	for _, in := range s.reading {
		in.close()
	}
	s.reading, s.waiting = nil, nil
	return nil
}
