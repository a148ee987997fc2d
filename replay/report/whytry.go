package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/cause"
	tried "reprise/replay/experiment"
	"reprise/replay/pace"
	"reprise/replay/results"
)

// Again is the command that plays a run once more.
type Again struct {
	// Corpus and Target stand in it; "" leaves a placeholder.
	Corpus, Target string
	// Flags are those of the run by their names, "--time-scale", with their values; a flag that needs none has "".
	Flags map[string]string
	// Senders and Recipients say that the run was given numbers of people, and of recipients, by files that it does not name.
	Senders, Recipients bool
	// Slots is how many in-flight slots the run had; 0 is not known.
	Slots int
	// Given are further words of the command that looks for why: files of completions and of figures.
	Given []string
}

// experiment is a change to the run: what to do, in words, and the command.
type experiment struct{ says, command string }

// experimentOf words the experiment that would confirm or refute a finding. Beside options of sessions it asks for the name of Target.
func (a *Again) experimentOf(f *cause.Finding, named Named) experiment {
	flags := maps.Clone(a.Flags)
	if flags == nil {
		flags = make(map[string]string)
	}
	set := func(option, value string) { flags[named.of(option)] = value }
	says := ""
	switch f.Try {
	case cause.SerialSenders:
		set("PerSender", "serial")
		if f.Pattern == cause.RepeatSlow {
			set("Senders", "FILE")
			return experiment{"play it again with people that the target has not seen, by a FILE of their numbers, one request a person at a time: a lock goes away by that, and what was done before stays", a.command(flags, named)}
		}
		says = "play it again with one request a person at a time"
	case cause.OtherSenders:
		return a.otherSenders(f, flags, named)
	case cause.WithoutKind:
		kinds := kindsOf(f)
		if len(kinds) == 0 {
			return experiment{}
		}
		set("SkipKinds", strings.Join(kinds, ","))
		says = "play it again without " + listed(kinds) + " and see whether the rest is faster"
	case cause.HalfRate:
		if f.Pattern == cause.CapFull && a.Slots > 0 {
			slots := results.OpenSlots(a.Slots)
			set("MaxInFlight", strconv.Itoa(slots))
			return experiment{"play it again with " + count(int64(slots)) + " in-flight slots and see whether requests are sent in time", a.command(flags, named)}
		}
		scale, err := strconv.ParseFloat(flags[named.of("TimeScale")], 64)
		if err != nil {
			scale = 1
		}
		set("TimeScale", strconv.FormatFloat(scale/2, 'f', -1, 64))
		halve(flags, named)
		says = "play it again at half the rate"
		if shape := named.of("Shape"); flags[shape] != "" {
			slow, ok := pace.Slower(flags[shape], 2)
			if !ok {
				slow, says = "FILE", "play it again at half the rate, by a FILE of its steps with half their time-scales and rates"
			}
			set("Shape", slow)
		}
	case cause.ShuffleKinds:
		set("ShuffleKinds", "")
		says = "play it again with the kinds mixed"
	case cause.FreshIDs:
		delete(flags, named.of("KeepIDs"))
		says = "play it again with fresh message ids, without " + named.of("KeepIDs")
	case cause.OtherMachine:
		says = "play it again from a machine that has nothing else to do"
	case cause.SameAgain:
		says = "play the same again and see whether it comes back"
	case cause.OtherRecipients:
		set("Recipients", "FILE")
		says = "play it again with other recipients, by a FILE of their numbers"
	case cause.RestedTarget:
		says = "restart the target, or let it rest, and play the same again"
	default:
		return experiment{}
	}
	return experiment{says, a.command(flags, named)}
}

// halve gives what is beside the tempo in half the rate: a drain twice the time, and a cap on the rate half of it.
func halve(flags map[string]string, named Named) {
	drain, most := named.of("Drain"), named.of("MaxRate")
	if d, err := time.ParseDuration(flags[drain]); err == nil {
		flags[drain] = wording.Compact(2 * d)
	}
	if v, err := pace.ParseRate(flags[most]); err == nil && v > 0 {
		flags[most] = strconv.FormatFloat(v/2, 'f', -1, 64) + "/s"
	}
}

