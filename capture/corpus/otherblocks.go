package corpus

import (
	"io"

	"reprise/capture/frame"
)

// extensionBlock takes note of the name of an extension: this package knows none.
func (r *Reader) extensionBlock(h *head) error {
	at := r.in.Offset()
	payload, err := r.payload(h)
	if err != nil || payload == nil {
		return err
	}
	if !r.named(payload) {
		r.damage.Add(Damage{Offset: at, Length: r.in.Size(h), Reason: BadPayload})
	}
	return nil
}

func (r *Reader) named(payload []byte) bool {
	name, _, ok := frame.CutName(payload)
	if ok {
		r.names.Add(name)
	}
	return ok
}

// Extensions returns the names of what was met so far that a later version has added and that this one passes over. What is
// delivered means the same without it.
func (r *Reader) Extensions() []string { return r.names.List() }

// unknownBlock passes over a block of a type from a later version.
func (r *Reader) unknownBlock(h *head) error {
	if h.Records > 0 {
		if h.Seq < r.expect {
			return r.resync(Damage{Offset: r.in.Offset(), Reason: OutOfOrder, Block: true}, int64(r.in.Layout().Len()))
		}
		r.gap(h.Seq)
		r.damage.Add(Damage{Offset: r.in.Offset(), Length: r.in.Size(h), Reason: UnknownType, Records: int64(h.Records), Block: true})
		r.expect = h.Seq + int64(h.Records)
	}
	r.in.Skip(r.in.Size(h))
	return nil
}

func (r *Reader) hostsBlock(h *head) error {
	at := r.in.Offset()
	payload, err := r.payload(h)
	if err != nil {
		return err
	}
	if payload == nil {
		r.holes.lose(at)
		return nil
	}
	if r.hosts.decode(payload) != nil {
		r.holes.lose(at)
		r.damage.Add(Damage{Offset: at, Length: r.in.Size(h), Reason: BadPayload, Block: true})
	}
	return nil
}

// endBlock checks that the end is where it says and that nothing is missing before it.
func (r *Reader) endBlock(h *head) error {
	payload, err := r.payload(h)
	if err != nil || payload == nil {
		return err
	}
	end, ok := parseEnd(payload, r.version)
	if !ok || end.records < r.expect {
		r.damage.Add(Damage{Offset: r.in.Offset() - r.in.Size(h), Length: r.in.Size(h), Reason: BadFooter})
	} else {
		r.gap(end.records)
		r.holes.end(end.footer)
		r.total = &end.digest
	}
	if len(r.in.Peek(1)) > 0 {
		at := r.in.Offset()
		for len(r.in.Peek(1)) > 0 {
			r.in.Skip(1 << 20)
		}
		r.damage.Add(Damage{Offset: at, Length: r.in.Offset() - at, Reason: TrailingData})
	}
	r.ended = true
	return io.EOF
}
