package corpus

import (
	"reprise/capture"
	"reprise/capture/internal/columns"
)

// columnDecoder decodes one block of columns after another.
type columnDecoder struct {
	*columns.Decoder
	head  head
	seq   int64
	last  int64
	left  int
	err   error
	skims bool
	begun bool
	cuts  bool // records lack what their Cuts say

	payload []byte // of the block
}

func newColumnDecoder(history []byte) *columnDecoder {
	d, err := columns.NewDecoder(history)
	return &columnDecoder{Decoder: d, err: err}
}

// Close gives the decoder's memory back.
func (d *columnDecoder) Close() {
	if d != nil && d.Decoder != nil {
		d.Decoder.Close()
	}
}

// reason is why the block could not be read.
func (d *columnDecoder) reason(history []byte) Reason {
	if d.Decoder != nil && history == nil && d.NeedsHistory() {
		return NoDictionary
	}
	return BadColumns
}

// skim implements decoder.
func (d *columnDecoder) skim() { d.skims = true }

// start implements decoder.
func (d *columnDecoder) start(h *head, payload []byte) {
	d.head, d.seq, d.last, d.left = *h, h.Seq, h.First, int(h.Records)
	d.payload, d.begun, d.err = payload, false, nil
	if d.Decoder == nil {
		d.err = errMalformed
	}
}

// begin unpacks what next gives; it is known only then whether records or columns are wanted.
func (d *columnDecoder) begin() {
	d.begun = true
	if d.skims {
		d.err = d.Project(d.payload, d.left, d.head.First, 0)
		return
	}
	d.err = d.Start(d.payload, d.left, d.head.First)
}

// next implements decoder.
func (d *columnDecoder) next(r *capture.Record) (int64, error) {
	if !d.begun && d.err == nil {
		d.begin()
	}
	if d.err != nil {
		return 0, errMalformed
	}
	ns, err := d.given(r)
	if r.Seq = d.seq; err != nil || !d.took(r.Kind, ns) {
		d.err = errMalformed
		return 0, errMalformed
	}
	return ns, nil
}

// took accounts for a record; false where it is not what the block's head says.
func (d *columnDecoder) took(kind capture.Kind, ns int64) bool {
	d.left--
	if ns < d.last || ns > d.head.Last || d.left == 0 && ns != d.head.Last || d.head.Kinds&(1<<kind) == 0 {
		return false
	}
	d.last = ns
	d.seq++
	return true
}

// pass passes over the records before a time, all but the last of the block at most, and returns how many. After an error next gives none.
func (d *columnDecoder) pass(before int64) (n int) {
	if !d.begun && d.err == nil {
		d.begin()
	}
	for d.err == nil && d.left > 1 {
		var r capture.Record
		ns, ok, err := d.Pass(&r, before)
		switch {
		case err != nil || ok && !d.took(r.Kind, ns):
			d.err = errMalformed
		case !ok:
			return n
		default:
			n++
		}
	}
	return n
}

func (d *columnDecoder) given(r *capture.Record) (int64, error) {
	if d.cuts {
		return d.NextCut(r)
	}
	return d.Next(r)
}

// project implements projector: it unpacks no more than it needs.
func (d *columnDecoder) project(p *Projection) error {
	var fields columns.Fields
	if p.wantsPersons() {
		fields = columns.From | columns.To
	}
	if d.err == nil {
		d.begun = true
		d.err = d.Project(d.payload, d.left, d.head.First, fields)
	}
	if fields == 0 {
		return d.heads(p)
	}
	var r capture.Record
	for d.left > 0 {
		ns, err := d.next(&r)
		if err != nil {
			return err
		}
		p.record(&r, ns)
	}
	return nil
}

// heads is the rest of project where nothing is wanted of what records hold.
func (d *columnDecoder) heads(p *Projection) error {
	if d.err != nil {
		return errMalformed
	}
	routes := make([]uint32, d.Templates()) // of each template its place in RouteList, plus 1
	var h columns.Head
	for d.left > 0 {
		if !d.NextHead(&h) || !d.took(h.Kind, h.Time) {
			d.err = errMalformed
			return errMalformed
		}
		route := &routes[h.Template]
		if *route == 0 {
			var to Route
			to.Method, to.Host, to.Vendor = d.Route(h.Template)
			*route = p.route(to) + 1
		}
		p.Times, p.Kinds, p.Routes = append(p.Times, h.Time), append(p.Kinds, h.Kind), append(p.Routes, *route-1)
		p.origin(h.Origin)
	}
	return nil
}
