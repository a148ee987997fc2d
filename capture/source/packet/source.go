// Package packet reads HTTP/1.x requests, paired with their responses, out of recorded packets: pcap and pcapng
// files of Ethernet, PPP, Linux cooked v1 and v2, netfilter's log, BSD loopback and raw IP, over IPv4 and IPv6, within VLANs, MPLS, PPPoE
// and the tunnels that mirrors of traffic come in: GRE, ERSPAN, VXLAN, GENEVE, IP in IP, also one within another.
//
// The way of a packet: a file reader (file.go, pcapng.go) gives bytes, a link type and a time; the decoder takes the
// headers off (unwrap.go: all those before the innermost IP packet); the table finds the connection; a half of the connection puts the bytes of one direction in order; the
// request and the response reader cut them into messages; the queue pairs these. Everything behind the decoder knows
// no file, so that packets may come from elsewhere.
//
// The invariants: a request is given whole and as it was sent, or it is counted with a reason, or, where only its answer
// or its place in the stream tells of it, as missing. Damage costs the requests of the packet that it is in, and reading
// goes on behind it. Of bytes that were sent twice the first copy counts, and its time. Time is the capture's own, never
// the wall clock's. Memory is bounded per connection and in total. Checksums are not verified, because a sender's own
// are filled in by its network card, after the capture. Everything runs in the caller's goroutine.
package packet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"reprise/capture"
)

// Options say what to look for. The zero value takes every connection that begins with an HTTP request.
type Options struct {
	// File is the input's name in problems and errors.
	File string
	// Ports are the TCP ports of the servers; empty takes any port on which a stream starts with an HTTP request.
	Ports []int
	// Account counts what was read, skipped and lost; nil where nobody wants to know.
	Account *capture.Account
	// OnServer, where set, is called with each server address (without its port) and each Host value, as they are
	// met; the same one may come more than once.
	OnServer func(host string)
}

// Source is a capture.Source over one packet file. It is for one goroutine at a time.
type Source struct {
	opts    Options
	in      *capture.Stoppable
	packets packets // nil until the first Next
	decoder *decoder
	table   *table
	number  int64 // of the last packet, from 1
	drained bool  // the input has ended
	last    *exchange
	before  int64 // what the account had read before this file
}

// packets is a stream of link-layer frames. Errors and io.EOF are final; an error's frame says how many bytes were lost.
type packets interface {
	next() (frame, error)
}

// frame is one packet as the recording holds it, or a place where none could be read; data is valid until the next one
// is asked for.
type frame struct {
	data []byte
	time int64 // ns since 1970
	link uint16
	// unusable, where set, says why a packet was passed over that is not damaged.
	unusable string
	// damage, where set, says what is damaged here; lost is how many bytes no reader could take.
	damage string
	lost   int64
}

// New returns a source that reads a decompressed pcap or pcapng file from r. What kind of file it is, is found out by
// the first call of Next.
func New(r io.Reader, o Options) *Source {
	if o.Account == nil {
		o.Account = &capture.Account{}
	}
	return &Source{opts: o, in: &capture.Stoppable{In: r}, decoder: newDecoder(), table: newTable(o), before: o.Account.Read}
}

// Next gives the next request whose response is complete, whose connection has ended or has been silent for two
// minutes of capture time; requests therefore do not come in the order of their times. A file that is no packet file
// is an error. Of a damaged one everything is given that stands before and behind the damage; Account.Damaged then says
// so.
func (s *Source) Next(ctx context.Context, r *capture.Record) error {
	if s.last != nil {
		s.table.recycle(s.last)
		s.last = nil
	}
	for n := 0; ; n++ {
		if n%256 == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
		}
		if e := s.table.ready(); e != nil {
			s.give(e, r)
			return nil
		}
		if s.drained {
			if !s.table.finishOldest() {
				if s.opts.Account.Read == s.before {
					s.table.sayStrangers()
				}
				return io.EOF
			}
			continue
		}
		if err := s.step(); err != nil {
			return err
		}
	}
}

func (s *Source) give(e *exchange, r *capture.Record) {
	*r = e.record
	r.Time = time.Unix(0, e.start.time).UTC()
	s.opts.Account.Read++
	s.last = e
}

// step takes one packet in.
func (s *Source) step() error {
	if s.packets == nil {
		p, err := openFile(s.in)
		if err != nil {
			s.drained = true
			if s.in.Stopped {
				return nil
			}
			if errors.Is(err, errTruncated) {
				s.cut(reasonTruncated, 0)
				return nil
			}
			return fmt.Errorf("read %s: %w", s.opts.File, err)
		}
		s.packets = p
	}
	f, err := s.packets.next()
	switch {
	case err == nil:
		s.number++
		s.packet(f)
	case errors.Is(err, io.EOF), s.in.Stopped:
		s.drained = true
	case errors.Is(err, errTruncated):
		s.cut(reasonTruncated, f.lost)
	default:
		s.cut(reasonUnreadable, f.lost)
	}
	return nil
}

func (s *Source) packet(f frame) {
	if f.damage != "" {
		s.opts.Account.Damage(s.problem(f.damage), f.lost)
	}
	if f.unusable != "" {
		s.opts.Account.Note(s.problem(f.unusable))
	}
	if f.data == nil {
		return
	}
	seg, reason := s.decoder.decode(f)
	if reason != "" {
		s.opts.Account.Note(s.problem(reason))
		return
	}
	if seg == nil {
		return
	}
	s.opts.Account.Unwrap(s.decoder.unwrapper.wraps[:s.decoder.unwrapper.n])
	seg.number = s.number
	s.table.segment(seg)
}

// problem is one of the packet that was read last.
func (s *Source) problem(reason string) capture.Problem {
	return capture.Problem{File: s.opts.File, Record: s.number, Unit: "packet", Reason: reason}
}

// cut says that the input ends here, before its end.
func (s *Source) cut(reason string, lost int64) {
	s.drained = true
	s.number++
	s.opts.Account.CutShort(s.problem(reason), lost)
}
