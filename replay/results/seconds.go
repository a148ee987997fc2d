package results

import (
	"slices"
	"time"
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

// seconds counts deadlines and sends in every second of a run.
type seconds struct {
	planned, achieved curve
}

// peaks are the deadlines and the sends of the busiest second.
func (s *seconds) peaks() (planned, achieved int64) {
	planned, _ = s.planned.peak()
	achieved, _ = s.achieved.peak()
	return planned, achieved
}

// peak is how much the busiest second counts, and where it begins: the first of several, below 0 where nothing was counted.
func (c *curve) peak() (most int64, at time.Duration) {
	at = -1
	for i, p := range c.pages {
		if p == nil {
			continue
		}
		if top := slices.Max(p[:]); int64(top) > most {
			most, at = int64(top), time.Duration(i*pageSeconds+slices.Index(p[:], top))*time.Second
		}
	}
	return most, at
}
