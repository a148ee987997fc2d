// Package packet reads HTTP/1.x requests, paired with their responses, out of recorded packets: pcap and pcapng
// files of Ethernet, PPP, Linux cooked v1 and v2, netfilter's log, BSD loopback and raw IP, over IPv4 and IPv6, within VLANs, MPLS, PPPoE
// and the tunnels that mirrors of traffic come in: GRE, ERSPAN, VXLAN, GENEVE, IP in IP, also one within another.
//
// The way of a packet: a file reader (file.go, pcapng.go) gives bytes, a link type and a time; the decoder takes the
// headers off (unwrap.go); the table finds the connection; a half of the connection puts the bytes of one direction in order; the
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
	"io"
	"slices"
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

// Source is a capture.Source over packet files. It is for one goroutine at a time.
type Source struct {
	opts    Options
	files   []*input // all of them
	waiting []*input // those whose packets are not due yet, in the order of time
	reading []*input // those that are open
	decoder *decoder
	table   *table
	drained bool // the input has ended
	last    *exchange
	before  int64 // what the account had read before
	damaged []string
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
	s := newSource(o)
	s.add(&input{file: o.File, in: &capture.Stoppable{In: r}})
	return s
}

func newSource(o Options) *Source {
	if o.Account == nil {
		o.Account = &capture.Account{}
	}
	s := &Source{opts: o, decoder: newDecoder(), table: newTable(o), before: o.Account.Read}
	s.decoder.unwrapper.fragments.gaveUp = s.table.note
	return s
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

// Compact implements capture.Compact: the strings of a request are cut out of its head.
func (*Source) Compact() {}

// Place implements capture.Placed: the packet in which the record began that Next gave last.
func (s *Source) Place() capture.Problem {
	if s.last == nil {
		return capture.Problem{File: s.table.files[0]}
	}
	return s.table.problem(s.last.start.number, "", "")
}

// step takes one packet in.
func (s *Source) step() error {
	in, err := s.due()
	if in == nil || err != nil {
		s.drained = true
		s.decoder.unwrapper.fragments.finish()
		return err
	}
	switch f, err := in.head, in.err; {
	case err == nil:
		in.number++
		s.packet(in, f)
		in.has = false
	case errors.Is(err, io.EOF), in.in.Stopped:
		s.finish(in)
	case errors.Is(err, errTruncated):
		s.cut(in, reasonTruncated, f.lost)
	default:
		s.cut(in, reasonUnreadable, f.lost)
	}
	return nil
}

func (s *Source) packet(in *input, f frame) {
	if f.damage != "" {
		s.opts.Account.Damage(in.problem(f.damage), f.lost)
		s.damage(in)
	}
	if f.unusable != "" {
		s.opts.Account.Note(in.problem(f.unusable))
	}
	if f.data == nil {
		return
	}
	s.decoder.unwrapper.fragments.number = in.place + in.number
	seg, reason := s.decoder.decode(f)
	if reason != "" {
		if s.opts.Account.Note(in.problem(reason)); s.table.traffic != nil {
			s.table.traffic.packets++
		}
		return
	}
	if s.table.traffic != nil {
		s.table.traffic.count(seg, s.decoder.unwrapper.protocol == protoUDP)
	}
	if seg == nil {
		return
	}
	s.opts.Account.Unwrap(s.decoder.unwrapper.wraps[:s.decoder.unwrapper.n])
	seg.number = in.place + in.number
	s.table.segment(seg)
}

// problem is one of the packet that was read last.
func (in *input) problem(reason string) capture.Problem {
	return capture.Problem{File: in.file, Record: in.number, Unit: "packet", Reason: reason}
}

// cut says that a file ends here, before its end.
func (s *Source) cut(in *input, reason string, lost int64) {
	in.number++
	s.opts.Account.CutShort(in.problem(reason), lost)
	s.damage(in)
	s.finish(in)
}

// damage notes a file of which not all could be read.
func (s *Source) damage(in *input) {
	if !slices.Contains(s.damaged, in.file) {
		s.damaged = append(s.damaged, in.file)
	}
}
