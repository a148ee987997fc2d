package anonymize

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"reprise/capture/dialect"
)

// Kept counts, by what it is, what stayed of the input outside of bodies. It holds routes, hosts that are nobody's, and headers
// that tell of machines alone.
type Kept struct {
	// Segments are those of paths that are words of the list or that the policy names.
	Segments map[string]int64 `json:"path_segments"`
	// Hosts are names that are reserved, and of this machine.
	Hosts map[string]int64 `json:"hosts"`
	// Headers are "name: value"; of one that the policy keeps, and of a time, the name alone.
	Headers map[string]int64 `json:"headers"`
}

func newKept() Kept {
	return Kept{Segments: make(map[string]int64), Hosts: make(map[string]int64), Headers: make(map[string]int64)}
}

// Counts is k with the names of headers in place of their values, and without the names of hosts and segments: for a report of what was not
// published.
func (k Kept) Counts() Kept {
	out := newKept()
	for header, n := range k.Headers {
		name, _, _ := strings.Cut(header, ":")
		out.Headers[name] += n
	}
	for _, part := range []struct{ from, to map[string]int64 }{{k.Segments, out.Segments}, {k.Hosts, out.Hosts}} {
		for _, n := range part.from {
			part.to[more] += n
		}
	}
	return out
}

// headerField is a header that stayed.
type headerField struct{ name, value string }

// keptHeader counts a header that stays with its value.
func (a *Anonymizer) keptHeader(f dialect.Field) { a.headers.count(headerField{f.Name, f.Value}) }

// keptName counts a header that stays with a value that is not to be listed.
func (a *Anonymizer) keptName(f dialect.Field) { a.headers.count(headerField{name: f.Name}) }

// headerCounts counts headers while they are met, by how they are written. Nearly all are among the last few.
type headerCounts struct {
	all    map[headerField]*int64
	recent [8]headerCount
	next   int
}

type headerCount struct {
	headerField
	n *int64
}

func (c *headerCounts) count(h headerField) {
	for i := range c.recent {
		if one := &c.recent[i]; one.value == h.value && one.name == h.name && one.n != nil {
			*one.n++
			return
		}
	}
	n := c.all[h]
	if n == nil {
		if len(c.all) >= maxNames {
			h = headerField{value: more}
		}
		h = headerField{strings.Clone(h.name), strings.Clone(h.value)}
		if n = c.all[h]; n == nil {
			n = new(int64)
			c.all[h] = n
		}
	}
	*n++
	if h.value != more {
		c.recent[c.next] = headerCount{h, n}
		c.next = (c.next + 1) % len(c.recent)
	}
}

func (c *headerCounts) reset() { *c = headerCounts{all: make(map[headerField]*int64)} }

// keptHost counts a host that stays. Most records have the same one.
func (a *Anonymizer) keptHost(host string) {
	if host != a.host {
		a.tellHost()
		a.host = strings.Clone(host)
	}
	a.hostRecords++
}

func (a *Anonymizer) tellHost() {
	if a.hostRecords > 0 {
		countNames(a.report.Kept.Hosts, a.host, a.hostRecords)
	}
	a.host, a.hostRecords = "", 0
}

// more is the name of what is beyond maxNames.
const more = "(more)"

// tellHeaders puts what was counted by header into the report.
func (a *Anonymizer) tellHeaders() {
	for _, h := range slices.SortedFunc(maps.Keys(a.headers.all), func(x, y headerField) int {
		return cmp.Or(cmp.Compare(x.name, y.name), cmp.Compare(x.value, y.value))
	}) {
		name := strings.ToLower(h.name)
		switch {
		case h.name == "":
			name = h.value
		case h.value != "":
			name += ": " + h.value
		}
		countNames(a.report.Kept.Headers, name, *a.headers.all[h])
	}
	a.headers.reset()
	a.tellHost()
}

// PathProposal is a pattern that would keep a segment that many people share: it is for the policy's paths, and no segment stays
// before it is there.
type PathProposal struct {
	Path    string `json:"path"`
	Records int64  `json:"records"`
	// People are those who sent these records, or got the message that they tell of; MaxSharing means so many or more.
	People int `json:"people"`
}

// A segment is proposed that fromSharing people or more have in common. Up to MaxSharing of them are counted.
const (
	fromSharing = 20
	MaxSharing  = 1000
)

// sharing knows who shares a segment, by pattern.
type sharing map[string]*sharers

type sharers struct {
	records int64
	people  map[tag]struct{}
}

// add counts a record of someone.
func (s sharing) add(pattern string, person tag) {
	one := s[pattern]
	if one == nil {
		if len(s) >= maxNames && !s.makeRoom() {
			return
		}
		one = &sharers{people: make(map[tag]struct{})}
		s[pattern] = one
	}
	one.records++
	if person != (tag{}) && len(one.people) < MaxSharing {
		one.people[person] = struct{}{}
	}
}

// makeRoom forgets the patterns that one person has at most.
func (s sharing) makeRoom() bool {
	maps.DeleteFunc(s, func(_ string, one *sharers) bool { return len(one.people) <= 1 })
	return len(s) < maxNames
}

// merge adds what another worker met.
func (s sharing) merge(o sharing) {
	for pattern, other := range o {
		one := s[pattern]
		if one == nil {
			s[pattern] = &sharers{other.records, maps.Clone(other.people)}
			continue
		}
		one.records += other.records
		for person := range other.people {
			if len(one.people) >= MaxSharing {
				break
			}
			one.people[person] = struct{}{}
		}
	}
}

// proposals are the patterns that many share, the most people first.
func (s sharing) proposals() []PathProposal {
	list := []PathProposal{}
	for pattern, one := range s {
		if len(one.people) >= fromSharing {
			list = append(list, PathProposal{pattern, one.records, len(one.people)})
		}
	}
	slices.SortFunc(list, func(a, b PathProposal) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(b.Records, a.Records), cmp.Compare(a.Path, b.Path))
	})
	return list[:min(len(list), maxNames)]
}
