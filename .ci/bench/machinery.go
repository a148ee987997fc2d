package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// looped mounts a small disk of its own at dir, which can be frozen and thawed again. Needs root.
func looped(dir string) error {
	image := dir + ".image"
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(image, 16<<20); err != nil {
		return err
	}
	for _, argv := range [][]string{{"mkfs.ext4", "-q", "-F", image}, {"mount", "-o", "loop", image, dir}} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", argv[0], err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

func unlooped(dir string) error { return errors.Join(unmount(dir), os.Remove(dir+".image")) }

// unmount waits a little for the last user to let go.
func unmount(dir string) error {
	var err error
	for range 50 {
		if err = unix.Unmount(dir, 0); err != unix.EBUSY {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// The ioctls of fs.h.
const (
	fiFreeze = 0xC0045877
	fiThaw   = 0xC0045878
)

// freeze makes every write to the disk at dir wait for two seconds.
func freeze(dir string, _ *os.Process) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer func() { _ = d.Close() }()
	time.Sleep(600 * time.Millisecond)
	if unix.IoctlSetInt(int(d.Fd()), fiFreeze, 0) != nil {
		return
	}
	time.Sleep(2 * time.Second)
	_ = unix.IoctlSetInt(int(d.Fd()), fiThaw, 0)
}

// inNetwork calls f on a thread in a network namespace of its own, with a loopback and 32 ports to connect from;
// the children that f starts are in it too. The thread ends with it. Needs root.
func inNetwork(f func() error) error {
	done := make(chan error, 1) // one: the thread's only word
	go func() {
		runtime.LockOSThread() // never unlocked: the runtime then throws the thread away
		done <- func() error {
			if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("unshare the network: %w", err)
			}
			if err := loopbackUp(); err != nil {
				return fmt.Errorf("loopback: %w", err)
			}
			const ports = "/proc/sys/net/ipv4/ip_local_port_range" // that of the thread which opens it
			if err := os.WriteFile(ports, []byte("40000 40031"), 0); err != nil {
				return err
			}
			return f()
		}()
	}()
	return <-done
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// trickle is a pipe through which a file comes in forty pieces over six seconds.
func trickle(file string) (*os.File, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() { // ends when the file does, or its reader
		defer func() { _ = w.Close() }()
		piece := len(text)/40 + 1
		for len(text) > 0 {
			n := min(piece, len(text))
			if _, err := w.Write(text[:n]); err != nil {
				return
			}
			text = text[n:]
			time.Sleep(150 * time.Millisecond)
		}
	}()
	return r, nil
}
