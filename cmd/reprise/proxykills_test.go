//go:build soak

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// proxyKilled holds that what a proxy had answered that long before it was killed can be read, and repaired.
func (k *killed) proxyKilled(rounds int, late time.Duration) {
	for i := range rounds {
		out := fmt.Sprintf("proxy%d.rpz", i)
		cmd, said := k.command("capture proxy --listen 127.0.0.1:0 --upstream " + k.target + " --quiet -o " + out)
		stdout, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			k.t.Fatal(err)
		}
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil {
			k.t.Fatalf("%v: %s", err, said)
		}
		answered, killedAt := k.load(strings.TrimSpace(line), late+random(2*time.Second), func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		got := k.urls(out + ".partial")
		for url, at := range answered {
			if killedAt.Sub(at) >= late && !got[url] {
				k.t.Errorf("kill %d: of %d answers, one that was given %v before is lost", i, len(answered), killedAt.Sub(at))
				break
			}
		}
		if len(got) == 0 {
			k.t.Errorf("kill %d: nothing is there of %d answers", i, len(answered))
		}
		if code, said := k.run("repair " + out + ".partial -o " + out); code != 6 {
			k.t.Errorf("repair: exit code %d: %s", code, said)
		}
		if again := k.urls(out); len(again) != len(got) {
			k.t.Errorf("kill %d: %d requests could be read, and %d are repaired", i, len(got), len(again))
		}
	}
}

// load asks from several clients until kill is called, after so long, and returns when each URL was answered.
func (k *killed) load(address string, long time.Duration, kill func()) (answered map[string]time.Time, killedAt time.Time) {
	var mu sync.Mutex
	answered = map[string]time.Time{}
	var clients sync.WaitGroup
	for c := range 4 {
		clients.Go(func() {
			for n := 0; ; n++ {
				url := fmt.Sprintf("/%d/%d", c, n)
				resp, err := http.Post(address+url, "text/plain", strings.NewReader(fmt.Sprint(rand.Uint64())))
				if err != nil {
					return
				}
				resp.Body.Close()
				mu.Lock()
				answered[url] = time.Now()
				mu.Unlock()
			}
		})
	}
	time.Sleep(long)
	killedAt = time.Now()
	kill()
	clients.Wait()
	return answered, killedAt
}

// urls are those of the requests that a corpus holds.
func (k *killed) urls(name string) map[string]bool {
	cmd, said := k.command("cat " + name)
	text, err := cmd.Output()
	if len(text) == 0 {
		k.t.Errorf("%v: %s", err, said)
	}
	all := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var r struct{ URL string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			k.t.Fatal(err)
		}
		all[r.URL] = true
	}
	return all
}
