//go:build !linux && !darwin

package control

import "net"

// fromOwn returns true: this system does not tell, and the socket is in a folder that nobody else can enter.
func fromOwn(net.Conn) bool { return true }
