package replay

import (
	"runtime"
	"runtime/debug"
	"time"
)

// usage is what this process has taken of its machine.
type usage struct {
	at      time.Time
	cpu     time.Duration
	cpuWait time.Duration
	gcPause time.Duration
	gcWorst time.Duration
	gcCount int64
}

func usageNow() usage {
	var gc debug.GCStats
	debug.ReadGCStats(&gc)
	return usage{at: time.Now(), cpu: cpuTime(), cpuWait: cpuWait(), gcPause: gc.PauseTotal, gcCount: gc.NumGC}
}

// since returns what was taken since an earlier moment.
func (u usage) since(v usage) usage {
	var gc debug.GCStats
	debug.ReadGCStats(&gc)
	for i := range min(int64(len(gc.Pause)), gc.NumGC-v.gcCount) {
		u.gcWorst = max(u.gcWorst, gc.Pause[i])
	}
	u.cpu -= v.cpu
	u.cpuWait = max(u.cpuWait-v.cpuWait, 0)
	u.gcPause -= v.gcPause
	u.gcCount -= v.gcCount
	return u
}

// stats gathers what the run says of itself.
func (r *run) stats() Stats {
	s := Stats{
		MaxInFlight: r.o.MaxInFlight, RecorderWait: r.shelf.waited, RecorderBehind: int64(r.shelf.most), SourceWait: r.source, Thinned: r.thinned, AddedIn: r.addedIn,
		CPU: r.usage.cpu, CPUWait: r.usage.cpuWait, CPUs: float64(runtime.GOMAXPROCS(0)),
		GCPause: r.usage.gcPause, GCPauseMax: r.usage.gcWorst,
	}
	if !r.start.IsZero() {
		s.Elapsed = r.now()
	}
	if r.o.Control != nil {
		r.o.Control.detach(s.Elapsed, &s)
	}
	for _, l := range r.lanes {
		s.add(l.shares())
	}
	stood := r.halt.told()
	stood.Sent, stood.Rate = s.Standstills.Sent, s.Standstills.Rate
	s.Standstills, s.Asleep = stood, r.asleep
	return s
}

// add adds a lane's statistics.
func (s *Stats) add(o Stats) {
	s.AtCap += o.AtCap
	s.CapWait += o.CapWait
	s.PeakInFlight += o.PeakInFlight
	s.Late.Cap += o.Late.Cap
	s.Late.Sender += o.Late.Sender
	s.Late.Render += o.Late.Render
	s.Late.Stall += o.Late.Stall
	s.Held.Cap += o.Held.Cap
	s.Held.Sender += o.Held.Sender
	s.Held.Render += o.Held.Render
	s.Held.Stall += o.Held.Stall
	s.Retries += o.Retries
	s.Thinking.Held += o.Thinking.Held
	s.Thinking.Longest = max(s.Thinking.Longest, o.Thinking.Longest)
	s.Standstills.Sent += o.Standstills.Sent
	s.Standstills.Rate = max(s.Standstills.Rate, o.Standstills.Rate)
	s.LongestStall = max(s.LongestStall, o.LongestStall)
	s.ServiceAtCap = max(s.ServiceAtCap, o.ServiceAtCap)
	s.ServiceFree = max(s.ServiceFree, o.ServiceFree)
}

// Then returns the statistics of a run and of the one that followed it, as those of one run. Changes, notes and pauses are the first's.
func (s Stats) Then(o Stats) Stats {
	peak := max(s.PeakInFlight, o.PeakInFlight)
	s.add(o)
	s.PeakInFlight, s.MaxInFlight, s.CPUs = peak, o.MaxInFlight, o.CPUs
	s.RecorderWait += o.RecorderWait
	s.RecorderBehind = max(s.RecorderBehind, o.RecorderBehind)
	s.SourceWait += o.SourceWait
	s.CPU += o.CPU
	s.Elapsed += o.Elapsed
	s.CPUWait += o.CPUWait
	s.GCPause += o.GCPause
	s.GCPauseMax = max(s.GCPauseMax, o.GCPauseMax)
	return s
}