// otherSenders words the experiment of other people: of those that the target does not know yet, or of more.
func (a *Again) otherSenders(f *cause.Finding, flags map[string]string, named Named) experiment {
	senders := named.of("Senders")
	switch {
	case f.Pattern == cause.FirstSeen:
		flags[senders] = "FILE"
		return experiment{"play it again with people that the target has not seen, by a FILE of their numbers (those of this run it knows by now)", a.command(flags, named)}
	case a.Senders:
		delete(flags, senders)
		return experiment{"play it again with the recorded people, without " + senders + ", or with more numbers in that file", a.command(flags, named)}
	}
	other := *a
	other.Corpus = "OTHER.rpz"
	return experiment{"play a corpus of more people", other.command(flags, named)}
}

// given is what of the run decides which causes can be tested.
func (y *Why) given() tried.Given {
	_, keeps := y.Again.Flags[y.Named.of("KeepIDs")]
	return tried.Given{Senders: y.Again.Senders, Recipients: y.Again.Recipients, KeepIDs: keeps}
}

// test is the command that has a cause tested, counted from 0; "" where none would tell.
func (y *Why) test(i int) string {
	f := &y.Findings[i]
	if !tried.Testable(f, y.given()) {
		return ""
	}
	text := y.command() + " " + y.Named.of("Test")
	if n := CauseNumber(y.Findings, i); n > 1 {
		text += fmt.Sprintf(" %s %d", y.Named.of("Cause"), n)
	}
	if m := f.Measure; (m == cause.CompletionTime || m == cause.NeverCompleted) && !slices.Contains(y.Again.Given, y.Named.of("Completions")) {
		text += " " + y.Named.of("Completions") + " FILE"
	}
	return text + " " + y.Named.of("Target") + " " + orElse(y.Again.Target, "URL")
}

// confirm says what would confirm or refute a cause, and the command that does it: a replay, or where none differs in one thing a test.
func (y *Why) confirm(i int) experiment {
	e := y.Again.experimentOf(&y.Findings[i], y.Named)
	if e.command == "" {
		e = experiment{"have it tested: with the requests mixed over the same moments it has to stay with these", y.test(i)}
	}
	return e
}

// ByHand says what to do to try a cause of which no run that differs from the first would tell.
func ByHand(f *cause.Finding, named Named) string {
	const compare = ", and compare the two: reprise compare run.rpr again.rpr"
	switch {
	case f.Try == cause.OtherMachine:
		return "stop what else runs on this machine, or take another; play the same there, and ask reprise why again"
	case f.Try == cause.RestedTarget:
		return "restart the target, or let it rest; play the same" + compare
	case f.Try == cause.OtherRecipients:
		return "give " + named.of("Recipients") + " a file in which the numbers have changed places; play it by hand" + compare
	case f.Pattern == cause.FirstSeen || f.Pattern == cause.RepeatSlow:
		return "give " + named.of("Senders") + " other numbers, which the target does not know yet; play it by hand" + compare
	case f.Pattern == cause.FollowsFigure:
		return "change in your platform what the figure is of; play the same" + compare
	}
	return "change it, play the same by hand" + compare
}

// kindsOf are the kinds that a rule, or else one that fits the same requests, names.
func kindsOf(f *cause.Finding) []string {
	for _, rule := range append([][]cause.Condition{f.Where}, f.Same...) {
		for _, c := range rule {
			if c.Attribute == cause.Kind {
				return c.Values
			}
		}
	}
	return nil
}

// command is the command line with those flags.
func (a *Again) command(flags map[string]string, named Named) string {
	words := []string{"reprise", "replay", orElse(a.Corpus, "CORPUS.rpz"), named.of("Target"), orElse(a.Target, "URL")}
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		words = append(words, name)
		if v := flags[name]; v != "" {
			words = append(words, shellWord(v))
		}
	}
	return strings.Join(append(words, named.of("File"), "again.rpr"), " ")
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return shellWord(s)
}

// shellWord quotes what a shell would take for something else than itself.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r < 128 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_./:,@%+=", r))
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
