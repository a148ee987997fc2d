package report

import (
	"math"
	"time"

	"reprise/replay/compare"
)

// clock turns a run's seconds into moments of the recording.
type clock struct {
	// First is the recorded moment at which the run begins, in milliseconds since 1970; Scale is recorded seconds a second.
	First int64   `json:"first"`
	Scale float64 `json:"scale"`
}

func clockOf(r *compare.Recorded) *clock {
	if r == nil {
		return nil
	}
	return &clock{r.First.UnixMilli(), float64(r.Last.Sub(r.First)) / float64(r.Took)}
}

// band is a stretch of a plot in which two runs are apart.
type band struct {
	From   float64 `json:"from"`
	To     float64 `json:"to"`
	Slower bool    `json:"slower"`
}

// bandsOf are the stretches in which two runs are apart; none where they are throughout.
func bandsOf(c *compare.Comparison) (out []band) {
	list := c.Apart()
	if throughout(c, list) {
		return nil
	}
	for _, s := range list {
		out = append(out, band{s.From.Seconds(), s.To.Seconds(), s.Difference > 0})
	}
	return out
}

// at is the recorded moment of a second of the run.
func (c *clock) at(second float64) time.Time {
	return time.UnixMilli(c.First + int64(math.Round(second*1000*c.Scale))).UTC()
}

// second is the inverse of at.
func (c *clock) second(t time.Time) float64 { return float64(t.UnixMilli()-c.First) / 1000 / c.Scale }

// clockSteps are the distances between labels.
func clockSteps() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
		30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 30 * day, 365 * day,
	}
}

// steps are the whole moments within so many seconds of the run, at most eight, as seconds of the run.
func (c *clock) steps(length float64) (out []float64) {
	const most = 8
	span := time.Duration(length * c.Scale * float64(time.Second))
	size := clockSteps()[len(clockSteps())-1]
	for _, s := range clockSteps() {
		if span/s <= most {
			size = s
			break
		}
	}
	first := c.at(0)
	t := first.Truncate(size)
	if t.Before(first) {
		t = t.Add(size)
	}
	for ; c.second(t) <= length; t = t.Add(size) {
		out = append(out, c.second(t))
	}
	return out
}

// label writes a moment: the time of the day, the day at midnight.
func (c *clock) label(second float64) string { return momentSays(c.at(second)) }

func momentSays(t time.Time) string {
	t = t.UTC().Round(time.Second)
	switch {
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format("2 Jan")
	case t.Second() != 0:
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

// recordedSays writes a moment of a recording: with its day where the recording has several.
func recordedSays(r *compare.Recorded, offset time.Duration) string {
	t := r.At(offset).UTC()
	if r.Last.Sub(r.First) > 24*time.Hour {
		return t.Round(time.Minute).Format("2 Jan 15:04")
	}
	return momentSays(t)
}
