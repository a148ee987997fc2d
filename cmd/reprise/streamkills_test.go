package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// feed writes a packet capture to a pipe at a steady rate until done is closed, and tells by sent how much of it was written when, and by fed how
// much was so far.
func feed(content []byte, rate float64, to interface{ Write([]byte) (int, error) }, done <-chan struct{}, fed *atomic.Int64) (sent []written) {
	const fileHeader, packetHeader, length = 24, 16, 8
	at := 0
	start := time.Now()
	for n := 0; at < len(content); n++ {
		next := fileHeader
		if at > 0 {
			next = at + packetHeader + int(binary.LittleEndian.Uint32(content[at+length:]))
		}
		if _, err := to.Write(content[at:next]); err != nil {
			return sent
		}
		at = next
		sent = append(sent, written{time.Now(), at})
		fed.Store(int64(at))
		select {
		case <-done:
			return sent
		case <-time.After(time.Until(start.Add(time.Duration(float64(n) / rate * float64(time.Second))))):
		}
	}
	<-done
	return sent
}

type written struct {
	at    time.Time
	bytes int
}

// answered lists the times of the records of a corpus that have an answer; a request without is waited for.
func (k *killed) answered(name string) map[string]bool {
	k.t.Helper()
	cmd, said := k.command("cat " + name)
	text, err := cmd.Output()
	if code := exitOf(err); code != 0 && code != 6 {
		k.t.Fatalf("cat %s: exit code %d: %s", name, code, said)
	}
	all := make(map[string]bool)
	before := ""
	for line := range strings.Lines(string(text)) {
		var r struct {
			Time     string
			Response struct{ Status int }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			k.t.Fatal(err)
		}
		if r.Time < before {
			k.t.Errorf("%s: %s comes after %s", name, r.Time, before)
		}
		if before = r.Time; r.Response.Status > 0 {
			all[r.Time] = true
		}
	}
	return all
}

// streamKilled kills a capture of a pipe, and holds that what the pipe had said so long before can be read, as it is and repaired. Where late
// is 0 it kills when that can be read, however long it takes, and holds that it still can.
func (k *killed) streamKilled(rounds int, late time.Duration) {
	const out, name = "live.rpz", "live.rpz.partial"
	content, err := os.ReadFile(k.at("demo0.pcap"))
	if err != nil {
		k.t.Fatal(err)
	}
	least := 1 << 30
	for i := range rounds {
		k.clear("live.rpz")
		cmd, said := k.command("capture - --quiet -o " + out)
		pipe, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			k.t.Fatal(err)
		}
		for !k.exists(name) { // until it reads
			time.Sleep(10 * time.Millisecond)
		}
		rate := 2000 + 3000*rand.Float64()
		if i%3 == 2 { // a pipe that says all and then nothing more
			rate = math.Inf(1)
		}
		done, all := make(chan struct{}), make(chan []written, 1)
		fed := new(atomic.Int64)
		go func() { all <- feed(content, rate, pipe, done, fed) }()
		enough := len(content) / 20
		if i%3 == 2 {
			enough = len(content)
		}
		for fed.Load() < int64(enough) {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(late + 200*time.Millisecond + random(time.Second))
		var want map[string]bool
		if late == 0 {
			want = k.answeredIn(content[:fed.Load()])
			k.awaitAnswered(name, want)
		}
		killedAt := time.Now()
		_ = cmd.Process.Kill()
		close(done)
		prefix := 0
		for _, w := range <-all {
			if killedAt.Sub(w.at) >= late {
				prefix = w.bytes
			}
		}
		_ = cmd.Wait()
		if late > 0 {
			want = k.answeredIn(content[:prefix])
		}
		got := k.answered(name)
		for time := range want {
			if !got[time] {
				k.t.Errorf("kill %d: the request of %s had come %v before, and is lost, of %d: %s", i, time, late, len(want), said)
				break
			}
		}
		least = min(least, len(want))
		if code, said := k.run("repair " + name + " -o " + out); code != 6 {
			k.t.Errorf("repair: exit code %d: %s", code, said)
		}
		if again := k.answered(out); len(again) != len(got) || len(k.partials(out)) > 0 {
			k.t.Errorf("repaired it has %d answered requests of %d, and there is %v", len(again), len(got), names(k.partials(out)))
		}
		k.emptyTemp()
	}
	k.t.Logf("capture of a pipe: %d kills, at least %d requests were to be there", rounds, least)
	if least == 0 {
		k.t.Error("a kill came before anything was to be there")
	}
}

