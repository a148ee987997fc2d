package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// mostCovers is how many changes the lead tells; more than that are in the tables.
const mostCovers = 4

// coverLines say in a sentence each what changed, that of most first, and then of which it cannot be told. noun is what covers are of: "kind" or "step".
func coverLines(covers []compare.Cover, noun, latency, failed string) []string {
	var out, open []string
	for i := range covers {
		if i < mostCovers {
			out = append(out, coverSays(&covers[i], noun, latency, failed)+".")
		}
	}
	if more := len(covers) - mostCovers; more > 0 {
		out = append(out, wording.Count(more, "more change")+": see the tables.")
	}
	if len(covers) > 0 {
		open = covers[0].Open
	}
	if len(open) > 0 {
		out = append(out, "Cannot be told: "+names(open, 4, noun)+".")
	}
	return out
}

// coverSays is one change: "every kind: +10 ms (+39 to +50 %)". latency and failed say what it is of, "" for latency itself.
func coverSays(c *compare.Cover, noun, latency, failed string) string {
	s := scopeSays(c, noun)
	if c.Metric == "failed" {
		return fmt.Sprintf("%s of %s: %s points", failed, s, spread(c.Difference, roundPoints)) + mostSays(c)
	}
	if latency != "" {
		s = latency + " of " + s
	}
	var in []string
	switch {
	case c.Whole:
	case c.Upward:
		s += ", " + c.Quantiles[0] + " on"
	default:
		in = append(in, quantilesSay(c))
	}
	if c.Change != nil {
		in = append(in, spread(*c.Change, roundShare)+" %")
	}
	s += ": " + spread(c.Difference, roundDuration)
	if len(in) > 0 {
		s += " (" + strings.Join(in, "; ") + ")"
	}
	return s + mostSays(c)
}

func quantilesSay(c *compare.Cover) string {
	s := strings.Join(c.Quantiles, ", ")
	if len(c.Partly) > 0 {
		s += ", of some " + strings.Join(c.Partly, ", ")
	}
	return s
}

func mostSays(c *compare.Cover) string {
	if c.Most == "" {
		return ""
	}
	return ", " + c.Most + " the most"
}

// scopeSays names the kinds, or what else covers are of.
func scopeSays(c *compare.Cover, noun string) string {
	switch c.Scope {
	case compare.EveryKind:
		return "every " + noun
	case compare.EveryBut:
		return "every " + noun + " but " + listed(append(append([]string{}, c.Except...), c.Open...))
	case compare.AloneKind:
		return c.Kinds[0] + " alone"
	case compare.Together:
		return "all kinds together"
	}
	return names(c.Kinds, 4, noun)
}

// names lists so many names at most, and counts the others by their noun.
func names(list []string, most int, noun string) string {
	if len(list) > most {
		return listed(append(append([]string{}, list[:most-1]...), wording.Count(len(list)-most+1, "more "+noun)))
	}
	return listed(list)
}

// spread writes both ends of a range, the one nearer to 0 first, and one value where they are about the same.
func spread(i compare.Interval, write func(float64) string) string {
	near, far := i.Low, i.High
	if math.Abs(near) > math.Abs(far) {
		near, far = far, near
	}
	const same = 0.1
	if math.Abs(far-near) <= same*math.Abs(far) {
		return write((near + far) / 2)
	}
	a, b := write(near), write(far)
	if a == b {
		return a
	}
	value, unit, _ := strings.Cut(a, " ")
	if _, other, _ := strings.Cut(b, " "); unit == other {
		a = value
	}
	return a + " to " + b
}

// roundDuration writes nanoseconds with a sign and two digits: "+10 ms".
func roundDuration(ns float64) string {
	if ns == 0 {
		return "0"
	}
	unit, name := 1.0, "ns"
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Microsecond, "µs"}, {time.Millisecond, "ms"}, {time.Second, "s"}} {
		if twoDigits(math.Abs(ns)) >= float64(u.of) {
			unit, name = float64(u.of), u.name
		}
	}
	v := twoDigits(ns / unit)
	if math.Abs(v) < 10 {
		return fmt.Sprintf("%+.1f %s", v, name)
	}
	return fmt.Sprintf("%+.0f %s", v, name)
}

// roundShare writes a share in percent with a sign: "+39".
func roundShare(v float64) string {
	if p := v * 100; math.Abs(p) < 10 {
		return fmt.Sprintf("%+.1f", p)
	}
	return fmt.Sprintf("%+.0f", v*100)
}

// twoDigits rounds a value to two digits.
func twoDigits(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 1-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// roundPoints is a share in percentage points, with two digits that tell and no exponent.
func roundPoints(v float64) string {
	if p := v * 100; p >= 99.5 || p <= -99.5 {
		return fmt.Sprintf("%+.0f", p)
	}
	return fmt.Sprintf("%+.2g", v*100)
}
