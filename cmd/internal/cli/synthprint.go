package cli

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"reprise/fixtures/synth"
)

// print writes the spec as a file that readSpec reads.
func (s *synthSpec) print(w io.Writer) (err error) {
	say := func(format string, args ...any) {
		if _, e := fmt.Fprintf(w, format, args...); e != nil && err == nil {
			err = e
		}
	}
	say("# What reprise fixtures synth makes. A field that is left out has the value that is built in.\nversion: 1\n")
	say("seed: %d  # the same spec and seed give the same corpus, byte for byte\n\n", s.Seed)
	s.Curve.print(say)
	if s.Messages > 0 {
		say("messages: %d  # in all, peaks apart; every stretch of the curve keeps its share\n", s.Messages)
	} else {
		say("# messages: 20000  # in all, peaks apart; without it, as many as the curve says\n")
	}
	s.printPeaks(say)
	s.printBursts(say)
	mix := s.mixOrDefault()
	say("\n# How often each kind occurs, exactly; only the proportions matter.\nmix:%s\n", emptyMap(len(mix)))
	for _, name := range append(kindNames(mix), unknownKinds(mix)...) {
		say("  %s: %s\n", strconv.Quote(name), number(mix[name]))
	}
	vendors := s.Vendors
	if vendors == nil {
		vendors = synth.DefaultVendors()
	}
	say("\n# How much each vendor delivers, exactly; only the proportions matter.\nvendors:%s\n", emptyMap(len(vendors)))
	for _, name := range slices.Sorted(maps.Keys(vendors)) {
		say("  %s: %s\n", strconv.Quote(name), number(vendors[name]))
	}
	s.printRest(say)
	return err
}

// sayer prints, and remembers the first error.
type sayer func(format string, args ...any)

func (s *synthSpec) printPeaks(say sayer) {
	say("\n# Bursts on top of the curve, such as a flash sale: the rate rises straight up to the moment at, then falls to a half in\n")
	say("# each decay, eight times. Without tz, a time is one of the curve's tz.\n")
	if len(s.Peaks) == 0 {
		say("# peaks:\n#   - {at: \"2022-11-25 13:00\", tz: America/New_York, messages: 5000, rise: 20s, decay: 2m}\n")
		return
	}
	say("peaks:\n")
	for _, p := range s.Peaks {
		say("  - {at: %s, ", strconv.Quote(p.At))
		if p.TZ != "" {
			say("tz: %s, ", strconv.Quote(p.TZ))
		}
		say("messages: %d, rise: %v, decay: %v}\n", p.Messages, p.Rise, p.Decay)
	}
}

func (s *synthSpec) printBursts(say sayer) {
	say("\n# How arrivals gather. Without bursts they are Poisson. A burst has size messages in the mean, within its duration; or\n")
	say("# give the index of dispersion (variance by mean; Poisson has 1) to reach in windows of window.\n")
	b := s.Bursts
	if b == (burstSpec{}) {
		say("# bursts: {size: 4, duration: 300ms}\n# bursts: {index: 5, window: 1s, duration: 300ms}\n")
		return
	}
	say("bursts:\n  duration: %v\n", b.Duration)
	if b.Size != 0 {
		say("  size: %s\n", number(b.Size))
	}
	if b.Index != 0 {
		say("  index: %s\n", number(b.Index))
	}
	if b.Window != 0 {
		say("  window: %v\n", b.Window)
	}
}

