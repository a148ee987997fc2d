package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// anyCPU leaves a child where the kernel puts it.
const anyCPU = -1

// job is a child that runs to its end.
type job struct {
	argv   []string
	cpu    int // anyCPU, or the one it may use
	env    []string
	stdin  io.Reader
	dir    string
	limit  time.Duration             // the longest it may take; 0 = 5 minutes
	during func(process *os.Process) // called once it runs; beside it
	gentle bool                      // when ctx ends it is interrupted, and has a minute to write what it has
}

// used is what a finished child cost.
type used struct {
	user, system, wall time.Duration
	exit               int   // -1: killed
	peak               int64 // bytes of memory, at most
	hung               bool
	out, err           string
}

func (u used) cpu() time.Duration { return u.user + u.system }

// complaint is the first line of stderr that says something.
func (u used) complaint() string {
	for line := range strings.Lines(u.err) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return fmt.Sprintf("exit %d", u.exit)
}

// do runs a job to its end. That it failed is in used, not in the error.
func do(ctx context.Context, j job) (used, error) {
	limit := j.limit
	if limit == 0 {
		limit = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, j.argv[0], j.argv[1:]...)
	cmd.WaitDelay = time.Second
	if j.gentle {
		cmd.WaitDelay = time.Minute
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	cmd.Env = append(os.Environ(), j.env...)
	cmd.Dir, cmd.Stdin = j.dir, j.stdin
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	begin := time.Now()
	if err := start(cmd, j.cpu); err != nil {
		return used{}, err
	}
	if j.during != nil {
		done := make(chan struct{})
		go func() { defer close(done); j.during(cmd.Process) }()
		defer func() { <-done }()
	}
	err := cmd.Wait()
	u := used{wall: time.Since(begin), out: out.String(), err: errs.String(), exit: cmd.ProcessState.ExitCode()}
	u.user, u.system = cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime()
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.peak = r.Maxrss * 1024
	}
	u.hung = errors.Is(ctx.Err(), context.DeadlineExceeded)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && !u.hung {
		return u, err
	}
	return u, nil
}

// start starts a command on one CPU: a child inherits the affinity of the thread that forks it.
func start(cmd *exec.Cmd, cpu int) error {
	if cpu == anyCPU || runtime.NumCPU() < 2 {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("read the affinity: %w", err)
	}
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("pin to CPU %d: %w", cpu, err)
	}
	err := cmd.Start()
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}

// server is a child in one of this program's own roles: it prints the address it listens on, and ends when its
// stdin does, after a line that says what it saw.
type server struct {
	addr   string
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
}

// serve starts this program in a role.
func serve(ctx context.Context, cpu int, role ...string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, role...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := start(cmd, cpu); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, stdin: in, stdout: bufio.NewReader(out)}
	line, err := s.stdout.ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: it did not start", role[0]), s.cmd.Wait())
	}
	s.addr = strings.TrimSpace(line)
	return s, nil
}

// stop ends the server and returns its last words.
func (s *server) stop() (string, error) {
	end := time.AfterFunc(10*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer end.Stop()
	err := s.stdin.Close()
	rest, readErr := io.ReadAll(s.stdout)
	return string(rest), errors.Join(err, readErr, s.cmd.Wait())
}

// untilStdinEnds blocks until the parent closes this child's stdin, or ctx ends.
func untilStdinEnds(ctx context.Context) {
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = io.Copy(io.Discard, os.Stdin) }()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// burnRole keeps a CPU busy with several loops (4), each of which weighs as much as three of its neighbours, or is as nice as the second argument says.
func burnRole(ctx context.Context, args []string, out io.Writer) error {
	loops, nice := 4, -5
	if len(args) > 0 {
		if _, err := fmt.Sscan(args[0], &loops); err != nil {
			return fmt.Errorf("burn: loops: %w", err)
		}
	}
	if len(args) > 1 {
		if _, err := fmt.Sscan(args[1], &nice); err != nil {
			return fmt.Errorf("burn: nice: %w", err)
		}
	}
	runtime.GOMAXPROCS(loops + 1)
	for range loops {
		go func() {
			runtime.LockOSThread()
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, unix.Gettid(), nice) // as root; else they are as nice as we
			for n := 0; ctx.Err() == nil; n++ {
				for range 1 << 20 {
					n ^= n << 1
				}
			}
		}()
	}
	fmt.Fprintln(out, "burning")
	untilStdinEnds(ctx)
	return nil
}