// answeredIn is answered of a corpus that is made of a packet capture.
func (k *killed) answeredIn(content []byte) map[string]bool {
	k.t.Helper()
	if err := os.WriteFile(k.at("prefix.pcap"), content, 0o600); err != nil {
		k.t.Fatal(err)
	}
	k.clear("prefix.rpz")
	if code, said := k.run("capture prefix.pcap --quiet -o prefix.rpz"); code != 0 {
		k.t.Fatalf("exit code %d: %s", code, said)
	}
	return k.answered("prefix.rpz")
}

// awaitAnswered waits until a corpus that is being written has certain records, for ten minutes at most.
func (k *killed) awaitAnswered(name string, want map[string]bool) {
	k.t.Helper()
	for late := time.Now().Add(10 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got, missing := k.answered(name), 0
		for time := range want {
			if !got[time] {
				missing++
			}
		}
		if missing == 0 {
			return
		}
		if time.Now().After(late) {
			k.t.Fatalf("%s lacks %d of %d requests that came ten minutes before", name, missing, len(want))
		}
	}
}

// How soon it can be read depends on how busy the machine is: the soak holds the second.
func TestStreamKills(t *testing.T) {
	unlessShort(t)
	t.Parallel()
	newKilled(t).streamKilled(3, 0)
}

// streamFlat captures a pipe of many requests, which come up to five seconds late, and holds that neither memory nor the journal grows.
func (k *killed) streamFlat(requests int) {
	const mostMemory, mostJournal = 256 << 20, 160 << 20
	k.clear("flat.rpz")
	cmd, said := k.command("capture - --quiet -o flat.rpz")
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		k.t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	out := bufio.NewWriterSize(pipe, 1<<16)
	at := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	var journal int64
	for i := range requests {
		at = at.Add(10 * time.Millisecond)
		began := at.Add(-time.Duration(rng.Int64N(int64(5 * time.Second))))
		fmt.Fprintf(out, `{"seq":%d,"time":%q,"offset_ns":0,"kind":"help","method":"POST","url":"/sms","host":"hooks.example.com","headers":[["X-Twilio-Signature","%016x"]],`+
			`"body":"MessageSid=SM%016x%016x&From=%%2B1212555%04d&Body=HELP","response":{"status":200,"latency_ns":%d}}`+"\n",
			i, began.Format(time.RFC3339Nano), rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.IntN(10000), rng.IntN(1e9))
		if i%100_000 == 0 {
			files, _ := filepath.Glob(k.at("flat.rpz.*.partial"))
			var size int64
			for _, name := range files {
				if info, err := os.Stat(name); err == nil {
					size += info.Size()
				}
			}
			journal = max(journal, size)
		}
	}
	if err := out.Flush(); err != nil {
		k.t.Errorf("%v: %s", err, said)
	}
	memory := peakMemory(k.t, cmd.Process.Pid)
	_ = pipe.Close()
	if err := cmd.Wait(); err != nil {
		k.t.Fatalf("%v: %s", err, said)
	}
	if memory > mostMemory || journal > mostJournal {
		k.t.Errorf("%d requests took %d MiB of memory, and %d MiB of journals", requests, memory>>20, journal>>20)
	}
	if n := k.count("flat.rpz"); n != requests {
		k.t.Errorf("%d requests of %d are in the corpus", n, requests)
	}
	k.t.Logf("%d requests: %d MiB of memory, %d MiB of journals at most", requests, memory>>20, journal>>20)
}

// peakMemory is the most memory that a process has had so far, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("this system does not say how much memory a process has")
	}
	_, after, ok := strings.Cut(string(status), "VmHWM:")
	var kib int64
	if _, err := fmt.Sscan(after, &kib); err != nil || !ok {
		t.Fatalf("%v in %q", err, status)
	}
	return kib << 10
}
