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
	// Knots are the moments between which the tempo is even, where it is not so throughout: the run's second and the recorded
	// milliseconds since 1970, both in order. First and Scale are then of the whole.
	Knots [][2]float64 `json:"knots,omitempty"`
	// Zone is in which moments are written, as far as it is known: its name, and the minutes that it is ahead of UTC.
	Zone   string `json:"zone,omitempty"`
	Offset int    `json:"offset,omitempty"`
}

func clockOf(r *compare.Recorded) *clock {
	if r == nil {
		return nil
	}
	return &clock{First: r.First.UnixMilli(), Scale: float64(r.Last.Sub(r.First)) / float64(r.Took)}
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
	ms := float64(c.First) + second*1000*c.Scale
	if len(c.Knots) > 1 {
		ms = between(c.Knots, second, 0)
	}
	return time.UnixMilli(int64(math.Round(ms))).In(time.FixedZone(c.Zone, c.Offset*60))
}

// second is the inverse of at.
func (c *clock) second(t time.Time) float64 {
	ms := float64(t.UnixMilli())
	if len(c.Knots) > 1 {
		return between(c.Knots, ms, 1)
	}
	return (ms - float64(c.First)) / 1000 / c.Scale
}

// between finds a value of one column between the knots, and beyond them, and tells that of the other.
func between(knots [][2]float64, v float64, column int) float64 {
	i := 1
	for i < len(knots)-1 && knots[i][column] < v {
		i++
	}
	a, b := knots[i-1], knots[i]
	return a[1-column] + (v-a[column])/(b[column]-a[column])*(b[1-column]-a[1-column])
}

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
	first := c.at(0)
	span := c.at(length).Sub(first)
	size := clockSteps()[len(clockSteps())-1]
	for _, s := range clockSteps() {
		if span/s <= most {
			size = s
			break
		}
	}
	ahead := time.Duration(c.Offset) * time.Minute // whole moments are whole in the zone
	t := first.Add(ahead).Truncate(size).Add(-ahead)
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

// says is label with the day, where a run plays more than one of them.
func (c *clock) says(second, length float64) string {
	at, text := c.at(second), c.label(second)
	if day := at.Round(time.Second).Format("2 Jan"); c.at(length).Sub(c.at(0)) > 24*time.Hour && text != day {
		return day + " " + text
	}
	return text
}

func momentSays(t time.Time) string {
	t = t.Round(time.Second)
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
