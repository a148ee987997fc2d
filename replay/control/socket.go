// Package control steers a run of this user on this machine over a unix socket: a replay listens, and another process gives it
// orders, one JSON document a line, and gets a status back. [Listen] is for the replay, [Find] and [Send] are for the other.
//
// The socket is in a folder that is this user's alone. Whoever could put a socket there could answer in the name of a replay, and
// whoever could connect could steer one: so both sides look at who owns the folder and the socket, and, where the system tells,
// at who is at the other end. On Windows the folder is in the user's own temporary folder, which others cannot enter; nothing
// else is looked at there.
package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"reprise/replay"
)

// Order is what a run is told to do: "pause", "resume", "scale" with a TimeScale, "volume" with a Volume, "note" with a Text, "skip" with a length in By, "skip step", "stop", or "status", which
// changes nothing.
type Order struct {
	Do        string  `json:"do"`
	TimeScale float64 `json:"time_scale,omitempty"`
	Volume    float64 `json:"volume,omitempty"`
	Text      string  `json:"text,omitempty"`
	// By is in nanoseconds.
	By time.Duration `json:"by_ns,omitempty"`
}

// reply is what comes back.
type reply struct {
	Status replay.Status `json:"status"`
	Error  string        `json:"error,omitempty"`
}

// timeout bounds an exchange over the socket. A machine may be busy, or stand still for some seconds.
const timeout = 30 * time.Second

// What Send, Find and Listen tell apart.
var (
	// ErrForeign: a socket or a folder is another user's; what answers there need not be a replay.
	ErrForeign = errors.New("it is another user's")
	// ErrNobody: no replay listens at the socket.
	ErrNobody = errors.New("no replay listens there")
	// ErrNone: no replay is going.
	ErrNone = errors.New("no replay is going")
	errDead = errors.New("nobody listens there any more")
)

// SeveralError says that several replays are going, and where they listen.
type SeveralError struct{ Sockets []string }

// Error lists the sockets.
func (e *SeveralError) Error() string {
	return "several replays are going: " + strings.Join(e.Sockets, ", ")
}

// Send gives one order to the replay that listens at a socket, and returns how its run then stands. An error is ErrForeign,
// ErrNobody, or what the replay said against the order.
func Send(ctx context.Context, path string, do Order) (replay.Status, error) {
	c, err := dialOwn(ctx, path)
	if errors.Is(err, ErrForeign) {
		return replay.Status{}, err
	}
	if err != nil {
		return replay.Status{}, fmt.Errorf("%w: %s", ErrNobody, path)
	}
	defer c.Close()
	deadline := time.Now().Add(timeout)
	if d, set := ctx.Deadline(); set && d.Before(deadline) {
		deadline = d
	}
	_ = c.SetDeadline(deadline)
	if err := json.NewEncoder(c).Encode(do); err != nil {
		return replay.Status{}, err
	}
	var answer reply
	err = json.NewDecoder(io.LimitReader(c, 1<<20)).Decode(&answer)
	if err == nil && answer.Error != "" {
		err = errors.New(answer.Error)
	}
	return answer.Status, err
}

// Listen opens a replay's socket, for this user alone, and obeys what comes. Without a path it takes one that Find finds. at is where
// it listens, and stop ends it.
func Listen(ctx context.Context, path string, c *replay.Control) (at string, stop func(), err error) {
	if path == "" {
		path, err = ownSocket(ctx)
	} else {
		err = takeOver(ctx, path)
	}
	if err != nil {
		return "", nil, err
	}
	listener, err := listenPrivately(ctx, path)
	if err != nil {
		return "", nil, err
	}
	var serving sync.WaitGroup
	serving.Go(func() { serve(listener, c) })
	return path, func() {
		listener.Close()
		serving.Wait()
	}, nil
}

// Check finds out whether Listen could listen at a path, and lets go again.
func Check(ctx context.Context, path string) error {
	if err := takeOver(ctx, path); err != nil {
		return err
	}
	l, err := listenPrivately(ctx, path)
	if err != nil {
		return err
	}
	return l.Close()
}

// Find returns the socket of the one replay of this user that is going. Its errors are ErrNone, a *SeveralError, and ErrForeign where
// what listens there is not trusted.
func Find(ctx context.Context) (string, error) {
	alive, foreign := living(ctx)
	switch {
	case len(alive) == 1:
		return alive[0], nil
	case len(alive) > 1:
		return "", &SeveralError{alive}
	case foreign != nil:
		return "", untrusted{foreign}
	}
	return "", ErrNone
}

// askTime bounds how long Standing waits for one replay, such as one that was stopped.
const askTime = 5 * time.Second

// Standing returns how the replays stand that listen at some sockets; those that do not answer in time are left out.
func Standing(ctx context.Context, sockets []string) map[string]replay.Status {
	all := make(map[string]replay.Status)
	for _, path := range sockets {
		asking, done := context.WithTimeout(ctx, askTime)
		if status, err := Send(asking, path, Order{Do: "status"}); err == nil {
			all[path] = status
		}
		done()
	}
	return all
}

// Living returns the sockets of the replays of this user that are going, in order. Its error is ErrForeign where there are none, and
// what listens there is not trusted.
func Living(ctx context.Context) ([]string, error) {
	alive, foreign := living(ctx)
	if len(alive) == 0 && foreign != nil {
		return nil, untrusted{foreign}
	}
	return alive, nil
}

// Others returns how the other replays of this user stand that Find would find, by their sockets; own is this one's. Those that do
// not answer in time are left out.
func Others(ctx context.Context, own string) map[string]replay.Status {
	alive, _ := living(ctx)
	return Standing(ctx, slices.DeleteFunc(alive, func(path string) bool { return path == own }))
}

