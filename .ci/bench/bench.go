package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// bench is a session of measuring: a folder for its files, the programs it runs, and where it prints.
type bench struct {
	settings
	out, progress io.Writer
	dir           string // this session's own
	root          string // the module around this one
	reprise       string
	help          string  // what replay says of its flags
	others        float64 // the share of the processors that others use: what -write says of this machine
}

func newBench(ctx context.Context, s settings, out, progress io.Writer) (*bench, error) {
	b := &bench{settings: s, out: out, progress: progress, reprise: os.Getenv("REPRISE")}
	var err error
	if b.root, err = filepath.Abs("../.."); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(b.root, "cmd", "reprise")); b.reprise == "" && err != nil {
		return nil, errors.New("no reprise to build two folders up: run this as go run -C .ci/bench, or set REPRISE")
	}
	if b.dir, err = os.MkdirTemp("", "bench-*"); err != nil {
		return nil, err
	}
	if b.reprise == "" {
		b.reprise = filepath.Join(b.dir, "reprise")
		b.say("building reprise")
		u, err := do(ctx, job{argv: []string{"go", "build", "-trimpath", "-o", b.reprise, "./cmd/reprise"}, cpu: anyCPU, dir: b.root})
		if err != nil || u.exit != 0 {
			return nil, errors.Join(fmt.Errorf("build reprise: %s", u.complaint()), err, b.close())
		}
	}
	u, err := do(ctx, job{argv: []string{b.reprise, "replay", "--help"}, cpu: anyCPU})
	if err != nil || u.exit != 0 {
		return nil, errors.Join(fmt.Errorf("%s replay --help: %s", b.reprise, u.complaint()), err, b.close())
	}
	b.help = u.out
	return b, nil
}

func (b *bench) close() error {
	if b.keep {
		b.say("kept %s", b.dir)
		return nil
	}
	return os.RemoveAll(b.dir)
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// title prints a heading and what is to know about the table under it.
func (b *bench) title(head, about string) { fmt.Fprintf(b.out, "\n## %s\n\n%s\n\n", head, about) }

// lacks names the first flag of a command line that this reprise does not have.
func (b *bench) lacks(args []string) (string, bool) {
	for _, a := range args {
		if strings.HasPrefix(a, "--") && !strings.Contains(b.help, a+" ") && !strings.Contains(b.help, a+"[") {
			return a, true
		}
	}
	return "", false
}

// tool finds a peer: by its variable, then on PATH, then by building it. The reason says why there is none.
func (b *bench) tool(ctx context.Context, variable, name, module string) (path, reason string) {
	if p := os.Getenv(variable); p != "" {
		return p, ""
	}
	if p, err := exec.LookPath(name); err == nil {
		return p, ""
	}
	if module == "" {
		return "", name + " is not installed"
	}
	b.say("building %s", module)
	file := b.path(name)
	j := job{argv: []string{"go", "build", "-o", file, module}, cpu: anyCPU}
	if _, version, ok := strings.Cut(module, "@"); ok { // outside this module's list, for it may not build
		folder := b.path(name + ".bin")
		j = job{argv: []string{"go", "install", module}, cpu: anyCPU, env: []string{"GOBIN=" + folder, "CGO_ENABLED=1"}}
		file = filepath.Join(folder, filepath.Base(strings.TrimSuffix(module, "@"+version)))
	}
	u, err := do(ctx, j)
	switch {
	case err != nil:
		return "", fmt.Sprintf("%s cannot be built: %v", name, err)
	case u.exit != 0:
		return "", fmt.Sprintf("%s cannot be built: %s", name, lastError(u.err))
	}
	return file, ""
}

// lastError is the line of a compiler's output that says most.
func lastError(text string) string {
	best := "no reason given"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "rror:") || line != "" && best == "no reason given" {
			best = line
		}
	}
	return best
}

// summary is what the harness reads of a replay's --json.
type summary struct {
	Ledger struct {
		counts
		Kinds map[string]counts `json:"kinds"`
	} `json:"ledger"`
	Duration int64            `json:"duration_ns"`
	Planned  int64            `json:"planned_duration_ns"`
	Lag      map[string]int64 `json:"lag"`
	Latency  map[string]int64 `json:"latency"`
	Service  map[string]int64 `json:"service_time"`
	Status   map[string]int64 `json:"status"`
	Errors   map[string]int64 `json:"errors"`
	Verdict  struct {
		Faithful bool `json:"faithful"`
		Limits   []struct {
			What  string `json:"what"`
			Whose string `json:"whose"`
		} `json:"limits"`
	} `json:"verdict"`
}

type counts struct {
	Recorded int64 `json:"recorded"`
	Added    int64 `json:"added"`
	Filtered int64 `json:"filtered"`
	OK       int64 `json:"ok"`
	Failed   int64 `json:"failed"`
	Shed     int64 `json:"shed"`
	Unsent   int64 `json:"unsent"`
}

func (c counts) balanced() bool {
	return c.Recorded+c.Added == c.Filtered+c.OK+c.Failed+c.Shed+c.Unsent
}

// balanced says whether the ledger does, as a whole and per kind, and the kinds are the whole.
func (s *summary) balanced() bool {
	var sum counts
	for _, k := range s.Ledger.Kinds {
		if !k.balanced() {
			return false
		}
		sum.Recorded += k.Recorded
		sum.Added += k.Added
		sum.Filtered += k.Filtered
		sum.OK += k.OK
		sum.Failed += k.Failed
		sum.Shed += k.Shed
		sum.Unsent += k.Unsent
	}
	return s.Ledger.balanced() && sum == s.Ledger.counts
}

func parseSummary(text string) (*summary, error) {
	s := new(summary)
	if err := json.Unmarshal([]byte(text), s); err != nil {
		return nil, fmt.Errorf("read the summary: %w", err)
	}
	return s, nil
}

// freePort finds a port that the next server can have.
func freePort() (string, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
