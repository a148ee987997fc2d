package replay

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// cpuWait is the time for which this process's threads could run and had no processor, from the second field of
// /proc/self/task/*/schedstat (Linux, Documentation/scheduler/sched-stats.rst); 0 where the kernel does not tell.
func cpuWait() (sum time.Duration) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0
	}
	for _, t := range tasks {
		text, err := os.ReadFile("/proc/self/task/" + t.Name() + "/schedstat")
		if err != nil {
			continue // the thread has ended
		}
		if fields := bytes.Fields(text); len(fields) >= 2 {
			ns, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			sum += time.Duration(ns)
		}
	}
	return sum
}
