package cause

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Onset is where a figure begins to grow; moments are seconds.
type Onset struct {
	// At is the likeliest moment, Low and High hold it in 95 of 100 cases.
	At, Low, High float64
	// Peak is where the growth ends. Before and After are the figure before it begins and at its end, as the fit has them.
	Peak          float64
	Before, After float64
	// P is the probability that noise with the memory of this figure seems to grow as clearly.
	P float64
}

const (
	// onsetLevel is the largest probability by chance of an onset that is told.
	onsetLevel = 0.01
	// onsetFew is how many values it takes, and onsetTail how many of them from the onset to the peak.
	onsetFew, onsetTail = 12, 4
	// onsetRuns is how many runs without growth are drawn, onsetAgain how many like the run itself, for the interval.
	onsetRuns, onsetAgain = 400, 200
	// onsetMemory is the part of the whole for which noise is taken to last at least, and onsetLonger how many times what a fit leaves over
	// lasts: the fit has taken some of it.
	onsetMemory, onsetLonger = 0.03, 2
	// onsetWarm is the part of the growth by which values before its lowest are above that and still count: others are of a start.
	onsetWarm = 0.3
	// onsetStays is the part of the growth that values after the peak have that still count.
	onsetStays = 0.7
	// onsetFar is how many times neighbours' usual distance a value may be from the middle of its own.
	onsetFar = 2
)

// FindOnset finds where values at moments, in order and of a scale on which their noise is even, such as a logarithm, begin to grow. least is
// the variance that their noise has at least. False where they do not, or not more than noise does.
//
// The idea is a segmented regression: level up to the onset, and from there a line, a level or one of several curves that rise more and
// more slowly, up to the peak of the largest growth. What comes after the peak says nothing of how it began. How much that explains is measured
// by how far neighbours differ. Chance and interval are found by drawing, from a fixed seed.
func FindOnset(at, value []float64, least float64) (Onset, bool) {
	if len(at) < onsetFew || at[len(at)-1] <= at[0] {
		return Onset{}, false
	}
	s := newOnsets(at, least)
	value = s.without(value)
	f := s.fit(value)
	if f.clear <= 0 {
		return Onset{}, false
	}
	rest := make([]float64, f.to-f.from)
	for i := range rest {
		rest[i] = value[f.from+i] - f.model(s, f.from+i)
	}
	l := levels{at: at, width: s.width}
	memory := max(onsetMemory*(at[len(at)-1]-at[0]), onsetLonger*l.memory(rest))
	o := Onset{At: at[f.onset] - s.width/2, Peak: at[f.to-1] + s.width/2, Before: f.level, After: f.model(s, f.to-1)}
	if o.P = s.chance(f.clear, memory); o.P > onsetLevel {
		return Onset{}, false
	}
	o.Low, o.High = s.interval(f, memory, math.Sqrt(max(sumSquares(rest)/max(float64(len(rest)-3), 1), least)))
	return o, true
}

// onsets are the shapes of growth for values at some moments.
type onsets struct {
	at    []float64
	width float64
	least float64
	// bases[k][j][i] is the k-th curve at i-j values after its onset at j.
	bases [][][]float64
}

func newOnsets(at []float64, least float64) *onsets {
	n := len(at)
	length := at[n-1] - at[0]
	s := &onsets{at: at, width: length / float64(n-1), least: least}
	curves := []func(x float64) float64{func(float64) float64 { return 1 }, func(x float64) float64 { return x }}
	for _, speed := range []float64{10, 100, 1000} {
		curves = append(curves, func(x float64) float64 { return math.Log1p(speed * x) })
	}
	for _, f := range curves {
		table := make([][]float64, n)
		for j := range n {
			row := make([]float64, n-j)
			for i := range row {
				row[i] = f((at[j+i] - at[j] + s.width/2) / length)
			}
			table[j] = row
		}
		s.bases = append(s.bases, table)
	}
	return s
}

// onsetFit is the growth that fits best, of the values from from to to.
type onsetFit struct {
	from, to, onset, base int
	level, scale          float64
	// clear is what the growth explains of the sum of squares, by how far neighbours differ.
	clear float64
}

func (f *onsetFit) model(s *onsets, i int) float64 {
	if i < f.onset {
		return f.level
	}
	return f.level + f.scale*s.bases[f.base][f.onset][i-f.onset]
}

// fit tries all onsets and curves up to the peak.
func (s *onsets) fit(value []float64) onsetFit {
	from, to := growing(value)
	f := s.fitIn(value, from, to)
	f.clear /= math.Max(s.apart(value), 1e-12)
	return f
}

