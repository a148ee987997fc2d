package report

import (
	"fmt"

	"reprise/capture/wording"
	"reprise/replay/cause"
)

// pattern is what a cause usually is, in words.
type pattern struct {
	// code is its name in JSON.
	code string
	// title names it, happens says as a clause what happens where no rule says who is hit, and usually is a sentence of its own.
	title, happens, usually string
}

// patternOf words the pattern of a finding.
func patternOf(f *cause.Finding) pattern {
	if p, ok := ownPattern(f); ok {
		return p
	}
	if p, ok := timePattern(f); ok {
		return p
	}
	return groupPattern(f)
}

// usually makes the sentence.
func usually(what string) string { return "That is usually " + what + "." }

// groupPattern words what hits a group of requests.
func groupPattern(f *cause.Finding) pattern {
	make := func(code, title, happens, more string) pattern {
		return pattern{code, title, happens, usually(title + more)}
	}
	switch f.Pattern {
	case cause.PersonRace:
		return make("person_race", "a lock or a race per person", "messages of one person wait for each other", "")
	case cause.RecipientLock:
		return make("recipient_lock", "a lock or a race per recipient", "messages to one recipient wait for each other", "")
	case cause.SlowRecipient:
		return make("slow_recipient", "something that this recipient alone has", "a recipient is slow", ": its data, its settings, or a system of its own behind it")
	case cause.SlowKind:
		return make("slow_kind", "work that this kind alone needs", "a kind is slow", "")
	case cause.OneConsumer:
		return make("one_consumer", servers(f, "consumer")+" for this kind", "a kind waits for its consumers", "")
	case cause.SharedPool:
		return make("shared_pool", "one pool of workers that several kinds share", "several kinds wait for one pool", "")
	case cause.Queue:
		return make("queue", "a queue with "+servers(f, "server"), "requests wait in a queue", "")
	case cause.SharedCPU:
		return make("shared_cpu", "a processor that all requests share", "the more requests are in flight, the slower all are", ", or something else of which there is one for all")
	case cause.FirstSeen:
		return make("first_seen", "what is looked up or stored for a new person", "a person's first request is slow", "")
	case cause.NewConnections:
		return make("new_connections", "the cost of a new connection", "requests on new connections are slow", ": TCP, TLS, or what a proxy does for each")
	case cause.LargePayload:
		return make("large_payload", "work that grows with the size of a request", "large requests are slow", "")
	case cause.RepeatSlow:
		return make("repeat_slow", "work for what was done before", "the same again is slow", ", such as to subscribe a person who is subscribed already")
	case cause.FollowsFigure:
		return pattern{"follows_figure", "it goes with a figure of your platform", "times go with " + f.Series, leads(f)}
	}
	happens := "some requests are slow"
	if f.Span != (cause.Span{}) {
		happens += " " + stallSpan(f)
	}
	return pattern{"unexplained", "a group of slow requests", happens, "It is not known what that usually is."}
}

// servers says how many serve a queue, or that there are too few.
func servers(f *cause.Finding, noun string) string {
	switch {
	case f.Servers == 1:
		return "one " + noun
	case f.Servers > 1:
		return "at most about " + wording.Count(int64(f.Servers), noun)
	}
	return "too few " + noun + "s"
}

// leads says of a watched figure that it is a correlation, and which of the two comes first.
func leads(f *cause.Finding) string {
	text := "That is a correlation: one may cause the other, or a third thing both."
	switch {
	case f.Leads > 0:
		text += fmt.Sprintf(" The figure goes ahead by %s.", wording.Duration(f.Leads))
	case f.Leads < 0:
		text += fmt.Sprintf(" The figure follows after %s, so it is more likely an effect.", wording.Duration(-f.Leads))
	}
	return text
}

// timePattern words changes over time.
func timePattern(f *cause.Finding) (pattern, bool) {
	span := stallSpan(f)
	switch f.Pattern {
	case cause.Stall:
		return pattern{
			"stall", "a stall of everything", span + " everything stood still",
			usually("something that stops all work: a garbage collection, a lock that all need, a disk"),
		}, true
	case cause.Periodic:
		often := "again and again"
		if f.Period > 0 {
			often = "every " + spell(f.Period)
		}
		return pattern{
			"periodic", "stalls at a period", often + " requests are slow for a while",
			usually("something that runs on a schedule: a flush, a checkpoint, a clean-up"),
		}, true
	case cause.Drift:
		return pattern{
			"drift", "slower and slower", "requests became slower and slower " + overRun(f),
			usually("something that grows: a leak, a table without an index, a backlog"),
		}, true
	case cause.Step:
		return pattern{
			"step", "slower from one moment on", span + " everything is slower",
			usually("something that changed at that moment: a release, a lost machine, another job, a limit that was reached"),
		}, true
	case cause.ColdStart:
		return pattern{
			"cold_start", "slow at first", span + " everything is slow",
			usually("what has to warm up: caches, pools of connections, code"),
		}, true
	}
	return pattern{}, false
}

// stallSpan words the span of a finding: of several stalls it goes from the first to the last.
func stallSpan(f *cause.Finding) string {
	span := stretchOfRun(f.Span)
	if comesAndGoes(f.Pattern) && f.Span.To-f.Span.From > 4*f.With.P99 {
		return "now and then " + span
	}
	return span
}

// ownPattern words what is the tool's or the test's own.
func ownPattern(f *cause.Finding) (pattern, bool) {
	switch f.Pattern {
	case cause.TooFewSenders:
		return pattern{
			"too_few_senders", "too few people send", "the requests are of too few people",
			"So this may be of the test alone: messages of one person collide that real traffic spreads over many.",
		}, true
	case cause.KindsInBatches:
		return pattern{
			"kinds_in_batches", "kinds in batches", "kinds come in batches, many of one and then many of the next",
			"So this may be of the test alone: real traffic mixes its kinds.",
		}, true
	case cause.RepeatedIDs:
		return pattern{
			"repeated_ids", "message ids that repeat", "message ids were sent more than once",
			"So the target may have answered from what it had seen, or refused it: real messages have ids of their own.",
		}, true
	case cause.ClockStepped:
		return pattern{
			"clock_stepped", "a clock that was set", "a clock was set during the run",
			"So times across that moment are wrong, and say nothing of the target.",
		}, true
	case cause.ToolStarved:
		happens := "the tool was kept from running"
		if f.Span != (cause.Span{}) {
			happens += " " + stallSpan(f)
		}
		usually := "Other processes had the processors of the tool's machine, or it was stopped: "
		if f.Measure == cause.Lag {
			usually += "this says nothing of the target."
		} else {
			usually += "what the target added to it cannot be told from it here."
		}
		return pattern{"tool_starved", "the tool was kept from running", happens, usually}, true
	case cause.CapFull:
		return pattern{
			"cap_full", "every in-flight slot was taken", "every in-flight slot was taken",
			"So requests waited within the tool for a slot: the target answered too slowly for so few slots.",
		}, true
	}
	return pattern{}, false
}
