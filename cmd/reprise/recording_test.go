package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// startCapture runs what captures until it is stopped, in the background: capture proxy NAME [flags]. NAME becomes an environment variable
// with its URL; quit NAME ends it, and keeps what it printed as NAME.out and NAME.err.
func startCapture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[0] != "proxy" {
		ts.Fatalf("usage: capture proxy NAME [flags]")
	}
	exe, err := exec.LookPath("reprise")
	ts.Check(err)
	name := args[1]
	cmd := exec.Command(exe, append([]string{"capture", "proxy", "--listen", "127.0.0.1:0"}, args[2:]...)...)
	cmd.Dir = ts.Getenv("WORK")
	for _, k := range []string{"PATH", "HOME", "TMPDIR"} {
		cmd.Env = append(cmd.Env, k+"="+ts.Getenv(k))
	}
	stderr, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	defer stderr.Close()
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	s := &sinkProcess{cmd: cmd, out: bufio.NewReader(out)}
	ts.Defer(func() { s.stop() })
	line, err := s.out.ReadString('\n')
	ts.Check(err)
	ts.Setenv(name, strings.TrimSpace(line))
	sinks.Store(ts.Getenv("WORK")+name, s)
}

// killProcess ends what runs in the background as kill -9 does: kill9 NAME.
func killProcess(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: kill9 NAME")
	}
	s, ok := sinks.Load(ts.Getenv("WORK") + args[0])
	if !ok {
		ts.Fatalf("nothing is called %s", args[0])
	}
	p := s.(*sinkProcess)
	p.stopped = true
	ts.Check(p.cmd.Process.Kill())
	_ = p.cmd.Wait()
}
