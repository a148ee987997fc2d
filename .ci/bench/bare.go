package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bareConnections is how many connections the bare loop takes in turn.
const bareConnections = 64

// bareRole sends one request again and again at a constant rate: a thread that sleeps until a moment, writes, and does nothing else. How late it
// is, this machine makes everybody. Its arguments are the address, the rate and how long.
func bareRole(ctx context.Context, args []string, _ io.Writer) error {
	if len(args) != 3 {
		return errors.New("bare: give an address, a rate and a time")
	}
	addr, err := netip.ParseAddrPort(args[0])
	rate, rateErr := strconv.ParseFloat(args[1], 64)
	length, lengthErr := time.ParseDuration(args[2])
	if err := errors.Join(err, rateErr, lengthErr); err != nil {
		return err
	}
	var fds []int
	for range bareConnections {
		fd, err := bareConn(addr)
		if err != nil {
			return err
		}
		fds = append(fds, fd)
	}
	runtime.GOMAXPROCS(1) // what Go preempts goes on at once on the same thread
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	if attr, err := unix.SchedGetAttr(0, 0); err == nil && attr.Policy == unix.SCHED_NORMAL {
		attr.Runtime = uint64(100 * time.Microsecond)
		_ = unix.SchedSetAttr(0, attr, 0)
	}
	body := fixedForm()
	request := fmt.Appendf(nil, "POST /webhooks/twilio/sms HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", addr, len(body), body)
	return bareLoop(ctx, fds, request, rate, int(rate*length.Seconds()))
}

func bareConn(addr netip.AddrPort) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	return fd, errors.Join(unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
}

// bareLoop makes its system calls behind the back of Go's scheduler, which else takes part in each sleep.
func bareLoop(ctx context.Context, fds []int, request []byte, rate float64, n int) error {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return err
	}
	start, answer := now.Nano()+int64(10*time.Millisecond), make([]byte, 4<<10)
	for i := range n {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		fd := uintptr(fds[i%len(fds)])
		_, _, _ = unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&answer[0])), uintptr(len(answer)), unix.MSG_DONTWAIT, 0, 0)
		at := unix.NsecToTimespec(start + int64(float64(i)*1e9/rate))
		for {
			_, _, errno := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&at)), 0, 0, 0)
			if errno != unix.EINTR {
				break
			}
		}
		if _, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&request[0])), uintptr(len(request)), unix.MSG_NOSIGNAL, 0, 0); errno != 0 {
			return errno
		}
	}
	time.Sleep(100 * time.Millisecond) // the last answers
	return nil
}
