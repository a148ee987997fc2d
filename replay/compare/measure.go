package compare

import (
	"context"
	"iter"
	"math"
	"slices"
	"time"

	"reprise/capture"
	"reprise/replay/results"
)

// measured is what one run says of one kind, or of all.
type measured struct {
	answers int64
	// bad counts the answers that are neither 2xx nor 3xx.
	bad int64
	// at holds p50, p90, p95 and p99 in nanoseconds; 0 without answers.
	at [len4]int64
	// least holds the same quantiles of the least that latencies can be.
	least [len4]int64
	// lag holds those of lag; 0 of a faithful run.
	lag [len4]int64
	// sent counts requests whose turn came, failed those of them without a 2xx or 3xx answer.
	sent, failed int64
	// status counts answers by HTTP status.
	status map[string]int64
}

// run is one run of a comparison of several, without its rows.
type run struct {
	side  Side
	kinds [kinds + 1]measured
	// steps are those of the shape that all runs have; none where there are not several.
	steps []measured
}

// warm leaves out the rows whose deadline is before a moment.
func warm(rows []row, from time.Duration) []row {
	if from <= 0 {
		return rows
	}
	return slices.DeleteFunc(rows, func(r row) bool { return r.intended < int64(from) })
}

// measure takes what is needed of a run's rows, by kind and by the steps of a shape. A run that is faithful is taken at its word: its lag is none.
func measure(ctx context.Context, l *loaded, by *shape) (*run, error) {
	out := &run{side: l.side}
	var f faults
	if f.add(&l.side); f.lag {
		l.readLate()
	}
	g := gauge{lagged: f.lag}
	for k := range kinds + 1 {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		out.kinds[k] = g.measure(rowsOfKind(l.rows, k))
		out.kinds[k].status = statusOf(&l.side.Summary, k)
	}
	for i := range by.steps {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		rows := by.rowsOf(l.rows, i)
		m := g.measure(rows)
		m.status = statuses(rows)
		out.steps = append(out.steps, m)
	}
	return out, nil
}

// rowsOfKind are the rows of one kind, or of all.
func rowsOfKind(rows []row, k int) iter.Seq[row] {
	return func(yield func(row) bool) {
		for i := range rows {
			if (k == allKinds || int(rows[i].kind) == k) && !yield(rows[i]) {
				return
			}
		}
	}
}

// gauge measures one set of rows after the other, in buffers that it keeps.
type gauge struct {
	// lagged says that the run is not faithful by lag.
	lagged              bool
	values, least, lags []sample
}

// measure is what rows say.
func (g *gauge) measure(rows iter.Seq[row]) (m measured) {
	g.values, g.least, g.lags = g.values[:0], g.least[:0], g.lags[:0]
	for r := range rows {
		m.sent += played(r)
		if played(r) == 1 && !r.outcome.OK() {
			m.failed++
		}
		if !r.answered() {
			continue
		}
		if !r.outcome.OK() {
			m.bad++
		}
		if g.values = append(g.values, makeSample(r.latency(), 0)); g.lagged {
			g.least, g.lags = append(g.least, makeSample(r.least(), 0)), append(g.lags, makeSample(r.lag(), 0))
		}
	}
	m.answers = int64(len(g.values))
	m.at = quantilesOf(g.values)
	if m.least = m.at; g.lagged {
		m.least, m.lag = quantilesOf(g.least), quantilesOf(g.lags)
	}
	return m
}

// quantilesOf sorts values and returns their quantiles, 0 where there are none.
func quantilesOf(values []sample) (at [len4]int64) {
	ranked := rank(values, 1)
	for i, q := range quantiles() {
		at[i], _ = ranked.quantile(q.at)
	}
	return at
}

func statusOf(s *results.Summary, kind int) map[string]int64 {
	if kind == allKinds {
		return s.Status
	}
	return s.Kinds[capture.Kind(kind).String()].Status
}

// share is the share of failed requests; 0 where none was sent.
func (m *measured) share() float64 { return float64(m.failed) / float64(max(m.sent, 1)) }

// badShare is the share of a side's answers that are neither 2xx nor 3xx from which on their times are those of errors, and failAlike how
// far two shares may be apart for both sides' times to be of the same kind of answers.
const (
	badShare  = 0.5
	failAlike = 0.1
)

// unlikeAnswers says whether times of failed answers would be held against times of good ones.
func unlikeAnswers(base, candidate float64) bool {
	return max(base, candidate) > badShare && math.Abs(base-candidate) > failAlike
}

// logs are the logarithms of the quantiles; a quantile of 0 counts as a nanosecond.
func (m *measured) logs() [len4]float64 { return logs(m.at) }

func logs(at [len4]int64) (out [len4]float64) {
	for i, ns := range at {
		out[i] = math.Log(float64(max(ns, 1)))
	}
	return out
}

// minAbove is how many answers of a run must lie above a quantile for it to be judged over rounds.
const minAbove = 20

// enough says whether a run has the answers that a quantile needs.
func (m *measured) enough(q quantile) bool {
	return m.answers >= MinRequests && float64(m.answers)*(1-q.at) >= minAbove
}
