//go:build !linux

package replay

import "time"

// asleep returns 0: this system does not tell.
func asleep() time.Duration { return 0 }
