package corpus

import (
	"context"
	"errors"
	"io"
	"slices"

	"reprise/capture"
	"reprise/capture/sms"
)

// Projection is what a block says of its records in columns, with an entry for each record in order: for those who count, and need no
// record whole. Its slices are valid until it is filled again.
type Projection struct {
	// Seq is the number of the first record; those of the others follow it.
	Seq int64
	// Times are in nanoseconds since 1970.
	Times []int64
	Kinds []capture.Kind
	// Origins say whose bytes the records are; it is empty where all were recorded.
	Origins []capture.Origin
	// Routes has for each record its place in RouteList.
	Routes    []uint32
	RouteList []Route
	// Persons has for each record the place in PersonList of its Record.Person; PersonList[0] is "", nobody. Both are empty unless they
	// were asked for.
	Persons    []uint32
	PersonList []string

	places map[string]uint32 // of PersonList
	spell  *sms.Speller      // where persons are wanted
}

// Route is what the records of one sender have in common.
type Route struct{ Method, Host, Vendor string }

// projector is a decoder that gives the columns of a block for less than its records.
type projector interface {
	// project appends all of the block that start began, with its persons where the projection wants them. After errMalformed the
	// columns are of one length, and have the records before the malformed one.
	project(p *Projection) error
}

// begin empties a projection for a block whose first record has a number.
func (p *Projection) begin(seq int64, spell *sms.Speller) {
	clear(p.RouteList)
	clear(p.PersonList)
	p.Seq, p.spell = seq, spell
	p.Times, p.Kinds, p.Origins = p.Times[:0], p.Kinds[:0], p.Origins[:0]
	p.Routes, p.RouteList = p.Routes[:0], p.RouteList[:0]
	p.Persons, p.PersonList = p.Persons[:0], p.PersonList[:0]
	if spell == nil {
		return
	}
	p.PersonList = append(p.PersonList, "")
	if p.places == nil {
		p.places = make(map[string]uint32)
	}
	clear(p.places)
}

// grow makes room for so many records, with which a projection is not copied again and again.
func (p *Projection) grow(records int) {
	p.Times, p.Kinds, p.Routes = slices.Grow(p.Times, records), slices.Grow(p.Kinds, records), slices.Grow(p.Routes, records)
	if p.wantsPersons() {
		p.Persons = slices.Grow(p.Persons, records)
	}
}

// wantsPersons says whether persons were asked for.
func (p *Projection) wantsPersons() bool { return p.spell != nil }

// origin appends the origin of the newest record, which Times has already. Only a block that has one of another origin gets the column.
func (p *Projection) origin(o capture.Origin) {
	if o == capture.Recorded && len(p.Origins) == 0 {
		return
	}
	for len(p.Origins) < len(p.Times)-1 {
		p.Origins = append(p.Origins, capture.Recorded)
	}
	p.Origins = append(p.Origins, o)
}

// person appends a person in the spelling of Record.Person. The list keeps the string.
func (p *Projection) person(number string) {
	if number == "" {
		p.Persons = append(p.Persons, 0)
		return
	}
	place, ok := p.places[number]
	if !ok {
		place = uint32(len(p.PersonList))
		p.PersonList = append(p.PersonList, number)
		p.places[number] = place
	}
	p.Persons = append(p.Persons, place)
}

// handset appends the person with an address as a vendor spells it.
func (p *Projection) handset(address string) {
	if number, _ := p.spell.Canonical(address); number != "" {
		address = number
	}
	p.person(address)
}

// record appends what a record says.
func (p *Projection) record(r *capture.Record, ns int64) {
	p.Times = append(p.Times, ns)
	p.Kinds = append(p.Kinds, r.Kind)
	p.origin(r.Origin)
	p.Routes = append(p.Routes, p.route(Route{r.Method, r.Host, r.Vendor}))
	if p.wantsPersons() {
		p.handset(r.Handset())
	}
}

// route is the place of a route in the list, which it may be new to.
func (p *Projection) route(to Route) uint32 {
	if n := len(p.Routes); n > 0 && p.RouteList[p.Routes[n-1]] == to {
		return p.Routes[n-1]
	}
	for i := range p.RouteList {
		if p.RouteList[i] == to {
			return uint32(i)
		}
	}
	p.RouteList = append(p.RouteList, to)
	return uint32(len(p.RouteList) - 1)
}

