package corpus

import (
	"context"
	"io"
	"time"

	"reprise/capture"
)

// Columns gives records as far as a projection knows them: Seq, Time, Method, Host, Origin, Kind, Vendor and Message.Person. It is a
// capture.Source.
type Columns struct {
	r       *Reader
	p       Projection
	place   int
	to      int64
	persons bool
	err     error

	ahead bool
	next  *nextBlock // that is being read, nil where none is
	spare Projection // for the one after it
}

// nextBlock is a block's projection that another goroutine makes.
type nextBlock struct {
	p    Projection
	err  error
	made chan struct{} // closed by that goroutine at its end
}

// Columns gives the records to come by their columns, up to a time, which may be zero; persons only where they are wanted. Meanwhile r must
// not be read elsewhere.
func (r *Reader) Columns(to time.Time, persons bool) *Columns {
	c := &Columns{r: r, to: everything().to, persons: persons}
	if !to.IsZero() {
		c.to = clampTime(to)
	}
	return c
}

// Ahead has another goroutine make the next block ready while records of one are taken, until stop is called. Stop waits for it: before, the
// reader must not be asked anything, and not be closed.
func (c *Columns) Ahead() (stop func()) {
	c.ahead = true
	return func() {
		if c.ahead = false; c.next != nil {
			<-c.next.made
		}
	}
}

// fill takes the next block.
func (c *Columns) fill(ctx context.Context) error {
	if !c.ahead && c.next == nil {
		return c.r.projectUntil(ctx, &c.p, c.persons, c.to)
	}
	if c.next == nil {
		c.begin(ctx)
	}
	next := c.next
	<-next.made
	c.p, c.spare, c.next = next.p, c.p, nil
	if n := len(c.p.Times); next.err == nil && c.ahead && n > 0 && c.p.Times[n-1] < c.to {
		c.begin(ctx)
	}
	return next.err
}

// begin begins to make a block ready.
func (c *Columns) begin(ctx context.Context) {
	next := &nextBlock{p: c.spare, made: make(chan struct{})}
	c.spare, c.next = Projection{}, next
	go func() {
		defer close(next.made)
		next.err = c.r.projectUntil(ctx, &next.p, c.persons, c.to)
	}()
}

// Next implements capture.Source.
func (c *Columns) Next(ctx context.Context, r *capture.Record) error {
	for c.err == nil && c.place == len(c.p.Times) {
		c.place = 0
		if err := c.fill(ctx); err != nil {
			c.p.Times = c.p.Times[:0]
			if ctx.Err() == nil {
				c.err = err
			}
			return err
		}
	}
	if c.err != nil {
		return c.err
	}
	if c.p.Times[c.place] >= c.to {
		c.err = io.EOF
		return c.err
	}
	c.p.Fill(r, c.place)
	c.place++
	return nil
}