// apart is the mean square by which neighbours differ, the largest tenth left out, and at least that of the least noise.
func (s *onsets) apart(value []float64) float64 {
	squares := make([]float64, len(value)-1)
	for i := range squares {
		d := value[i+1] - value[i]
		squares[i] = d * d
	}
	slices.Sort(squares)
	return max(meanOf(squares[:len(squares)-len(squares)/10]), s.least)
}

// without is values without their peaks: what is far from its neighbours' middle for a moment is moved towards it.
func (s *onsets) without(value []float64) []float64 {
	middle, far := medians(value), onsetFar*math.Sqrt(s.apart(value))
	out := make([]float64, len(value))
	for i, v := range value {
		out[i] = min(max(v, middle[i]-far), middle[i]+far)
	}
	return out
}

// growing is the stretch of values up to the peak of their largest growth, and on while they stay near it, without those of a start that are
// above its lowest.
func growing(value []float64) (from, to int) {
	smooth := medians(value)
	low, most, lowest, peak := 0, 0.0, 0, 0
	for i, v := range smooth {
		if v < smooth[low] {
			low = i
		}
		if v-smooth[low] > most {
			most, lowest, peak = v-smooth[low], low, i
		}
	}
	for i := lowest; i >= 0; i-- {
		if smooth[i] > smooth[lowest]+onsetWarm*most {
			from = i + 1
			break
		}
	}
	for to = peak + 1; to < len(smooth) && smooth[to] >= smooth[lowest]+onsetStays*most; to++ {
	}
	return from, to
}

// medians are the middle of each value and the two on either side.
func medians(value []float64) []float64 {
	out := make([]float64, len(value))
	var five [5]float64
	for i := range value {
		part := append(five[:0], value[max(i-2, 0):min(i+3, len(value))]...)
		slices.Sort(part)
		out[i] = (part[len(part)/2] + part[(len(part)-1)/2]) / 2
	}
	return out
}

func (s *onsets) fitIn(value []float64, from, to int) onsetFit {
	best := onsetFit{from: from, to: to}
	n := float64(to - from)
	if to-from < onsetTail+2 {
		return best
	}
	mean := meanOf(value[from:to])
	gain := 0.0
	for j := from; j <= to-onsetTail; j++ {
		for k, table := range s.bases {
			var sum, square, along float64
			row := table[j][:to-j]
			for i, b := range row {
				sum, square, along = sum+b, square+b*b, along+b*(value[j+i]-mean)
			}
			spread := square - sum*sum/n
			if spread <= 1e-12 || along <= 0 {
				continue
			}
			if got := along * along / spread; got > gain {
				gain = got
				best.onset, best.base, best.scale = j, k, along/spread
				best.level = mean - best.scale*sum/n
			}
		}
	}
	best.clear = gain
	return best
}

// chance is the probability that noise with a memory grows so clearly.
func (s *onsets) chance(clear, memory float64) float64 {
	r := rand.New(rand.NewPCG(uint64(len(s.at)), 17))
	l := s.noise(memory)
	still := onsets{at: s.at, width: s.width, bases: s.bases}
	drawn := make([]float64, onsetRuns)
	alike := 0
	for k := range drawn {
		l.draw(r)
		if drawn[k] = still.fit(still.without(l.value)).clear; drawn[k] >= clear {
			alike++
		}
		if alike >= levelEnough {
			return float64(alike) / float64(k+1)
		}
	}
	return exponentialTail(drawn, clear)
}

// noise is what draws values of variance 1 with a memory.
func (s *onsets) noise(memory float64) levels {
	l := levels{at: s.at, width: s.width, value: make([]float64, len(s.at)), scratch: newLevelScratch(len(s.at))}
	l.keeps(memory)
	return l
}

// interval is where the onset is found in runs like the fit with new noise, in 95 of 100.
func (s *onsets) interval(f onsetFit, memory, sd float64) (low, high float64) {
	r := rand.New(rand.NewPCG(uint64(len(s.at)), 18))
	l := s.noise(memory)
	again := make([]float64, len(s.at))
	found := make([]int, onsetAgain)
	for k := range found {
		l.draw(r)
		for i := f.from; i < f.to; i++ {
			again[i] = f.model(s, i) + sd*l.value[i]
		}
		found[k] = s.fitIn(again, f.from, f.to).onset
	}
	slices.Sort(found)
	tail := onsetAgain / 40
	// Curves are not what really happens, to a value or so.
	low, high = s.at[min(found[tail], f.onset)]-s.width*3/2, s.at[max(found[onsetAgain-1-tail], f.onset)]+s.width
	return max(low, s.at[0]-s.width/2), high
}
