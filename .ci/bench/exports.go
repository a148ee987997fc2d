package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// player is a tool that plays an export.
type player struct {
	format, tool, reason string
	argv                 []string
	env                  []string
	play                 func(dir, addr string) error // in place of argv
}

// taker is a receiver that counts what comes.
type taker struct {
	mu  sync.Mutex
	got map[request]int
	n   int
}

// request is what must arrive as it was recorded.
type request struct{ method, url, body string }

func (t *taker) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.got[request{r.Method, r.RequestURI, string(body)}]++
	t.n++
}

func (t *taker) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.got, t.n = make(map[request]int), 0
}

// differ counts what came, the requests of a corpus that did not come, and those that came and are none of it.
func (t *taker) differ(want map[request]int) (arrived, missing, extra int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for q, n := range want {
		missing += max(0, n-t.got[q])
	}
	for q, n := range t.got {
		extra += max(0, n-want[q])
	}
	return t.n, missing, extra
}

// players lists the tools, with what keeps one from taking part. What is slow to build is built in long runs alone.
func (b *bench) players(ctx context.Context, dir, target string, n int) []player {
	module := func(m string) string { return choose(b.short, "", m) }
	curl, noCurl := b.tool(ctx, "CURL", "curl", "")
	vegeta, noVegeta := b.tool(ctx, "VEGETA", "vegeta", "github.com/tsenart/vegeta/v12")
	k6, noK6 := b.tool(ctx, "K6", "k6", module("go.k6.io/k6@v1.8.1"))
	gor, noGor := b.tool(ctx, "GOREPLAY", "gor", "")
	if noGor != "" {
		gor, noGor = b.tool(ctx, "GOREPLAY", "goreplay", module("github.com/buger/goreplay@v1.3.2"))
	}
	seconds := max(2, n/500)
	return []player{
		{format: "http", tool: "a socket", play: sendFiles},
		{
			format: "curl", tool: "curl", reason: noCurl, argv: []string{"sh", filepath.Join(dir, "curl", "play.sh")},
			env: []string{"TARGET=" + target, "TIME_SCALE=0", "TIMEOUT=600", "PATH=" + filepath.Dir(curl) + ":" + os.Getenv("PATH")},
		},
		{format: "vegeta", tool: "vegeta", reason: noVegeta, argv: []string{ // until there are no more targets: by the clock it leaves out what a standstill takes
			vegeta, "attack", "-format=json", "-lazy", "-duration=0", "-rate=" + strconv.Itoa(n) + "/" + strconv.Itoa(seconds) + "s", "-timeout=10m",
			"-targets=" + filepath.Join(dir, "vegeta", "targets.json"), "-output=" + os.DevNull,
		}},
		{format: "k6", tool: "k6", reason: noK6, argv: []string{
			k6, "run", "--quiet", "-e", "TARGET=" + target, "-e", "TIME_SCALE=1e6", filepath.Join(dir, "k6", "replay.js"),
		}},
		{format: "gor", tool: "GoReplay", reason: noGor, argv: []string{ // which does not end at the end of its file
			gor, "--input-file", filepath.Join(dir, "gor", "requests.gor") + "|100000000%", "--input-file-read-depth", "100000",
			"--output-http", target, "--http-original-host", "--exit-after", strconv.Itoa(5+n/500) + "s",
		}},
	}
}

// sendFiles writes the raw requests to a socket each, as nc would.
func sendFiles(dir, addr string) error {
	files, err := filepath.Glob(filepath.Join(dir, "http", "requests", "*.http"))
	for _, f := range files {
		text, readErr := os.ReadFile(f)
		if err := errors.Join(err, readErr); err != nil {
			return err
		}
		c, err := net.DialTimeout("tcp", addr, time.Minute)
		if err != nil {
			return err
		}
		_, err = c.Write(text)
		if err == nil {
			var answer *http.Response
			if answer, err = http.ReadResponse(bufio.NewReader(c), nil); err == nil && answer.StatusCode != http.StatusOK {
				err = fmt.Errorf("%s: %s", filepath.Base(f), answer.Status)
			}
		}
		if err := errors.Join(err, c.Close()); err != nil {
			return err
		}
	}
	return err
}

// measureExports plays every export with its tool, and fails where what arrives is not the corpus.
func measureExports(ctx context.Context, b *bench) error {
	corpus, n := os.Getenv("CORPUS"), choose(b.short, 200, 5_000)
	if corpus == "" {
		corpus = b.path("exported.rpz")
		if err := b.must(ctx, b.reprise, "fixtures", "synth", "--curve", "bfcm2022", "--messages", strconv.Itoa(n), "-o", corpus, "--quiet"); err != nil {
			return err
		}
	}
	want := make(map[request]int)
	n = 0
	err := b.rows(ctx, func(line []byte) error {
		var r recorded
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		want[request{r.Method, r.URL, string(r.body())}]++
		n++
		return nil
	}, corpus)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	got := new(taker)
	server := &http.Server{Handler: got}
	var wait sync.WaitGroup
	wait.Go(func() { _ = server.Serve(listener) })
	defer wait.Wait()
	defer server.Close()
	addr, dir := listener.Addr().String(), b.path("exports")
	if err := b.must(ctx, b.reprise, "fixtures", "export", corpus, "--format", "http,curl,vegeta,k6,gor", "-o", dir, "--target", "http://"+addr, "--quiet"); err != nil {
		return err
	}
	b.title("Exports", "Each format is played by its tool; every request must arrive once, with its method, path and body.")
	t := table{head: []string{"format", "tool", "requests", "arrived", "missing", "of no record", "note"}}
	var wrong []string
	for _, p := range b.players(ctx, dir, "http://"+addr, n) {
		if !b.wants(p.format) || p.reason != "" {
			t.add(p.format, p.tool, strconv.Itoa(n), "–", "–", "–", p.reason)
			continue
		}
		b.say("%s plays %d requests", p.tool, n)
		got.reset()
		note, err := p.run(ctx, dir, addr)
		if err != nil {
			return fmt.Errorf("%s: %w", p.tool, err)
		}
		arrived, missing, extra := got.differ(want)
		t.add(p.format, p.tool, strconv.Itoa(n), strconv.Itoa(arrived), strconv.Itoa(missing), strconv.Itoa(extra), note)
		if missing+extra > 0 || note != "" {
			wrong = append(wrong, p.format)
		}
	}
	fmt.Fprint(b.out, t.String())
	if len(wrong) > 0 {
		return fmt.Errorf("what arrived is not the corpus: %s", strings.Join(wrong, ", "))
	}
	return nil
}

// run plays an export; the note says what its tool complained of.
func (p *player) run(ctx context.Context, dir, addr string) (note string, err error) {
	if p.play != nil {
		return "", p.play(dir, addr)
	}
	u, err := do(ctx, job{argv: p.argv, env: p.env, cpu: anyCPU})
	if err == nil && u.exit != 0 {
		note = fmt.Sprintf("exit code %d: %s", u.exit, u.complaint())
	}
	return note, err
}
