//go:build !linux

package replay

import "time"

// cpuWait is not known here.
func cpuWait() time.Duration { return 0 }

// cpuSteal is not known here.
func cpuSteal() time.Duration { return 0 }
