package cause

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Series is a figure of the platform's own, taken during the run.
type Series struct {
	Name string
	// At are moments of the run, since its start, in order; Values are as long. NaN is a moment without a value.
	At     []time.Duration
	Values []float64
}

// Figure is what became of a series.
type Figure struct {
	Name  string
	State FigureState
	// Correlation is the rank correlation of its changes with those of the latency, at the lag at which it is strongest, and Leads that
	// lag: how long it goes ahead of the latency; below 0 it follows.
	Correlation float64
	Leads       time.Duration
	// P is the probability that a series that has nothing to do with the latency goes with it so well, over all lags.
	P float64
}

// FigureState is what a series can tell.
type FigureState uint8

// The states.
const (
	FigureGoesWith  FigureState = iota + 1 // it changes as the latency does: a correlation
	FigureSaturated                        // it is at its top where the latency is high
	FigureUnrelated                        // it does not go with the latency
	FigureConstant                         // it has one value
	FigureEmpty                            // it has no value, or NaN alone
	FigureOutside                          // its moments are not those of the run
	FigureSparse                           // it has too few values in the run
)

// What makes a series go with the latency.
const (
	// FewestFigures is how many pieces of the run have both, at least, and figureBins how many there are at most.
	FewestFigures, figureBins = 20, 120
	// mostLag is by how many pieces one may go ahead of the other.
	mostLag = 5
	// leastCorrelation is what is told: less explains a tenth of how one changes with the other.
	leastCorrelation = 0.35
	// figureBlock is how many changes stay together when they are shuffled.
	figureBlock = 5
	// figureRuns is how often they are.
	figureRuns = 1000
)

// follow is a series that goes with the latency.
type follow struct {
	Figure
	// hit says of each judged request, in the order given, whether the series was then as it is where requests are slow.
	hit []bool
	// from and to bound the values at which requests are slow, NaN for no bound.
	from, to float64
}

// follows tries series as explanations, as correlation: their changes against those of the latency, since two things that drift always
// go together. The rate of false discoveries over all series is held at level.
func follows(t *Table, m Measure, rows []int32, value func(row int32) Micros, level float64) (figures []Figure, found []follow) {
	if len(t.Series) == 0 {
		return nil, nil
	}
	c := newCourse(t, m, rows, value)
	var all []follow
	for i := range t.Series {
		all = append(all, c.follow(&t.Series[i]))
	}
	p := make([]float64, len(all))
	for i := range all {
		if p[i] = 1; all[i].State == FigureGoesWith || all[i].State == FigureSaturated {
			p[i] = all[i].P
		}
	}
	for i, q := range discovered(p, level) {
		f := all[i]
		if !q && (f.State == FigureGoesWith || f.State == FigureSaturated) {
			f.State = FigureUnrelated
		}
		if q {
			found = append(found, f)
		}
		figures = append(figures, f.Figure)
	}
	slices.SortStableFunc(found, func(a, b follow) int { return cmp.Compare(math.Abs(b.Correlation), math.Abs(a.Correlation)) })
	return figures, found
}

// discovered says which of some probabilities are discoveries at a rate of false ones (Benjamini and Hochberg 1995).
func discovered(p []float64, level float64) []bool {
	ordered := slices.Sorted(slices.Values(p))
	limit := -1.0
	for i, v := range ordered {
		if v <= level*float64(i+1)/float64(len(p)) {
			limit = v
		}
	}
	out := make([]bool, len(p))
	for i, v := range p {
		out[i] = v <= limit
	}
	return out
}

// follow tries one series.
func (c *course) follow(s *Series) follow {
	f := follow{Figure: Figure{Name: s.Name, P: 1}, from: math.NaN(), to: math.NaN()}
	if f.State = c.stateOf(s); f.State != 0 {
		return f
	}
	b := c.figureBins(s)
	f.State = FigureUnrelated
	if b.both() < FewestFigures {
		f.State = FigureSparse
		return f
	}
	b.correlate(&f)
	if saturated := b.saturates(); saturated.P < f.P {
		f.P, f.State, f.from, f.to, f.Correlation, f.Leads = saturated.P, FigureSaturated, saturated.from, math.NaN(), saturated.Correlation, 0
	}
	if f.State == FigureGoesWith || f.State == FigureSaturated {
		c.figureHit(s, b, &f)
	}
	return f
}

// stateOf says why a series can tell nothing, 0 where it may.
func (c *course) stateOf(s *Series) FigureState {
	if len(c.points) < fewJudged {
		return FigureSparse
	}
	first, last := c.points[0].start, c.points[len(c.points)-1].start
	known, inside := 0, 0
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range s.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		known++
		if at := s.At[i].Microseconds(); at >= first && at <= last {
			inside++
			low, high = min(low, v), max(high, v)
		}
	}
	switch {
	case known == 0:
		return FigureEmpty
	case inside == 0:
		return FigureOutside
	case inside < FewestFigures:
		return FigureSparse
	case low == high:
		return FigureConstant
	}
	return 0
}

