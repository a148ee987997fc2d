package results

import (
	"fmt"
	"math"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// What the run must say of itself before its machine is blamed.
const (
	// stalled is the shortest stop of the sending loop that is called one.
	stalled = 250 * time.Millisecond
	// held is the shortest wait for the file or the corpus that counts, and heldShare its share of the run.
	held      = 50 * time.Millisecond
	heldShare = 100
	// collecting is the shortest stop for garbage collection that is called the reason of lag.
	collecting = 5 * time.Millisecond
	// starvedShare is the part of the run for which threads waited for a processor, and busyShare the part of all its
	// processors that the tool used, from which it had too little.
	starvedShare = 4
	busyShare    = 0.9
	// workingShare is the part of one processor from which a sending loop may have been at work all the time, quietShare the
	// part of a run, 1 in 20, for which threads wait for a processor on any machine, and worstShare how much of the worst
	// lag a stop must be to be the reason of it.
	workingShare = 0.7
	quietShare   = 20
	worstShare   = 0.8
	// slowedBy is how many times longer the target takes under load than when it is free before it is called slowed down.
	slowedBy = 3
	// slowAnswer is a service time that no target should need, and enoughInFlight a cap that should do for any.
	slowAnswer     = time.Second
	enoughInFlight = 512
	// openFactor is how many times as many slots are advised, to keep the loop open.
	openFactor = 8
	// capFallback is the share of requests, 1 in 100, that must have found the cap in a run that does not say what held
	// its requests up.
	capFallback = 100
)

// The causes of lag, in a few words, that another rate or more of a processor mends.
const (
	CauseNoCPU      = "the tool had no CPU"
	CauseAllCPU     = "the tool used all of its CPU"
	CauseUnprepared = "requests were not prepared in time"
	CauseBehind     = "the sending loop was behind"
	CauseTooSlow    = "the machine did not keep up"
)

// cause is who held requests up, and how that shows: a phrase to stand after a colon, and the same in a few words.
type cause struct {
	whose Owner
	text  string
	brief string
}

// cause says who held the schedule up. What this machine did to the tool comes first, as it makes everything else late
// too; then what held up most of the late requests decides.
func (e *Evidence) cause() cause {
	if c, ok := e.machine(); ok {
		return c
	}
	l := e.held()
	top := max(l.Cap, l.Sender, l.Render, l.Stall)
	switch {
	case top == 0 && e.Stats.AtCap*capFallback >= e.Ledger.Scheduled() && e.Stats.AtCap > 0:
		return e.atCap()
	case top == 0 || top == l.Stall:
		return e.stall()
	case top == l.Render:
		return e.render()
	case top == l.Sender:
		return e.sender()
	}
	return e.atCap()
}

// machine says what this machine did to the tool, where that explains the lag.
func (e *Evidence) machine() (cause, bool) {
	s := &e.Stats
	switch {
	case e.explains(s.RecorderWait):
		return cause{Tool, fmt.Sprintf("the run file could not be written fast enough, and sending waited %s for it (at worst %s results in line); write to a faster disk",
			wording.Duration(s.RecorderWait), wording.Number(s.RecorderBehind)), "the run file was written too slowly"}, true
	case e.short() && (e.own()*10 >= e.late() || e.ownFill()):
		return e.starved()
	case e.stopped():
		return cause{Tool, fmt.Sprintf("the process was stopped for %s (SIGSTOP, a frozen container, or a machine that slept)%s",
			wording.Duration(s.LongestStall), caughtUp(s)), "the process was stopped"}, true
	}
	return cause{}, false
}

// caughtUp says how what was overdue after a stop was sent.
func caughtUp(s *replay.Stats) string {
	st := &s.Standstills
	switch {
	case st.Sent == 0:
		return ""
	case st.Rate == 0:
		return fmt.Sprintf("; %s overdue then, and sent at once, as no planned peak was known", were(st.Sent, "request"))
	}
	return fmt.Sprintf("; %s overdue then, and sent at no more than %d times the planned peak (%.0f/s)", were(st.Sent, "request"), replay.CatchUp, math.Ceil(st.Rate))
}

// explains says whether so long a wait is as long as the lag that it is to explain, and a notable part of the run.
func (e *Evidence) explains(d time.Duration) bool {
	return d >= held && d >= e.Lag.P99/2 && d*heldShare >= e.Stats.Elapsed
}

// stopped says whether the process as a whole stood still without wanting a CPU, and whether that is what made requests
// late: a stop that is short beside the worst of them is not. A loop that has too much to do falls behind as far, but works.
func (e *Evidence) stopped() bool {
	s := &e.Stats
	wanted := s.CPUWait >= s.LongestStall/2 && s.CPUWait*quietShare >= s.Elapsed
	if s.LongestStall < stalled || wanted || s.GCPauseMax >= s.LongestStall/2 || s.CPU.Seconds() >= workingShare*s.Elapsed.Seconds() {
		return false
	}
	return s.LongestStall >= e.Lag.P99/2 && (e.own()*10 >= e.late() || s.LongestStall.Seconds() >= worstShare*e.Lag.Max.Seconds())
}

// held is what held requests up, by how long it did so: one that waits seconds for a slot weighs more than one that the sending loop was a
// few milliseconds late with. A run that does not tell how long counts its requests.
func (e *Evidence) held() replay.HeldBy {
	if h := e.Stats.Held; h != (replay.HeldBy{}) {
		return h
	}
	l := &e.Stats.Late
	return replay.HeldBy{Cap: time.Duration(l.Cap), Sender: time.Duration(l.Sender), Render: time.Duration(l.Render), Stall: time.Duration(l.Stall)}
}

// late is all that held requests up, own the part of the tool's own loops.
func (e *Evidence) late() time.Duration { h := e.held(); return h.Cap + h.Sender + h.Render + h.Stall }
func (e *Evidence) own() time.Duration  { h := e.held(); return h.Render + h.Stall }

// ownFill says whether the tool itself may be why every slot was taken, as it read answers late: where it used all of its CPU, or where it
// was about as late with slots free as answers took with all of them taken. Otherwise the answers took so long, whoever waited for a CPU.
func (e *Evidence) ownFill() bool {
	s := &e.Stats
	l := &s.Late
	if s.Held == (replay.HeldBy{}) || l.Render+l.Stall == 0 || s.ServiceAtCap == 0 || s.Held.Sender > s.Held.Cap {
		return false
	}
	return e.usedAll() && (l.Render+l.Stall)*10 >= l.Cap+l.Sender+l.Render+l.Stall ||
		time.Duration(int64(e.own())/(l.Render+l.Stall))*slowedBy >= s.ServiceAtCap
}

// usedAll says whether the tool used all of the CPU that it may.
func (e *Evidence) usedAll() bool {
	s := &e.Stats
	return s.CPUs > 0 && s.Elapsed > 0 && s.CPU.Seconds() >= busyShare*s.CPUs*s.Elapsed.Seconds()
}

// short says whether the tool had too little CPU.
func (e *Evidence) short() bool {
	_, ok := e.starved()
	return ok
}

// starved says how the tool had too little CPU, if it had.
func (e *Evidence) starved() (cause, bool) {
	s := &e.Stats
	switch {
	case s.Elapsed > 0 && s.CPUWait*starvedShare >= s.Elapsed:
		return cause{Tool, fmt.Sprintf("this machine had no CPU for the tool: its threads waited %s for one in a run of %s; "+
			"another program has it, its quota is too small, or the rate is too high for this machine%s", wording.Duration(s.CPUWait), wording.Duration(s.Elapsed), caughtUp(s)), CauseNoCPU}, true
	case e.usedAll():
		return cause{Tool, fmt.Sprintf("the tool used all of the CPU that it may (%s of %s on %.3g CPUs): "+
			"give it more (GOMAXPROCS, quota), or ask for a lower rate", wording.Duration(s.CPU), wording.Duration(time.Duration(s.CPUs*float64(s.Elapsed))), s.CPUs), CauseAllCPU}, true
	}
	return cause{}, false
}

func (e *Evidence) render() cause {
	s := &e.Stats
	switch {
	case e.explains(s.SourceWait):
		return cause{Tool, fmt.Sprintf("the corpus could not be read fast enough, and nothing was in line for %s; read it from a faster disk, or not from a pipe", wording.Duration(s.SourceWait)), "the corpus was read too slowly"}
	case e.collected():
		return e.garbage()
	}
	return cause{Tool, fmt.Sprintf("%s not prepared in time; this machine is too slow for the rate, or another program had its CPU", were(s.Late.Render, "request")), CauseUnprepared}
}

func (e *Evidence) stall() cause {
	s := &e.Stats
	switch {
	case e.collected():
		return e.garbage()
	case s.LongestStall >= held:
		return cause{Tool, fmt.Sprintf("the sending loop was up to %s behind (the tool used %s of CPU and its threads waited %s for it, in a run of %s); give it more CPU, or ask for a lower rate",
			wording.Duration(s.LongestStall), wording.Duration(s.CPU), wording.Duration(s.CPUWait), wording.Duration(s.Elapsed)), CauseBehind}
	}
	return cause{Tool, "this machine did not keep up; give it more CPU, or ask for a lower rate", CauseTooSlow}
}

// collected says whether garbage collection explains the lag.
func (e *Evidence) collected() bool {
	return e.Stats.GCPauseMax > collecting && e.Stats.GCPauseMax >= e.Lag.P99/2 || e.Stats.GCPause > 0 && e.explains(e.Stats.GCPause)
}

func (e *Evidence) garbage() cause {
	return cause{Tool, fmt.Sprintf("garbage collection stopped the tool for %s in all (at worst %s); give it more memory (GOMEMLIMIT, the limit of its container)",
		wording.Duration(e.Stats.GCPause), wording.Duration(e.Stats.GCPauseMax)), "garbage collection stopped the tool"}
}

// sender is the cause where requests waited for an earlier one of the same sender.
func (e *Evidence) sender() cause {
	n := e.Stats.Late.Sender
	if text, slow := e.slowed(); slow {
		return cause{Target, fmt.Sprintf("%s requests waited for the answer to an earlier one of their sender, and %s", wording.Number(n), text), "the target slowed down"}
	}
	return cause{Tool, fmt.Sprintf("%s requests waited for the answer to an earlier one of their sender, as --per-sender serial asks, "+
		"and the target took no longer than before; the schedule asks more of these senders than one request at a time", wording.Number(n)), "requests waited for earlier ones of their sender"}
}

// thought says whether the run was longer than planned because senders waited for answers and paused.
func (e *Evidence) thought(off time.Duration) bool {
	return e.Stats.Thinking.Held > 0 && off > 0 && e.Stats.Thinking.Longest >= off/2
}

// thinking is the cause where senders waited for answers that took longer than those recorded, and then paused. No lag tells of it: the
// moment that a request is meant for follows from the answer.
func (e *Evidence) thinking() cause {
	t := &e.Stats.Thinking
	return cause{Target, fmt.Sprintf("%s held back for up to %s, as --per-sender think has a sender wait for an answer and then pause, and answers came later than recorded (or the recording has none)",
		were(t.Held, "request"), wording.Duration(t.Longest)), "senders waited for answers, and paused"}
}

// closed says what it means that all in-flight slots were taken.
func (e *Evidence) closed() string {
	return fmt.Sprintf("all %d in-flight slots (--max-in-flight) waited for answers, so that from there on the loop was closed: a request was sent as one was answered",
		e.Stats.MaxInFlight)
}

// atCap is the cause where all in-flight slots were taken.
func (e *Evidence) atCap() cause {
	s := &e.Stats
	if text, slow := e.slowed(); slow {
		return cause{Target, fmt.Sprintf("%s, and %s; to keep the loop open, raise it: --max-in-flight %d", e.closed(), text, OpenSlots(s.MaxInFlight)), "the target slowed down"}
	}
	service := e.service()
	need := int(math.Ceil(e.Peak * service.Seconds()))
	if need <= s.MaxInFlight {
		return cause{Tool, fmt.Sprintf("all %d in-flight slots were taken, though the target answers in %s as ever; raise --max-in-flight", s.MaxInFlight, wording.Duration(service)), "all places in flight were taken"}
	}
	return cause{Tool, fmt.Sprintf("--max-in-flight %d is too small for a target that answers in %s as ever: %.0f requests a second need %d at once",
		s.MaxInFlight, wording.Duration(service), e.Peak, need), "--max-in-flight is too small"}
}

// OpenSlots is how many in-flight slots are advised where so many were taken while the target slowed down.
func OpenSlots(taken int) int { return openFactor * taken }

// service is the mean time that the target takes while all slots are taken, or its median where that is not known.
func (e *Evidence) service() time.Duration {
	if e.Stats.ServiceAtCap > 0 {
		return e.Stats.ServiceAtCap
	}
	return e.Service.P50
}

// slowed says whether the target itself slowed down under the load, and how that shows.
func (e *Evidence) slowed() (string, bool) {
	s := &e.Stats
	switch {
	case s.ServiceFree > 0 && s.ServiceAtCap >= slowedBy*s.ServiceFree:
		return fmt.Sprintf("the target slowed down under the load: it takes %s where it took %s with few requests in flight", wording.Duration(s.ServiceAtCap), wording.Duration(s.ServiceFree)), true
	case e.service() >= slowAnswer && s.MaxInFlight >= enoughInFlight:
		return fmt.Sprintf("the target takes %s for an answer", wording.Duration(e.service())), true
	case s.ServiceFree == 0 && e.grew():
		return fmt.Sprintf("the target slowed down: 1 answer in 100 took %s in the first quarter of the run and %s at %s",
			wording.Duration(e.Quiet.P99), wording.Duration(e.Busy.P99), wording.Duration(e.Busy.From)), true
	}
	return "", false
}

// disturbed says whether the tool itself was held up so that the times of answers tell of it rather than of the target.
func (e *Evidence) disturbed() bool {
	if !e.lagged() {
		return false
	}
	if _, ok := e.machine(); ok {
		return true
	}
	return e.late() == 0 && e.Stats.AtCap == 0 || e.own()*2 >= e.late() && e.late() > 0
}
