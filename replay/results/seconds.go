package results

import (
	"time"

	"reprise/capture"
)

// pageSeconds is how many seconds of a run a page counts.
const pageSeconds = 1024

// maxSeconds bounds the per-second curves to 48 days, whatever a file says; later moments count in the last.
const maxSeconds = 1 << 22

// page counts the seconds of a stretch; a stretch in which nothing happened has none.
type page [pageSeconds]uint32

// curve counts moments in every second of a run.
type curve struct {
	pages []*page
	// last is the page that was used last, which begins at second from.
	last *page
	from int
}

func (c *curve) tick(t time.Duration) {
	i := int(min(max(t, 0)/time.Second, maxSeconds-1))
	if j := uint(i - c.from); c.last != nil && j < pageSeconds {
		c.last[j]++
		return
	}
	c.turn(i)
	c.last[i-c.from]++
}

// turn makes the page of a second the last.
func (c *curve) turn(i int) {
	n := i / pageSeconds
	for len(c.pages) <= n {
		c.pages = append(c.pages, nil)
	}
	if c.pages[n] == nil {
		c.pages[n] = new(page)
	}
	c.last, c.from = c.pages[n], n*pageSeconds
}

// seconds counts deadlines and sends of each kind in every second of a run.
type seconds struct {
	planned, achieved [capture.KindCount]curve
}

// offered is what the seconds come to.
type offered struct {
	// The peaks are those of the busiest second, of all kinds together.
	plannedPeak, achievedPeak int64
	// moved counts the requests that left in another second than they were meant to, and kinds those of each kind.
	moved int64
	kinds [capture.KindCount]int64
}

func (s *seconds) offered() offered {
	var o offered
	pages := 0
	for k := range s.planned {
		pages = max(pages, len(s.planned[k].pages), len(s.achieved[k].pages))
	}
	for i := range pages {
		o.page(s, i)
	}
	o.moved /= 2
	for k := range o.kinds {
		o.kinds[k] /= 2
	}
	return o
}

// page adds one stretch. A request that moved is counted where it left and where it arrived.
func (o *offered) page(s *seconds, i int) {
	var planned, achieved [pageSeconds]int64
	for k := range s.planned {
		p, a := s.planned[k].page(i), s.achieved[k].page(i)
		if p == nil && a == nil {
			continue
		}
		for j := range pageSeconds {
			var n, m int64
			if p != nil {
				n = int64(p[j])
			}
			if a != nil {
				m = int64(a[j])
			}
			planned[j] += n
			achieved[j] += m
			o.kinds[k] += max(n-m, m-n)
		}
	}
	for j := range pageSeconds {
		o.plannedPeak, o.achievedPeak = max(o.plannedPeak, planned[j]), max(o.achievedPeak, achieved[j])
		o.moved += max(planned[j]-achieved[j], achieved[j]-planned[j])
	}
}

func (c *curve) page(i int) *page {
	if i < len(c.pages) {
		return c.pages[i]
	}
	return nil
}