// living are the sockets of this user's replays that are going; foreign says why a folder is not looked into.
func living(ctx context.Context) (alive []string, foreign error) {
	for _, folder := range socketFolders() {
		if err := ownFolder(folder); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				foreign = err
			}
			continue
		}
		for _, path := range socketsIn(folder) {
			if conn, err := dialOwn(ctx, path); err == nil {
				conn.Close()
				alive = append(alive, path)
			}
		}
	}
	return alive, foreign
}

// untrusted is why nothing in a folder is trusted.
type untrusted struct{ error }

func (e untrusted) Error() string { return "nothing that listens there is trusted: " + e.error.Error() }

func (e untrusted) Unwrap() []error { return []error{e.error, ErrForeign} }

// serve answers one order a connection until the listener is closed.
func serve(listener net.Listener, c *replay.Control) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if !fromOwn(conn) {
			conn.Close()
			continue
		}
		_ = conn.SetDeadline(time.Now().Add(timeout))
		line, err := bufio.NewReader(io.LimitReader(conn, 1<<12)).ReadBytes('\n')
		var do Order
		if err == nil && json.Unmarshal(line, &do) == nil {
			_ = json.NewEncoder(conn).Encode(obey(c, do))
		}
		conn.Close()
	}
}

func obey(c *replay.Control, do Order) reply {
	var err error
	var ends bool
	switch do.Do {
	case "pause":
		err = c.Pause()
	case "resume":
		err = c.Resume()
	case "scale":
		err = c.Scale(do.TimeScale)
	case "volume":
		_, err = c.Volume(do.Volume)
	case "skip":
		ends, err = c.Skip(do.By)
	case "skip step":
		err = c.SkipStep()
	case "note":
		err = c.Note(do.Text)
	case "stop":
		err = c.Stop()
	case "status":
	default:
		err = errors.New("unknown order")
	}
	answer := reply{Status: c.Status()}
	if ends {
		answer.Status.Says = "nothing of the plan follows: the run ends"
	}
	if most := answer.Status.Cap; do.Do == "scale" && most > 0 {
		digits := strconv.FormatFloat(most, 'g', 4, 64)
		if most >= 1000 { // which were a power of ten else
			digits = strconv.FormatFloat(most, 'f', 0, 64)
		}
		answer.Status.Says = strings.TrimPrefix(fmt.Sprintf("%s; the cap goes with the time-scale: it is %s/s now", answer.Status.Says, digits), "; ")
	}
	if err != nil {
		answer.Error = strings.TrimPrefix(err.Error(), "replay: ")
	}
	return answer
}

// longestSocket is the longest path that every system takes for a socket.
const longestSocket = 103

// socketFolders are where this user's replays put their sockets: the first that can be used is, ctl looks into all.
func socketFolders() []string {
	var all []string
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" && ownFolder(dir) == nil {
		all = append(all, filepath.Join(dir, "reprise"))
	}
	return append(all, filepath.Join(os.TempDir(), "reprise-"+strconv.Itoa(max(os.Getuid(), 0))))
}

// ownSocket names a socket for this process in a folder that only this user can enter, and clears away those of dead ones.
func ownSocket(ctx context.Context) (string, error) {
	var reasons []error
	for _, folder := range socketFolders() {
		err := makeFolder(folder)
		if err == nil {
			for _, path := range socketsIn(folder) {
				conn, err := dialOwn(ctx, path)
				switch {
				case err == nil: // it answers one at a time, and would wait for what this one has to say
					conn.Close()
				case errors.Is(err, errDead):
					_ = os.Remove(path)
				}
			}
			return filepath.Join(folder, strconv.Itoa(os.Getpid())+".sock"), nil
		}
		reasons = append(reasons, err)
	}
	return "", reasons[len(reasons)-1]
}

// makeFolder makes a folder for this user alone, or finds that there is one. It makes no folder above it.
func makeFolder(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return ownFolder(path)
}

// socketsIn lists a folder's sockets, in order of their names.
func socketsIn(folder string) (paths []string) {
	entries, _ := os.ReadDir(folder) // one that cannot be read has none
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sock") {
			paths = append(paths, filepath.Join(folder, e.Name()))
		}
	}
	slices.Sort(paths)
	return paths
}

// takeOver makes room for a socket at a path that was asked for: what a dead process left there is removed.
func takeOver(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is there, and is no socket: choose another name", path)
	}
	conn, err := dialOwn(ctx, path)
	switch {
	case err == nil:
		conn.Close()
		return fmt.Errorf("a replay listens at %s already: choose another name", path)
	case !errors.Is(err, errDead):
		return err
	}
	if now, err := os.Lstat(path); err == nil && !os.SameFile(info, now) {
		return fmt.Errorf("a replay has begun to listen at %s: choose another name", path)
	}
	return os.Remove(path)
}

// listenPrivately listens at a path to which nobody else can connect.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > longestSocket {
		return nil, fmt.Errorf("the path of its socket would be longer than %d bytes: choose a shorter one", longestSocket)
	}
	restore := maskModes()
	defer restore()
	return (&net.ListenConfig{}).Listen(ctx, "unix", path)
}

// dialOwn connects to a socket of this user.
func dialOwn(ctx context.Context, path string) (net.Conn, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Type() == fs.ModeSocket && !isOwn(info) {
		return nil, fmt.Errorf("%s: %w", path, ErrForeign)
	}
	dialer := net.Dialer{Timeout: timeout}
	conn, err := dialer.DialContext(ctx, "unix", path)
	if errors.Is(err, refused) {
		return nil, fmt.Errorf("%s: %w", path, errDead)
	}
	if err != nil {
		return nil, err
	}
	if !fromOwn(conn) {
		conn.Close()
		return nil, fmt.Errorf("%s: %w", path, ErrForeign)
	}
	return conn, nil
}
