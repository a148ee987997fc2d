package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// sample is what one second showed of the two processes and of the clocks.
type sample struct {
	at       time.Duration // by the monotonic clock, since the first sample
	wall     int64         // ns of the wall clock
	late     time.Duration // how late the sampler itself woke up
	drift    time.Duration // of the wall clock beside the monotonic one, since the first sample
	tool     process
	receiver process
}

func (s sample) String() string {
	return fmt.Sprintf("second %.0f: tool %s, receiver %s, drift %v", s.at.Seconds(), mebibytes(s.tool.rss), mebibytes(s.receiver.rss), s.drift)
}

// process is what /proc says of one.
type process struct {
	rss int64         // bytes
	cpu time.Duration // since it began
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// readProcess fails for a process that has ended, reaped or not.
func readProcess(pid int) (p process, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return p, err
	}
	if f := bytes.Fields(b); len(f) > 1 {
		pages, _ := strconv.ParseInt(string(f[1]), 10, 64)
		p.rss = pages * int64(os.Getpagesize())
	}
	if p.rss == 0 {
		return p, fmt.Errorf("process %d has ended", pid)
	}
	b, err = os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, err
	}
	p.cpu, err = cpuOfStat(b)
	return p, err
}

// cpuOfStat adds up user and system time. The name in brackets may hold spaces, so fields count from its end.
func cpuOfStat(b []byte) (time.Duration, error) {
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 13 {
		return 0, fmt.Errorf("/proc/PID/stat has %d fields after the name", len(f))
	}
	user, err := strconv.ParseInt(string(f[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(string(f[12]), 10, 64)
	return time.Duration(user+system) * tick, err
}

// watcher samples once a second, or as often as every says. Its samples are read after watch has returned.
type watcher struct {
	receiver int // 0: there is none
	every    time.Duration
	tell     func(sample) // every five minutes
	samples  []sample
}

func newWatcher(receiver int, tell func(sample)) *watcher {
	return &watcher{receiver: receiver, every: time.Second, tell: tell}
}

// watch samples until the tool has ended.
func (w *watcher) watch(tool *os.Process) {
	start := time.Now()
	for n := 0; ; n++ {
		due := start.Add(time.Duration(n) * w.every)
		time.Sleep(time.Until(due))
		s, err := w.sample(start, due, tool.Pid)
		if err != nil {
			return
		}
		w.samples = append(w.samples, s)
		if n > 0 && n%300 == 0 {
			w.tell(s)
		}
	}
}

func (w *watcher) sample(start, due time.Time, tool int) (s sample, err error) {
	now := time.Now()
	s.at, s.late = now.Sub(start), now.Sub(due)
	s.wall = now.UnixNano()
	s.drift = time.Duration(s.wall-start.UnixNano()) - s.at
	if s.tool, err = readProcess(tool); err != nil {
		return s, err
	}
	if w.receiver != 0 {
		s.receiver, err = readProcess(w.receiver)
	}
	return s, err
}