// figurePieces are pieces of the run with the level of the latency and the mean of a series; NaN where one is not known.
type figurePieces struct {
	latency, figure []float64
	first, width    float64 // seconds
}

// figureBins cuts the run into pieces, each long enough for some requests and for a value of the series.
func (c *course) figureBins(s *Series) figurePieces {
	first, last := float64(c.points[0].start)/1e6, float64(c.points[len(c.points)-1].start)/1e6
	n := min(max(len(c.points)/inLevelBin, 1), figureBins)
	var gaps []float64
	for i := 1; i < len(s.At); i++ {
		gaps = append(gaps, (s.At[i] - s.At[i-1]).Seconds())
	}
	slices.Sort(gaps)
	if step := gaps[len(gaps)/2]; step > 0 {
		n = min(n, max(int((last-first)/step), 1))
	}
	b := figurePieces{latency: make([]float64, n), figure: make([]float64, n), first: first, width: (last - first) / float64(n)}
	b.fill(b.latency, len(c.points), 5, func(i int) (float64, float64) {
		return float64(c.points[i].start) / 1e6, math.Log(float64(max(c.points[i].took, 1)))
	})
	b.fill(b.figure, len(s.At), 1, func(i int) (float64, float64) { return s.At[i].Seconds(), s.Values[i] })
	return b
}

// fill puts the means of values into pieces, NaN where there are fewer than some.
func (b figurePieces) fill(out []float64, n int, least float64, value func(i int) (at, v float64)) {
	count := make([]float64, len(out))
	for i := range n {
		at, v := value(i)
		k := int((at - b.first) / b.width)
		if k == len(out) && at <= b.first+b.width*float64(len(out))+1e-9 {
			k--
		}
		if at < b.first || k >= len(out) || math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		out[k] += v
		count[k]++
	}
	for k := range out {
		if out[k] /= count[k]; count[k] < least {
			out[k] = math.NaN()
		}
	}
}

// both counts pieces in which both are known.
func (b figurePieces) both() (n int) {
	for i := range b.latency {
		if !math.IsNaN(b.latency[i]) && !math.IsNaN(b.figure[i]) {
			n++
		}
	}
	return n
}

// figureHit marks the requests at whose moment the series was as it is where requests are slow.
func (c *course) figureHit(s *Series, b figurePieces, f *follow) {
	if f.State == FigureGoesWith {
		known := slices.DeleteFunc(slices.Clone(b.figure), math.IsNaN)
		slices.Sort(known)
		if f.Correlation > 0 {
			f.from = known[len(known)*3/4]
		} else {
			f.to = math.Nextafter(known[len(known)/4], math.Inf(1))
		}
	}
	f.hit = make([]bool, len(c.rows))
	lead := f.Leads.Seconds()
	for _, p := range c.points {
		k := int((float64(p.start)/1e6 - lead - b.first) / b.width)
		if k < 0 || k >= len(b.figure) || math.IsNaN(b.figure[k]) {
			continue
		}
		f.hit[p.place] = !(b.figure[k] < f.from) && !(b.figure[k] >= f.to)
	}
}

// watched tries the platform's own figures and returns a finding for each that goes with a time. They are correlations, and so come after
// causes.
func (s *search) watched(judged []outcome, report *Report) (found []Finding) {
	for i := range judged {
		o := &judged[i]
		if !o.isTime() || o.measure == Lag || len(s.table.Series) == 0 {
			continue
		}
		figures, all := follows(s.table, o.measure, o.rows, o.value, s.level)
		if report.Figures == nil {
			report.Figures = figures
		}
		for k, f := range figures {
			if was := report.Figures[k]; f.State <= FigureSaturated && (was.State > FigureSaturated || f.P < was.P) {
				report.Figures[k] = f
			}
		}
		for _, f := range all {
			c := Finding{
				Pattern: FollowsFigure, Whose: OfTarget, Try: SameAgain, P: f.P, Series: f.Name, Leads: f.Leads,
				Where: []Condition{{Attribute: Watched, Series: f.Name, From: f.from, To: f.to}},
			}
			told := slices.ContainsFunc(found, func(was Finding) bool { return was.Series == f.Name })
			if !told && o.figures(s.table, f.hit, &c) {
				found = append(found, c)
			}
		}
	}
	if report.Figures == nil {
		report.Figures = s.table.idleFigures()
	}
	return found
}

// idleFigures are the states of the series where no time stands out, so that there is nothing that one could go with.
func (t *Table) idleFigures() (figures []Figure) {
	if len(t.Series) == 0 {
		return nil
	}
	rows := make([]int32, t.Len())
	for i := range rows {
		rows[i] = int32(i)
	}
	c := newCourse(t, ServiceTime, rows, func(row int32) Micros { return t.Service[row] })
	for i := range t.Series {
		f := Figure{Name: t.Series[i].Name, P: 1, State: FigureUnrelated}
		if state := c.stateOf(&t.Series[i]); state != 0 {
			f.State = state
		}
		figures = append(figures, f)
	}
	return figures
}