func (s *synthSpec) printRest(say sayer) {
	p := s.People
	say("\n# A share here is a number from 0 to 1, or per cent: 0.1 or 10%%.\npeople:\n  newcomers: %s  # share of messages that are their sender's first\n", number(float64(p.Newcomers)))
	say("  exponent: %s  # else, person x of those so far writes with density x^-exponent: 0 is all alike\n", number(p.Exponent))
	say("  opted_in: %s  # share of people who are subscribed before their first message\n", number(float64(p.OptedIn)))
	say("  recipients: %d  # numbers of each vendor that people write to: a short code and long ones\n", p.Recipients)
	say("\nkeywords: [")
	for i, word := range s.Keywords {
		if i > 0 {
			say(", ")
		}
		say("%s", strconv.Quote(word))
	}
	say("]  # the brand's own\n")
	say("\n# Messages that are delivered again, on top of the others, because the answer was a 503: a share of those of vendors that do,\n")
	say("# at the vendors' intervals, at most so often; half as many twice as once, and so on. Only then have requests answers.\n")
	if s.Retries.Most == 0 {
		say("retries: {share: %s}  # most: 3 where that is not said\n", number(float64(s.Retries.Share)))
	} else {
		say("retries: {share: %s, most: %d}\n", number(float64(s.Retries.Share)), s.Retries.Most)
	}
	say("\n# Receipts, on top of the others, for answers to a share of messages; a share of these answers does not arrive. An answer has\n")
	say("# one receipt for each of its vendor's states, arrived or not: %s.\n", receiptCounts())
	say("receipts: {share: %s, failed: %s}\n", number(float64(s.Receipts.Share)), number(float64(s.Receipts.Failed)))
}

// receiptCounts says how many receipts an answer has of each vendor.
func receiptCounts() string {
	var parts []string
	for _, v := range synth.VendorNames() {
		parts = append(parts, fmt.Sprintf("%s %d", v, synth.ReceiptsPerAnswer(v)))
	}
	return strings.Join(parts, ", ")
}

func (c *curveSpec) print(say sayer) {
	say("# One of\n#   name: bfcm2022\n#   csv: FILE.csv  # of times and counts; beside this file, unless the path is absolute\n")
	say("#   constant: {rate: 50/s, for: 10m}\n#   ramp: {from: 10/s, to: 200/s, for: 10m}\n")
	say("#   diurnal: {mean: 20/s, peak: \"20:00\", amplitude: 0.8, week: {saturday: 1.3, sunday: 0.7}, days: 7}\n")
	say("# Beside one of the last three, start: \"2026-03-02 09:00\" says when it begins, %q where it is not said.\n", synth.ShapeStart().Format("2006-01-02 15:04"))
	say("# Beside any, tz: America/New_York is the zone of all times here that do not say theirs, UTC without it.\ncurve:\n")
	switch {
	case c.CSV != "":
		say("  csv: %s\n", strconv.Quote(c.CSV))
	case c.Constant != nil:
		say("  constant: {rate: %s, for: %v}\n", strconv.Quote(c.Constant.Rate), c.Constant.For)
	case c.Ramp != nil:
		say("  ramp: {from: %s, to: %s, for: %v}\n", strconv.Quote(c.Ramp.From), strconv.Quote(c.Ramp.To), c.Ramp.For)
	case c.Diurnal != nil:
		d := c.Diurnal
		say("  diurnal:\n    mean: %s\n    peak: %s\n    amplitude: %s\n    days: %d\n", strconv.Quote(d.Mean), strconv.Quote(d.Peak), number(d.Amplitude), d.Days)
		if len(d.Week) > 0 {
			say("    week:\n")
		}
		for _, day := range slices.Sorted(maps.Keys(d.Week)) {
			say("      %s: %s\n", strconv.Quote(day), number(d.Week[day]))
		}
	default:
		say("  name: %s\n", strconv.Quote(c.Name))
	}
	if c.TZ != "" {
		say("  tz: %s\n", strconv.Quote(c.TZ))
	}
	if c.Start != "" {
		say("  start: %s\n", strconv.Quote(c.Start))
	}
}

// number writes a number so that it reads back to the same.
func number(f float64) string {
	switch {
	case math.IsNaN(f):
		return ".nan"
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// emptyMap is what stands behind a map's name where nothing follows.
func emptyMap(n int) string {
	if n == 0 {
		return " {}"
	}
	return ""
}

// unknownKinds lists what of a mix is no kind, so that it is not lost from sight.
func unknownKinds(mix map[string]float64) (names []string) {
	known := kindNames(mix)
	for _, name := range slices.Sorted(maps.Keys(mix)) {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}
