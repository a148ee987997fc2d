//go:build !unix

package proxy

import (
	"net"
	"time"
)

// alive says whether an idle connection is likely to be open.
func alive(_ net.Conn, since time.Time) bool { return time.Since(since) < idleUpstream }

// openFiles is how many files this process may have open: no system without that limit says another one.
func openFiles() int { return 1 << 24 }
