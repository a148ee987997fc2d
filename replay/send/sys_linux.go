package send

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

type event = unix.EpollEvent

// poller is an epoll set with an eventfd by which other threads wake it.
type poller struct {
	fd, wakeFD int
	events     [256]event
	noPwait2   bool // the kernel is older than 5.11
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	wake, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	p := &poller{fd: fd, wakeFD: wake}
	if err := unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wake)}); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *poller) close() {
	unix.Close(p.wakeFD)
	unix.Close(p.fd)
}

// wake makes a wait return; from any thread.
func (p *poller) wake() {
	one := [8]byte{1}
	_, _ = unix.Write(p.wakeFD, one[:])
}

// calm takes the wake-ups back that have come.
func (p *poller) calm() {
	var b [8]byte
	_, _ = rawRead(p.wakeFD, b[:])
}

func (p *poller) add(fd int, gen int32, events uint32) error {
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd), Pad: gen})
}

func (p *poller) change(fd int, gen int32, events uint32) {
	_ = unix.EpollCtl(p.fd, unix.EPOLL_CTL_MOD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd), Pad: gen})
}

// poll returns what is there, without waiting and without leaving the processor to other goroutines.
func (p *poller) poll() []event {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
	if errno != 0 {
		return nil
	}
	return p.events[:n]
}

// hold is wait, but the processor stays with the goroutine. Go's scheduler ends it by a signal where it needs the goroutine to stop.
func (p *poller) hold(d time.Duration) []event {
	if p.noPwait2 {
		return p.wait(d)
	}
	ts := unix.NsecToTimespec(int64(d))
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)),
		uintptr(unsafe.Pointer(&ts)), 0, 0)
	switch errno {
	case 0:
		return p.events[:n]
	case unix.ENOSYS, unix.EPERM:
		p.noPwait2 = true
	}
	return nil
}

// wait returns what is there, or comes within a time. It is precise to the kernel's timers: epoll_pwait2 takes
// nanoseconds.
func (p *poller) wait(d time.Duration) []event {
	if !p.noPwait2 {
		ts := unix.NsecToTimespec(int64(d))
		n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)),
			uintptr(unsafe.Pointer(&ts)), 0, 0)
		switch errno {
		case 0:
			return p.events[:n]
		case unix.ENOSYS, unix.EPERM: // an old kernel, or a sandbox that does not know it
			p.noPwait2 = true
		default:
			return nil
		}
	}
	n, err := unix.EpollWait(p.fd, p.events[:], int(d/time.Millisecond)) // rounds down: the rest is polled
	if err != nil {
		return nil
	}
	return p.events[:n]
}

// rawRead and rawWrite are for sockets that do not block.
func rawRead(fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// rawSend writes without a signal where the other side is gone.
func rawSend(fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// exactThread makes the timers of this thread exact and, where the kernel lets an ordinary user ask for it (EEVDF, from Linux 6.12), has its
// turn come soon after it wakes.
func exactThread() {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	setSlice(100 * time.Microsecond)
}

// ordinaryThread takes back what exactThread did.
func ordinaryThread() {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0)
	setSlice(0)
}

// setSlice sets how long this thread runs at a time, 0 for the usual length. Its priority stays, and so does a policy that somebody gave it, which
// has no such slices.
func setSlice(d time.Duration) {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil || attr.Policy != unix.SCHED_NORMAL {
		return
	}
	attr.Runtime = uint64(d)
	_ = unix.SchedSetAttr(0, attr, 0)
}
