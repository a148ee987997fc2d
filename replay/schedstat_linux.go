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

// cpuSteal is the time for which the host ran something else while this machine's processors had work, summed over them: the eighth figure
// of the first line of /proc/stat (proc_stat(5)); 0 where the kernel does not tell.
func cpuSteal() time.Duration {
	f, err := os.Open("/proc/stat")
	if err != nil {
		return 0
	}
	defer f.Close()
	var line [512]byte // the first line has ten figures of 20 digits at most
	n, _ := f.Read(line[:])
	return stealOf(line[:n])
}

// tick is the unit of /proc/stat: a hundredth of a second, as Linux tells user space on every machine that Go runs on.
const tick = 10 * time.Millisecond

// stealOf reads the first line of /proc/stat.
func stealOf(stat []byte) time.Duration {
	line, _, _ := bytes.Cut(stat, []byte{'\n'})
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return 0
	}
	ticks, _ := strconv.ParseInt(string(fields[8]), 10, 64)
	return time.Duration(ticks) * tick
}
