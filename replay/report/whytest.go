package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/cause"
	tried "reprise/replay/experiment"
)

// Tested is an experiment that was played for a cause.
type Tested struct {
	// Cause counts from 0.
	Cause int
	*tried.Trial
	*tried.Result
}

// changeSays is what a change does, for a row and for a sentence.
func (t *Tested) changeSays(c tried.Change) string {
	switch c {
	case tried.Serial:
		return "one request a person at a time"
	case tried.Shuffled:
		return "requests mixed over the same moments"
	case tried.RecordedSenders:
		return "the recorded senders"
	case tried.Without:
		return "without " + listed(t.Kinds)
	case tried.Slower:
		return "at half the rate"
	case tried.Fresh:
		return "fresh message ids"
	case tried.Turned:
		return "each recipient's messages to the next one's number"
	case tried.NewPeople:
		return "people that the target does not know"
	case tried.Known:
		return "the same people once more"
	}
	return "as it was"
}

// part tells the test with its evidence.
func (t *Tested) part(list []cause.Finding) part {
	f := &list[t.Cause]
	p := part{Title: fmt.Sprintf("Test of cause %d: %s", CauseNumber(list, t.Cause), strings.ToUpper(string(t.Result.Verdict)))}
	p.Notes = t.says()
	if len(t.Trial.Changes) == 0 {
		return p
	}
	shares := isShare(f.Measure)
	p.Table = &table{Head: cells("runs", "requests", "count", t.slowHead(f)), Left: 2}
	if !shares {
		p.Table.Head = append(p.Table.Head, "p50", "p90")
	}
	group := groupOf(f)
	for _, o := range append([]tried.Outcome{t.Control}, t.Changed...) {
		for _, s := range []struct {
			name string
			tried.Side
		}{{group, o.Hit}, {"the others", o.Rest}} {
			if s.Requests == 0 {
				continue
			}
			c := cells(t.changeSays(o.Change), s.name, count(s.Requests), share(s.Slow))
			if !shares {
				for _, d := range []time.Duration{s.Times.P50, s.Times.P90} {
					if d < 0 {
						c = append(c, "never")
						continue
					}
					c = append(c, wording.Duration(d))
				}
			}
			p.Table.Rows = append(p.Table.Rows, c)
		}
	}
	for _, o := range t.Changed {
		p.After = append(p.After, fmt.Sprintf("%s: %s of the effect is left (%s to %s, 95 %% interval by blocks of time).",
			capital(t.changeSays(o.Change)), percent(o.Left), percent(o.Low), percent(o.High)))
	}
	if t.Unfaithful > 0 {
		p.After = append(p.After, fmt.Sprintf("In %s of %d runs the tool did not send as planned: play it again from a machine that has nothing else to do.", count(int64(t.Unfaithful)), len(t.Plays)))
	}
	return p
}

// slowHead heads the column of what is compared.
func (t *Tested) slowHead(f *cause.Finding) string {
	if isShare(f.Measure) {
		return strings.TrimPrefix(measureOf(f.Measure).verb, "were ")
	}
	return "over " + wording.Duration(t.Slower)
}

// percent writes a part of an effect; a tenfold one or more is not told apart.
func percent(v float64) string {
	if v >= 10 {
		return "1000 % or more"
	}
	return fmt.Sprintf("%.0f %%", math.Abs(v)*100)
}

