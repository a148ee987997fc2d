package cli

import (
	"context"
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

	"reprise/replay"
)

// Orders go over a unix socket in a folder that is this user's alone. Whoever could put a socket there could answer ctl in
// the name of a replay, and whoever could connect could steer one: so both sides look at who owns the folder and the socket,
// and, where the system tells, at who is at the other end. On Windows the folder is in the user's own temporary folder,
// which others cannot enter; nothing else is looked at there.

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

// listenForOrders opens a replay's socket, for this user alone. Without a path it takes one of its own; where none can be had,
// it says why and the run goes without, as nobody asked for one. stop closes it.
func listenForOrders(ctx context.Context, w io.Writer, path string, c *replay.Control) (at string, stop func(), err error) {
	own := path == ""
	if own {
		path, err = ownSocket(ctx)
	} else {
		err = takeOver(ctx, path)
	}
	var listener net.Listener
	if err == nil {
		listener, err = listenPrivately(ctx, path)
	}
	switch {
	case err != nil && own:
		fmt.Fprintf(w, "reprise: replay: reprise ctl cannot steer this run, as it has no socket: %v\n", err)
		return "", func() {}, nil
	case err != nil:
		return "", nil, misuse("--control: %v", err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { serveOrders(listener, c) })
	return path, func() {
		listener.Close()
		serving.Wait()
	}, nil
}

// ownSocket names a socket for this process in a folder that only this user can enter, and clears away those of dead ones.
func ownSocket(ctx context.Context) (string, error) {
	var reasons []error
	for _, folder := range socketFolders() {
		err := makeFolder(folder)
		if err == nil {
			for _, path := range socketsIn(folder) {
				if _, err := dialOwn(ctx, path); errors.Is(err, errDead) {
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
		return nil, fmt.Errorf("the path of its socket would be longer than %d bytes: choose a shorter one with --control", longestSocket)
	}
	restore := maskModes()
	defer restore()
	return (&net.ListenConfig{}).Listen(ctx, "unix", path)
}

// What dialOwn tells apart.
var (
	errDead    = errors.New("nobody listens there any more")
	errForeign = errors.New("it is another user's")
)

// dialOwn connects to a socket of this user.
func dialOwn(ctx context.Context, path string) (net.Conn, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Type() == fs.ModeSocket && !isOwn(info) {
		return nil, fmt.Errorf("%s: %w", path, errForeign)
	}
	dialer := net.Dialer{Timeout: ctlTimeout}
	conn, err := dialer.DialContext(ctx, "unix", path)
	if errors.Is(err, refused) {
		return nil, fmt.Errorf("%s: %w", path, errDead)
	}
	if err != nil {
		return nil, err
	}
	if !fromOwn(conn) {
		conn.Close()
		return nil, fmt.Errorf("%s: %w", path, errForeign)
	}
	return conn, nil
}

// findSocket returns the socket of the one replay that is going.
func findSocket(ctx context.Context) (string, error) {
	var alive []string
	var foreign error
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
	switch {
	case len(alive) == 1:
		return alive[0], nil
	case len(alive) == 0 && foreign != nil:
		return "", withCode(exitRefused, withHint(fmt.Errorf("nothing that listens there is trusted: %w", foreign),
			"remove that folder; a replay that began meanwhile has no socket: end it with kill -INT"))
	case len(alive) == 0:
		return "", withHint(errors.New("no replay is going"), "start one with reprise replay")
	}
	return "", misuse("several replays are going; say which with --socket: %s", strings.Join(alive, ", "))
}
