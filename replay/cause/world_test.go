package cause

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"testing"
	"time"
)

// inOneGoroutine leaves out a test of many searches that would take the race detector minutes and find it nothing.
func inOneGoroutine(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("many searches in one goroutine")
	}
}

// world is a made-up run whose answers a test decides.
type world struct {
	r          *rand.Rand
	at         []time.Duration
	kind       []int
	person     []int
	recipient  []int
	bytes      []int
	retry      []bool
	service    []float64 // ms
	lag        []float64
	completion []float64 // ms after the answer; NaN: never; nil: not known
	failure    []uint8
	failures   []string
}

var kinds = []string{"custom", "help", "info", "reaction", "subscribe", "unsubscribe", "unrecognized"}

// newWorld is a healthy run: arrivals in bursts, log-normal service times whose level wanders, a stall now and then.
func newWorld(seed uint64, n int, rate float64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 1))}
	share := []float64{0.25, 0.05, 0.1, 0.15, 0.2, 0.05, 0.2}
	now := 0.0
	busy := 1.0
	for i := 0; i < n; i++ {
		if w.r.Float64() < 0.01 {
			busy = []float64{0.3, 1, 1, 1, 5}[w.r.IntN(5)]
		}
		now += w.r.ExpFloat64() / rate / busy
		w.at = append(w.at, time.Duration(now*1e9))
		u, k := w.r.Float64(), 0
		for u > share[k] && k < len(share)-1 {
			u -= share[k]
			k++
		}
		w.kind = append(w.kind, k)
		p := int(float64(n/3) * math.Pow(w.r.Float64(), 2))
		if i > 3 && w.r.Float64() < 0.15 { // writes twice
			p = w.person[i-1-w.r.IntN(3)]
		}
		w.person = append(w.person, p)
		w.recipient = append(w.recipient, int(8*math.Pow(w.r.Float64(), 2)))
		w.bytes = append(w.bytes, 300+w.r.IntN(200)+int(300*w.r.ExpFloat64()))
		w.retry = append(w.retry, w.r.Float64() < 0.02)
		w.lag = append(w.lag, 0.05+0.05*w.r.ExpFloat64())
		w.failure = append(w.failure, 0)
	}
	w.noise(10, 0.25, 0.1)
	return w
}

// noise draws service times: a median in ms, the spread of single requests and that of a level with a memory of some seconds.
func (w *world) noise(median, sd, level float64) {
	w.service = make([]float64, len(w.at))
	z := 0.0
	for i := range w.at {
		dt := 0.0
		if i > 0 {
			dt = (w.at[i] - w.at[i-1]).Seconds()
		}
		a := math.Exp(-dt / 5)
		z = a*z + math.Sqrt(1-a*a)*w.r.NormFloat64()
		w.service[i] = median * math.Exp(sd*w.r.NormFloat64()+level*z)
		if w.r.Float64() < 0.003 {
			w.service[i] *= 1 + 3*w.r.ExpFloat64() // a tail that nothing explains
		}
	}
}

// since calls f with the time since the last request with the same key, below 0 for the first.
func (w *world) since(key func(int) int, f func(i int, gap time.Duration)) {
	last := map[int]time.Duration{}
	for i, at := range w.at {
		gap := time.Duration(-1)
		if l, ok := last[key(i)]; ok {
			gap = at - l
		}
		last[key(i)] = at
		f(i, gap)
	}
}