// says is what the test comes to.
func (t *Tested) says() []string {
	switch t.Result.Verdict {
	case tried.NotSeen:
		if len(t.Changed) == 0 && len(t.Trial.Changes) == 0 {
			return []string{"The same was played again, and the effect was not found: it may have been chance, or something else at that moment."}
		}
		if t.Control.Change == tried.NewPeople {
			return []string{"People that the target does not know do not show the effect: it is not that they are new, or the target is in another state now."}
		}
		return []string{"It cannot be told: the run as it was does not show the effect again. It may have been chance, or the target is in another state now."}
	case tried.CannotTell:
		if len(t.Trial.Changes) == 0 {
			return []string{fmt.Sprintf("The same was played again, and the effect was found in %d of %d runs.", t.Again, len(t.Plays))}
		}
		return []string{"It cannot be told: the effect became smaller or larger, but it may as well have stayed or gone. More rounds (--rounds) would tell."}
	}
	if len(t.Changed) == 0 {
		return []string{fmt.Sprintf("The same was played again, and the effect was found in %d of %d runs: it is no chance.", t.Again, len(t.Plays))}
	}
	var out []string
	for _, o := range t.Changed {
		if text := t.outcomeSays(&o); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// outcomeSays is what one change says.
func (t *Tested) outcomeSays(o *tried.Outcome) string {
	gone := o.High < 0.5
	stays := o.Low > 0.5
	what := "With " + t.changeSays(o.Change)
	if o.Change == tried.Slower || o.Change == tried.Without {
		what = capital(t.changeSays(o.Change))
	}
	switch {
	case gone && t.Finding.Pattern == cause.RepeatSlow:
		return what + " the effect goes away: requests of one person wait for each other."
	case stays && t.Finding.Pattern == cause.RepeatSlow:
		return what + " the effect stays with these requests: none waits for another, and it is that it was done before."
	case gone && t.Stays:
		return what + " the effect goes away: it is not what these requests are, but what comes with them."
	case gone && o.Change == tried.Shuffled && t.Finding.Try == cause.SerialSenders:
		return what + " it is no longer these that are slow: it is how shortly one follows the other."
	case gone && o.Change == tried.Known:
		return what + " the effect goes away: it is that the target does not know them."
	case gone:
		return what + " the effect goes away."
	case stays && t.Stays:
		return what + " the effect stays with these requests: they are slow wherever they come."
	case stays && o.Change == tried.Serial:
		return what + " the effect stays: it is no lock that is held until the answer."
	case stays:
		return what + " the effect stays."
	}
	return what + " it cannot be told."
}

// testedJSON is a test as JSON has it.
type testedJSON struct {
	// Cause is the place of the cause, from 1.
	Cause   int           `json:"cause"`
	Verdict tried.Verdict `json:"verdict"`
	Says    string        `json:"says"`
	Slower  time.Duration `json:"slower_than_ns,omitempty"`
	Runs    []outcomeJSON `json:"runs"`
	// Again is in how many runs a cause was found anew that nothing was changed for.
	Again *int `json:"found_again,omitempty"`
	// Unfaithful counts the runs in which the tool did not send as planned.
	Unfaithful int `json:"unfaithful"`
}

type outcomeJSON struct {
	Change string   `json:"change"`
	With   sideJSON `json:"with"`
	Others sideJSON `json:"others"`
	Left   float64  `json:"effect_left"`
	Low    float64  `json:"effect_left_low"`
	High   float64  `json:"effect_left_high"`
}

type sideJSON struct {
	Requests int64         `json:"requests"`
	Slow     float64       `json:"slow"`
	P50      time.Duration `json:"p50"`
	P90      time.Duration `json:"p90"`
	P99      time.Duration `json:"p99"`
}

func (t *Tested) json(list []cause.Finding) *testedJSON {
	if t == nil {
		return nil
	}
	out := &testedJSON{Cause: CauseNumber(list, t.Cause), Verdict: t.Result.Verdict, Says: strings.Join(t.says(), " "), Slower: t.Slower, Unfaithful: t.Unfaithful}
	side := func(s tried.Side) sideJSON {
		return sideJSON{s.Requests, s.Slow, s.Times.P50, s.Times.P90, s.Times.P99}
	}
	if len(t.Trial.Changes) == 0 {
		out.Again, out.Runs = &t.Again, []outcomeJSON{}
		return out
	}
	for _, o := range append([]tried.Outcome{t.Control}, t.Changed...) {
		out.Runs = append(out.Runs, outcomeJSON{o.Change.String(), side(o.Hit), side(o.Rest), finite(o.Left), finite(o.Low), finite(o.High)})
	}
	return out
}
