package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/anonymize/texts"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// AuditOptions are what an audit has to know of how the output was made. The zero value is for what Options' zero value made.
type AuditOptions struct {
	// Pool is where the output's numbers must be from, and Numbers lists those that may be in it besides.
	Pool    sms.Pool
	Numbers []string
	// Policy is the one that the output was made by; nil is the one that is built in.
	Policy *anonymize.Policy
	// Vendors are the dialects that read the records; the zero value is all.Table and those that the corpus remembers.
	Vendors dialect.Table
	// Stdin and Cut are as in Options.
	Stdin io.Reader
	Cut   func(err error)
	// Damaged, where set, is told at the end what of one of the two could not be read, by its name: what is there was not looked at.
	Damaged func(name string, damage []corpus.Damage)
}

// Audit compares a corpus with what was made of it, which are named as for File. What it finds is in the report, and no error.
func Audit(ctx context.Context, in, out string, o AuditOptions) (rep audit.Report, err error) {
	unread := [...]*openedOften{{name: in}, {name: out}}
	for i, name := range [...]*string{&in, &out} {
		f, err := spool(ctx, *name, o.Stdin, o.Cut)
		if err != nil {
			return audit.Report{}, err
		}
		defer f.Close()
		*name, unread[i].path = f.Path, f.Path
	}
	r, err := corpus.Open(in)
	if err != nil {
		return audit.Report{}, err
	}
	h := r.Header()
	index, _ := r.Index()
	r.Close()
	if o.Vendors, err = all.Extend(o.Vendors, h.Dialects); err != nil {
		return audit.Report{}, fmt.Errorf("corpus header: %w", err)
	}
	if o.Policy == nil {
		o.Policy = anonymize.DefaultPolicy(o.Vendors)
	}
	c, err := classifierOf(h, o.Vendors)
	if err != nil {
		return audit.Report{}, err
	}
	routes := o.Policy.Routes()
	rep, err = audit.Run(ctx, audit.Options{
		In: unread[0].open, Out: unread[1].open, Records: index.Records, Vocabulary: texts.Vocabulary(),
		Keywords: slices.Concat(c.Words(), sms.ReactionWords()), Pool: o.Pool, Numbers: o.Numbers, Fields: auditFields(o.Vendors, o.Policy),
		Routes:    (*audit.Routes)(&routes),
		LinkWords: texts.LinkWords(),
		Kept:      o.Policy.Keeps(o.Vendors),
		Headers:   &audit.PlainHeaders{Words: anonymize.MachineWords(o.Vendors), Names: o.Policy.KeptHeaders(), Listed: o.Vendors.ListsHeader},
	})
	for _, u := range unread {
		if o.Damaged != nil && len(u.damage) > 0 {
			o.Damaged(u.name, u.damage)
		}
	}
	return rep, err
}

// openedOften opens a corpus file again and again, since an audit reads it more than once, and remembers what could not be read of it.
type openedOften struct {
	name, path string
	mu         sync.Mutex
	damage     []corpus.Damage // of the reader that met most
}

func (o *openedOften) open(context.Context) (capture.Source, error) {
	r, err := corpus.Open(o.path)
	if err != nil {
		return nil, err
	}
	return &oneOfOften{r, o}, nil
}

// oneOfOften is a reader of such a file.
type oneOfOften struct {
	*corpus.Reader
	of *openedOften
}

// Close implements io.Closer.
func (r *oneOfOften) Close() error {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if list := r.Damage(); len(list) > len(r.of.damage) {
		r.of.damage = slices.Clone(list)
	}
	return r.Reader.Close()
}

// auditFields tells an audit what the vendors' tables say of a record's fields. Of a payload that no dialect reads it tells each value, by
// its form; and where nothing can be read, all of it as one.
func auditFields(table dialect.Table, policy *anonymize.Policy) func(r *capture.Record, f func(audit.FieldSort, []byte)) {
	wanted := dialect.ClassSet(dialect.Person, dialect.Business, dialect.Unknown, dialect.Keep, dialect.ID, dialect.Account, dialect.Place, dialect.Name, dialect.Email, dialect.Link,
		dialect.Time, dialect.Encoding, dialect.Segments)
	type memory struct {
		spans      []dialect.Span
		raw, value []byte
	}
	unread := unreadFields{table.Unread(), policy.KeepsUnread(table)}
	free := sync.Pool{New: func() any { return new(memory) }}
	return func(r *capture.Record, f func(audit.FieldSort, []byte)) {
		m := free.Get().(*memory)
		defer free.Put(m)
		spans, err := m.spans[:0], errors.ErrUnsupported
		if d, ok := table.Named(r.Vendor); ok && anonymize.Reads(d, r) {
			spans, err = d.Locate(spans, r, wanted)
		}
		if err != nil {
			unread.each(r, f)
			outside := *r
			outside.Body = nil
			outside.URL, _, _ = strings.Cut(r.URL, "?")
			if spans, err = unread.schema.Locate(spans[:0], &outside, wanted); err != nil {
				return
			}
		}
		m.spans = spans[:0]
		for i := range spans {
			s := &spans[i]
			switch s.Part {
			case payload.InBody:
				m.raw = append(m.raw[:0], r.Body[s.Start:s.End]...)
			case payload.InHeader:
				m.raw = append(m.raw[:0], r.Headers[s.Header].Value[s.Start:s.End]...)
			default:
				m.raw = append(m.raw[:0], r.URL[s.Start:s.End]...)
			}
			value := m.raw
			if !s.Plain && !s.Literal {
				m.value = s.Decode(m.value[:0], m.raw)
				value = m.value
			}
			if s.Class != dialect.Person && s.Class != dialect.Business {
				f(sortOf(s.Class), value)
			} else if id, ok := cutID(value); ok {
				f(audit.Made, id)
			}
		}
	}
}

// cutID returns an address without its channel's prefix, where it is no telephone number and has a digit: an id, or a number of which a
// part is masked.
func cutID(address []byte) (id []byte, ok bool) {
	const longest = len("+123456789012345")
	if len(address) <= longest && len(bytes.TrimLeft(address, "+0123456789")) == 0 || !bytes.ContainsAny(address, "0123456789") {
		return nil, false
	}
	written := string(address)
	if _, class := sms.Canonical(written); class == sms.E164 || class == sms.ShortCode {
		return nil, false
	}
	_, rest := sms.CutChannel(written)
	return []byte(rest), true
}

func sortOf(class dialect.Class) audit.FieldSort {
	switch class {
	case dialect.ID, dialect.Account, dialect.Link:
		return audit.Made
	case dialect.Keep, dialect.Time, dialect.Encoding, dialect.Segments:
		return audit.Common
	}
	return audit.Personal
}
