package report

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"reprise/replay/cause"
)

// Again is the command that plays a run once more.
type Again struct {
	// Corpus and Target stand in it; "" leaves a placeholder.
	Corpus, Target string
	// Flags are those of the run by their names, "--time-scale", with their values; a flag that needs none has "".
	Flags map[string]string
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
		says = "play it again with one request a person at a time"
	case cause.OtherSenders:
		delete(flags, named.of("Senders"))
		says = "play it again with the recorded people, without " + named.of("Senders") + ", or with more numbers in that file"
	case cause.WithoutKind:
		kinds := kindsOf(f)
		if len(kinds) == 0 {
			return experiment{}
		}
		set("SkipKinds", strings.Join(kinds, ","))
		says = "play it again without " + listed(kinds) + " and see whether the rest is faster"
	case cause.HalfRate:
		scale, err := strconv.ParseFloat(flags[named.of("TimeScale")], 64)
		if err != nil {
			scale = 1
		}
		set("TimeScale", strconv.FormatFloat(scale/2, 'f', -1, 64))
		says = "play it again at half the rate"
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
