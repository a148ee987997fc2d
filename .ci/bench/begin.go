package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

const beginAbout = "Milliseconds from the start of the process, %d times each, in turn: the median, the least and the most. The corpus is %s of BFCM 2022, in the page " +
	"cache; plain HTTP to loopback, unsigned, with the safety checks and 64 warm connections. The first byte is the first that the target reads of a request; " +
	"the recording is played a thousand times as fast, so that nothing is waited for."

// beginning is one thing whose time is taken from the start of the process.
type beginning struct {
	name  string
	reach float64 // ms; 0: nothing is asked of it
	time  func(ctx context.Context) (time.Duration, error)
}

// measureBegin takes the time until the first request's first byte.
func measureBegin(ctx context.Context, b *bench) error {
	folder := b.dir
	corpus, err := b.hourCorpus(ctx, folder)
	if err != nil {
		return err
	}
	argv := []string{b.reprise, "replay", corpus, "--peak", "1h", "--time-scale", "1000", "--connections", "64", "--stop-on", "none", "--progress", "none", "--seed", "1"}
	all := []beginning{
		{"the process alone (`reprise version`)", 0, func(ctx context.Context) (time.Duration, error) { return b.ended(ctx, b.reprise, "version") }},
		{"the plan alone (`--dry-run --peak 1h`)", 25, func(ctx context.Context) (time.Duration, error) {
			return b.ended(ctx, append(slices.Clone(argv), "--target", "http://127.0.0.1:9", "--dry-run")...)
		}},
		{"the first byte of the first request (`--peak 1h`)", 50, func(ctx context.Context) (time.Duration, error) { return b.firstByte(ctx, argv) }},
	}
	reps := choose(b.asked.reps > 0, b.asked.reps, choose(b.short, 3, 20))
	took := make([][]float64, len(all))
	for rep := range reps + 1 {
		for i, a := range all {
			d, err := a.time(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			if rep > 0 { // before that, files come into the page cache
				took[i] = append(took[i], float64(d)/1e6)
			}
		}
	}
	about := fmt.Sprintf(beginAbout, reps, choose(b.short, thousands(shortCorpus)+" messages", "all 2,826,165 messages"))
	t := table{head: []string{"what", "median", "least", "most", "to reach", "reached"}}
	for i, a := range all {
		slices.Sort(took[i])
		one := func(f float64) string { return fmt.Sprintf("%.1f", f) }
		reach, reached := "", ""
		if a.reach > 0 {
			reach, reached = one(a.reach), choose(middle(took[i]) <= a.reach, "yes", "no")
		}
		t.add(a.name, one(middle(took[i])), one(took[i][0]), one(took[i][reps-1]), reach, reached)
	}
	b.title("How soon the first request is sent", about)
	fmt.Fprint(b.out, t.String())
	return b.publish("begin", nil, figureTable{about, t.head, t.rows})
}

// ended is how long a command takes that has to work.
func (b *bench) ended(ctx context.Context, argv ...string) (time.Duration, error) {
	u, err := do(ctx, job{argv: argv, cpu: anyCPU})
	if err == nil && u.exit != 0 {
		err = errors.New(u.complaint())
	}
	return u.wall, err
}

// firstByte is how long a replay takes to the first byte that its target reads. Then it is interrupted.
func (b *bench) firstByte(ctx context.Context, argv []string) (took time.Duration, err error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	came := make(chan time.Time, 1) // one: the first byte alone
	server := &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }),
		ReadHeaderTimeout: time.Minute,
	}
	served := make(chan error, 1) // one: its goroutine's only word
	go func() { served <- server.Serve(&firstBytes{Listener: l, came: came}) }()
	defer func() {
		err = errors.Join(err, server.Close())
		<-served // it ends because it was closed
	}()
	cmd := exec.CommandContext(ctx, argv[0], append(slices.Clone(argv[1:]), "--target", "http://"+l.Addr().String())...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	begun := time.Now()
	if err := start(cmd, anyCPU); err != nil {
		return 0, err
	}
	ended := make(chan error, 1) // one: its goroutine's only word
	go func() { ended <- cmd.Wait() }()
	select {
	case at := <-came:
		_ = cmd.Process.Signal(os.Interrupt)
		<-ended // interrupted
		return at.Sub(begun), nil
	case err := <-ended:
		return 0, errors.Join(errors.New("it ended before it sent anything: "+used{err: said.String()}.complaint()), err)
	}
}

// firstBytes is a listener that tells when the first byte of all its connections was read.
type firstBytes struct {
	net.Listener
	once sync.Once
	came chan time.Time
}

func (f *firstBytes) Accept() (net.Conn, error) {
	c, err := f.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &firstByteConn{c, f}, nil
}

type firstByteConn struct {
	net.Conn
	of *firstBytes
}

func (c *firstByteConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.of.once.Do(func() { c.of.came <- time.Now() })
	}
	return n, err
}
