package replay

import (
	"math/bits"
	"time"
)

// serviceTimes is a mean in the making.
type serviceTimes struct {
	sum time.Duration
	n   int64
}

func (s *serviceTimes) add(d time.Duration) { s.sum += d; s.n++ }

func (s *serviceTimes) mean() time.Duration {
	if s.n == 0 {
		return 0
	}
	return s.sum / time.Duration(s.n)
}

// enoughFree is how many answers say how long a target takes that has little to do.
const enoughFree = 20

// freeTimes are service times by how many others were on their way: none, 1, 2 to 3, 4 to 7 and so on.
type freeTimes [bits.UintSize + 1]serviceTimes

func (f *freeTimes) add(beside int, d time.Duration) { f[bits.Len(uint(max(beside, 0)))].add(d) }

// mean is that of the requests with the fewest others beside them, of enoughFree at least where there are so many.
func (f *freeTimes) mean() time.Duration {
	var s serviceTimes
	for i := range f {
		s.sum, s.n = s.sum+f[i].sum, s.n+f[i].n
		if s.n >= enoughFree {
			break
		}
	}
	return s.mean()
}
