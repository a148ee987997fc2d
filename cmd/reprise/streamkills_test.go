package main

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// feed writes a packet capture to a pipe at a steady rate until done is closed, and tells by sent how much of it was written when.
func feed(content []byte, rate float64, to interface{ Write([]byte) (int, error) }, done <-chan struct{}) (sent []written) {
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

// streamKilled kills a capture of a pipe, and holds that what the pipe had said a second before can be read, as it is and repaired.
func (k *killed) streamKilled(rounds int) {
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
		done, all := make(chan struct{}), make(chan []written, 1)
		go func() { all <- feed(content, 2000+3000*rand.Float64(), pipe, done) }()
		time.Sleep(1200*time.Millisecond + random(time.Second))
		silent := i%3 == 2
		if silent { // a pipe that says nothing more
			close(done)
			done = nil
			time.Sleep(time.Second)
		}
		killedAt := time.Now()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if done != nil {
			close(done)
		}
		sent := <-all
		prefix := 0
		for _, w := range sent[:len(sent)-1] { // a packet is taken when the next one begins
			if killedAt.Sub(w.at) >= time.Second || silent {
				prefix = w.bytes
			}
		}
		if err := os.WriteFile(k.at("prefix.pcap"), content[:prefix], 0o600); err != nil {
			k.t.Fatal(err)
		}
		k.clear("prefix.rpz")
		if code, said := k.run("capture prefix.pcap --quiet -o prefix.rpz"); code != 0 {
			k.t.Fatalf("exit code %d: %s", code, said)
		}
		want, got := k.answered("prefix.rpz"), k.answered(name)
		for time := range want {
			if !got[time] {
				k.t.Errorf("kill %d: the request of %s had come a second before, and is lost, of %d: %s", i, time, len(want), said)
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

func TestStreamKills(t *testing.T) {
	unlessShort(t)
	t.Parallel()
	newKilled(t).streamKilled(3)
}