// from drops the records before a time.
func (p *Projection) from(ns int64) {
	n, _ := slices.BinarySearch(p.Times, ns)
	if n == 0 {
		return
	}
	p.Seq += int64(n)
	p.Times, p.Kinds, p.Routes = p.Times[:copy(p.Times, p.Times[n:])], p.Kinds[:copy(p.Kinds, p.Kinds[n:])], p.Routes[:copy(p.Routes, p.Routes[n:])]
	if len(p.Origins) > 0 {
		p.Origins = p.Origins[:copy(p.Origins, p.Origins[n:])]
	}
	if len(p.Persons) > 0 {
		p.Persons = p.Persons[:copy(p.Persons, p.Persons[n:])]
	}
}

// Fill makes r the i-th record as far as a projection knows it; everything else of it is empty.
func (p *Projection) Fill(r *capture.Record, i int) {
	route := &p.RouteList[p.Routes[i]]
	*r = capture.Record{Seq: p.Seq + int64(i), Time: unixTime(p.Times[i]), Method: route.Method, Host: route.Host, Kind: p.Kinds[i], Vendor: route.Vendor}
	if len(p.Origins) > 0 {
		r.Origin = p.Origins[i]
	}
	if len(p.Persons) > 0 {
		r.Message.Person = p.PersonList[p.Persons[i]]
	}
}

// Project fills p with the next records of the corpus, those of one block at most, and returns io.EOF after the last. It gives of them what
// Next would, after Skim where persons are not wanted, and tells the same damage. Persons cost more than the rest. Who keeps one of them
// clones it.
func (r *Reader) Project(ctx context.Context, p *Projection, persons bool) error {
	return r.projectUntil(ctx, p, persons, everything().to)
}

// projectUntil is Project, which does not begin a block that begins at a time or after it.
func (r *Reader) projectUntil(ctx context.Context, p *Projection, persons bool, to int64) error {
	var spell *sms.Speller
	if persons {
		spell = &r.speller
	}
	if r.unsorted != nil {
		return r.projectRecords(ctx, p, spell)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.projects = !persons
	defer func() { r.projects = false }()
	for {
		if r.left > 0 { // also of a block that was just begun: what is ready of it is for nobody else
			r.projectBlock(p, spell)
			if p.from(r.from); len(p.Times) > 0 {
				r.now = p.Times[len(p.Times)-1]
				return nil
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if r.err != nil {
			return r.err
		}
		switch err := r.block(bounds{to: to, kinds: everything().kinds}); {
		case errors.Is(err, errPast):
			return io.EOF
		case err != nil:
			return r.stop(err)
		}
	}
}

// projectBlock fills p with what is left of the block under way.
func (r *Reader) projectBlock(p *Projection, spell *sms.Speller) {
	whole := r.left == r.records && r.past == nil
	if r.ready != nil {
		*p, r.ready, r.left = *r.ready, nil, 0
		return
	}
	p.begin(r.expect-int64(r.left), spell)
	p.grow(r.left)
	var err error
	if d, ok := r.decode.(projector); ok && whole {
		if err = d.project(p); err == nil && len(p.Times) != r.left {
			err = errMalformed
		}
		r.left -= len(p.Times)
	} else {
		err = r.projectEach(p)
	}
	if err != nil {
		r.spoiled()
	}
}

// projectEach is for a codec that has no columns, and for a block that was begun to be read.
func (r *Reader) projectEach(p *Projection) error {
	var rec capture.Record
	for r.left > 0 {
		ns, err := r.record(&rec)
		if err != nil {
			return err
		}
		r.left--
		p.record(&rec, ns)
	}
	return nil
}

// projectRecords is for an unfinished file, whose records come from several places.
func (r *Reader) projectRecords(ctx context.Context, p *Projection, spell *sms.Speller) error {
	var rec capture.Record
	for n := range blockRecords {
		err := r.Next(ctx, &rec)
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			p.begin(rec.Seq, spell)
		}
		p.record(&rec, rec.Time.UnixNano())
	}
	return nil
}
