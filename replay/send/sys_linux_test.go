package send

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// A thread that is made exact keeps its policy and how nice it is.
func TestExactThreadKeepsPriority(t *testing.T) {
	for _, policy := range []uint32{unix.SCHED_NORMAL, unix.SCHED_BATCH} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // and the thread ends with the goroutine
			if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: policy, Nice: 3}, 0); err != nil {
				t.Error(err)
				return
			}
			for _, change := range []func(){exactThread, ordinaryThread} {
				change()
				if attr, err := unix.SchedGetAttr(0, 0); err != nil || attr.Policy != policy || attr.Nice != 3 {
					t.Errorf("policy %d: %+v, %v", policy, attr, err)
				}
			}
		}()
		<-done
	}
}