func (w *world) table() *Table {
	n := len(w.at)
	t := &Table{Intended: w.at, Lag: make([]Micros, n), Service: make([]Micros, n), Status: make([]uint16, n), Failure: w.failure, Failures: w.failures}
	for i := range n {
		t.Lag[i] = Micros(w.lag[i] * 1000)
		t.Service[i] = NoMicros
		if !math.IsNaN(w.service[i]) {
			t.Service[i] = Micros(w.service[i] * 1000)
		}
	}
	if w.completion != nil {
		t.Completion, t.Never = make([]Micros, n), make([]bool, n)
		for i, c := range w.completion {
			if t.Completion[i] = NoMicros; math.IsNaN(c) {
				t.Never[i] = true
			} else {
				t.Completion[i] = t.Lag[i] + t.Service[i] + Micros(c*1000)
			}
		}
	}
	names := func(a Attribute, of func(int) int, labels []string) {
		c := Column{Attribute: a, Labels: labels, Codes: make([]uint8, n)}
		for i := range n {
			c.Codes[i] = uint8(of(i))
		}
		t.Columns = append(t.Columns, c)
	}
	names(Kind, func(i int) int { return w.kind[i] }, kinds)
	ranks := make([]string, 8)
	for i := range ranks {
		ranks[i] = strconv.Itoa(i + 1)
	}
	names(Recipient, func(i int) int { return w.recipient[i] }, ranks)
	flag := func(a Attribute, of func(int) bool) {
		names(a, func(i int) int { return side(of(i)) }, nil)
	}
	flag(Retry, func(i int) bool { return w.retry[i] })
	decade := make([]float64, 0, 100)
	for e := 6; e <= 11; e++ {
		for m := 1; m < 10; m++ {
			decade = append(decade, float64(m)*math.Pow10(e))
		}
	}
	decade[0] = 0
	amount := func(a Attribute, of func(int) float64, edges []float64) {
		c := Column{Attribute: a, Edges: edges, Codes: make([]uint8, n)}
		for i := range n {
			if v := of(i); v < 0 {
				c.Codes[i] = NoCode
			} else {
				c.Codes[i] = uint8(sort.Search(len(edges), func(k int) bool { return edges[k] > v }) - 1)
			}
		}
		t.Columns = append(t.Columns, c)
	}
	gaps := func(a Attribute, key func(int) int) []float64 {
		g := make([]float64, n)
		w.since(key, func(i int, gap time.Duration) { g[i] = float64(gap) })
		amount(a, func(i int) float64 { return g[i] }, decade)
		return g
	}
	person := gaps(SamePersonWithin, func(i int) int { return w.person[i] })
	flag(FirstOfPerson, func(i int) bool { return person[i] < 0 })
	gaps(SameRecipientWithin, func(i int) int { return w.recipient[i] })
	gaps(SameKindWithin, func(i int) int { return w.kind[i] })
	small := make([]float64, 0, 200)
	for v := 0.0; v < 5000; v = math.Ceil(max(v+1, v*1.1)) {
		small = append(small, v)
	}
	for k, window := range []time.Duration{100 * time.Millisecond, time.Second, 10 * time.Second} {
		burst := w.burst(window, func(int) int { return 0 })
		amount(Burst100ms+Attribute(k), func(i int) float64 { return burst[i] }, small)
		burst = w.burst(window, func(i int) int { return w.kind[i] })
		amount(KindBurst100ms+Attribute(k), func(i int) float64 { return burst[i] }, small)
	}
	amount(BodyBytes, func(i int) float64 { return float64(w.bytes[i]) }, []float64{0, 200, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000, 3000})
	inFlight := w.inFlight()
	amount(InFlight, func(i int) float64 { return inFlight[i] }, small)
	amount(ToolLag, func(i int) float64 { return w.lag[i] * 1e6 }, decade)
	amount(RunSecond, func(i int) float64 { return w.at[i].Seconds() }, small)
	return t
}

func (w *world) burst(window time.Duration, key func(int) int) []float64 {
	out := make([]float64, len(w.at))
	from := map[int][]time.Duration{}
	for i, at := range w.at {
		k := key(i)
		q := append(from[k], at)
		for q[0] <= at-window {
			q = q[1:]
		}
		from[k] = q
		out[i] = float64(len(q))
	}
	return out
}

func (w *world) inFlight() []float64 {
	out := make([]float64, len(w.at))
	var ends []time.Duration
	for i, at := range w.at {
		ends = slices.DeleteFunc(ends, func(e time.Duration) bool { return e <= at })
		out[i] = float64(len(ends))
		if !math.IsNaN(w.service[i]) {
			ends = append(ends, at+time.Duration(w.service[i]*1e6))
		}
	}
	return out
}
