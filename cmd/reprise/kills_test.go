package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// killed is a folder in which verbs are killed, and what they are given there.
type killed struct {
	t      *testing.T
	dir    string
	target string
}

// newKilled makes the inputs.
func newKilled(t *testing.T) *killed {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("processes are killed by signal")
	}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	k := &killed{t: t, dir: t.TempDir(), target: server.URL}
	recording, err := filepath.Abs("testdata/second.pcap.gz")
	if err == nil {
		err = os.Mkdir(k.at("tmp"), 0o700)
	}
	if err == nil {
		err = os.Symlink(recording, k.at("rec.pcap"))
	}
	if err == nil {
		err = k.recordings(4)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"capture pcap rec.pcap -o raw.rpz --quiet", "fixtures synth --curve bfcm2022 --messages 20000 -o big.rpz --quiet", "keygen -o KEY --quiet",
		"fixtures synth --curve bfcm2022 --messages 300 -o week.rpz --quiet",
		"replay week.rpz --target " + k.target + " --timeout 10m --time-scale 10000000 -o base.rpr --quiet",
	} {
		if code, said := k.run(line); code != 0 {
			t.Fatalf("%s: exit code %d: %s", line, code, said)
		}
	}
	return k
}

func (k *killed) at(name string) string { return filepath.Join(k.dir, name) }

func (k *killed) command(line string) (*exec.Cmd, *bytes.Buffer) {
	exe, err := exec.LookPath("reprise")
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(exe, strings.Fields(line)...)
	cmd.Dir = k.dir
	cmd.Env = append(os.Environ(), "TMPDIR="+k.at("tmp"))
	var said bytes.Buffer
	cmd.Stderr = &said
	return cmd, &said
}

func exitOf(err error) int {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		return -2
	}
	return 0
}

func (k *killed) run(line string) (int, string) {
	cmd, said := k.command(line)
	return exitOf(cmd.Run()), said.String()
}

// kill runs a command and kills it after a while.
func (k *killed) kill(line string, after time.Duration) {
	k.t.Helper()
	cmd, _ := k.command(line)
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	timer.Stop()
}

// lasts is how long a command takes that is left alone.
func (k *killed) lasts(line, out string) time.Duration {
	k.t.Helper()
	k.clear(out) // what a verb before left
	start := time.Now()
	if code, said := k.run(line); code != 0 {
		k.t.Fatalf("%s: exit code %d: %s", line, code, said)
	}
	took := time.Since(start)
	k.clear(out)
	return took
}

// partials are the unfinished files of an output with their contents.
func (k *killed) partials(out string) map[string]string {
	all := make(map[string]string)
	names, _ := filepath.Glob(k.at(out + "*.partial"))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			k.t.Fatal(err)
		}
		all[filepath.Base(name)] = string(text)
	}
	return all
}

func (k *killed) clear(out string) {
	names, _ := filepath.Glob(k.at(out + "*"))
	for _, name := range names {
		_ = os.Remove(name)
	}
}

func (k *killed) exists(name string) bool {
	_, err := os.Lstat(k.at(name))
	return err == nil
}

// count is how many records or results a file has; it must be whole.
func (k *killed) count(name string) int {
	k.t.Helper()
	cmd, said := k.command("cat " + name)
	text, err := cmd.Output()
	if err != nil {
		k.t.Errorf("%s is not whole: %v: %s", name, err, said)
	}
	return bytes.Count(text, []byte("\n"))
}

// emptyTemp holds that a kill leaves nothing in the temporary folder, but for the sockets of replays.
func (k *killed) emptyTemp() {
	k.t.Helper()
	list, err := os.ReadDir(k.at("tmp"))
	if err != nil {
		k.t.Fatal(err)
	}
	for _, e := range list {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), fmt.Sprintf("reprise-%d", os.Getuid())) {
			k.t.Errorf("%s is left in the temporary folder", e.Name())
		}
	}
}

// random is a part of a whole duration.
func random(whole time.Duration) time.Duration { return time.Duration(rand.Int64N(int64(whole) + 1)) }

// againAndRepair kills a verb that writes a corpus, runs the same command again, and repairs what the kill left under the name
// that one would choose.
func (k *killed) againAndRepair(rounds int, line string, records int) {
	const out = "out.rpz"
	line += " -o " + out
	took := k.lasts(line, out)
	var left, kept int
	for range rounds {
		k.clear(out)
		k.kill(line, random(took))
		k.emptyTemp()
		before := k.partials(out)
		if !k.exists(out) {
			code, said := k.run(line)
			if code != 0 || len(before) > 0 && !strings.Contains(said, "is left of a run that did not end") {
				k.t.Errorf("%s again: exit code %d: %s", line, code, said)
			}
			if after := k.partials(out); !equal(before, after) {
				k.t.Errorf("%s again changed what the kill left: %v, then %v", line, names(before), names(after))
			}
		}
		if n := k.count(out); n != records {
			k.t.Errorf("%s: %d records, want %d", line, n, records)
		}
		_ = os.Remove(k.at(out))
		for name := range before {
			left++
			code, said := k.run("repair " + name + " -o " + out)
			switch {
			case !k.exists(out) && !k.exists(name):
				k.t.Errorf("repair %s -o %s: exit code %d and nothing is there: %s", name, out, code, said)
			case k.exists(out) && k.count(out) > 0:
				kept++
				if k.exists(name) {
					k.t.Errorf("repair %s -o %s: it stays: %s", name, out, said)
				}
			}
		}
	}
	k.t.Logf("%s: %d kills, %d partials, %d with records", line, rounds, left, kept)
}

// replayAndResume kills a run and goes on with it under the name that it was to have.
func (k *killed) replayAndResume(rounds int) {
	const out = "run.rpr"
	line := "replay week.rpz --target " + k.target + " --timeout 10m --time-scale 400000 --quiet -o " + out
	took := k.lasts(line, out)
	resumed := 0
	for range rounds {
		k.clear(out)
		k.kill(line, random(took))
		k.emptyTemp()
		for try := 0; !k.exists(out); try++ {
			again := line
			before := k.partials(out)
			most := -1
			for name := range before {
				cmd, _ := k.command("cat " + name)
				text, _ := cmd.Output()
				if n := bytes.Count(text, []byte("\n")); n > most && len(before[name]) > 0 {
					most, again = n, line+" --resume "+name
				}
			}
			if try == 0 && strings.Contains(again, "--resume") { // a kill of what goes on loses nothing either
				k.kill(again, random(took))
				resumed++
				continue
			}
			if code, said := k.run(again); code != 0 && !strings.Contains(said, "its header is damaged") && !strings.Contains(said, "not a run file") {
				k.t.Errorf("%s: exit code %d: %s", again, code, said)
				break
			} else if code != 0 {
				if code, said := k.run(line); code != 0 {
					k.t.Errorf("%s: exit code %d: %s", line, code, said)
				}
			}
		}
		cmd, _ := k.command("cat " + out)
		text, err := cmd.Output()
		rows := make(map[string]bool)
		for line := range strings.Lines(string(text)) {
			var row struct{ Seq, Copy, Status int }
			_ = json.Unmarshal([]byte(line), &row)
			rows[fmt.Sprint(row.Seq, row.Copy)] = row.Status == 200
		}
		if err != nil || len(rows) != 300 || strings.Count(string(text), "\n") != 300 {
			k.t.Errorf("the whole run has %d rows of %d requests: %v", strings.Count(string(text), "\n"), len(rows), err)
		}
	}
	k.t.Logf("replay: %d kills, %d of them gone on with and killed again", rounds, resumed)
}

// repairKilled kills repair X.partial -o X: either X is whole, or the partial is.
func (k *killed) repairKilled(rounds int) {
	const out, left = "dead.rpz", "dead.rpz.partial"
	big, err := os.ReadFile(k.at("big.rpz"))
	if err != nil {
		k.t.Fatal(err)
	}
	dead := big[:len(big)*7/10]
	line := "repair " + left + " -o " + out
	write := func() {
		k.clear(out)
		if err := os.WriteFile(k.at(left), dead, 0o600); err != nil {
			k.t.Fatal(err)
		}
	}
	write()
	start := time.Now()
	if code, said := k.run(line); code != 6 {
		k.t.Fatalf("%s: exit code %d: %s", line, code, said)
	}
	took, whole := time.Since(start), k.count(out)
	for range rounds {
		write()
		k.kill(line, random(took))
		k.emptyTemp()
		if !k.exists(out) {
			if text, err := os.ReadFile(k.at(left)); err != nil || !bytes.Equal(text, dead) {
				k.t.Errorf("killed, %s is changed: %v", left, err)
			}
			if code, said := k.run(line); code != 6 {
				k.t.Errorf("%s again: exit code %d: %s", line, code, said)
			}
		}
		if n := k.count(out); n != whole {
			k.t.Errorf("%s has %d records, want %d", out, n, whole)
		}
	}
}

// reportKilled kills a verb that writes a report: it is whole or not there.
func (k *killed) reportKilled(rounds int) {
	const out = "cmp.md"
	line := "compare base.rpr base.rpr --fail-on none --quiet -o " + out
	took := k.lasts(line, out)
	_, said := k.run(line)
	whole, err := os.ReadFile(k.at(out))
	if err != nil || len(whole) == 0 {
		k.t.Fatalf("%s has %d bytes: %v: %s", out, len(whole), err, said)
	}
	for range rounds {
		k.clear(out)
		k.kill(line, random(took))
		k.emptyTemp()
		before := k.partials(out)
		if !k.exists(out) {
			if code, said := k.run(line); code != 0 {
				k.t.Errorf("%s again: exit code %d: %s", line, code, said)
			}
		}
		if text, err := os.ReadFile(k.at(out)); err != nil || !bytes.Equal(text, whole) {
			k.t.Errorf("%s has %d bytes, want the %d of the whole report: %v", out, len(text), len(whole), err)
		}
		if after := k.partials(out); !equal(before, after) {
			k.t.Errorf("%s again changed what the kill left", line)
		}
	}
}

// twoAtOnce starts a command twice: one whole file comes of it each time, and every other end is a refusal.
func (k *killed) twoAtOnce(rounds int, line, out string, records int) {
	refused := 0
	for i := range rounds {
		k.clear(out)
		one := line + " -o " + out
		if i%2 == 1 {
			one += " --force"
		}
		a, saidA := k.command(one)
		b, saidB := k.command(one)
		if err := errors.Join(a.Start(), b.Start()); err != nil {
			k.t.Fatal(err)
		}
		codes := []int{exitOf(a.Wait()), exitOf(b.Wait())}
		for j, said := range []string{saidA.String(), saidB.String()} {
			if codes[j] != 0 {
				refused++
				if codes[j] != 1 || !strings.Contains(said, "another process is writing it") && !strings.Contains(said, "already exists") {
					k.t.Errorf("%s, twice: exit code %d: %s", one, codes[j], said)
				}
			}
		}
		if !slices.Contains(codes, 0) {
			k.t.Errorf("%s, twice: both were refused: %s%s", one, saidA, saidB)
		}
		if n := k.count(out); n != records {
			k.t.Errorf("%s, twice: %d records, want %d", one, n, records)
		}
	}
	k.t.Logf("%s: %d times two at once, %d refused", line, rounds, refused)
}

func equal(a, b map[string]string) bool {
	for name, text := range a {
		if b[name] != text {
			return false
		}
	}
	return len(a) == len(b)
}

func names(m map[string]string) (all []string) {
	for name := range m {
		all = append(all, name)
	}
	return all
}

// recordings writes the demo's recording n times, each an hour after the one before.
func (k *killed) recordings(n int) error {
	f, err := os.Open("../internal/demo/recording.pcap.gz")
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(unzipped)
	if err != nil {
		return err
	}
	const fileHeader, packetHeader, length = 24, 16, 8
	for i := range n {
		if err := os.WriteFile(k.at(fmt.Sprintf("demo%d.pcap", i)), content, 0o600); err != nil {
			return err
		}
		for at := fileHeader; at < len(content); at += packetHeader + int(binary.LittleEndian.Uint32(content[at+length:])) {
			binary.LittleEndian.PutUint32(content[at:], binary.LittleEndian.Uint32(content[at:])+3600)
		}
	}
	return nil
}

// kills runs every verb of README's promise about kills.
func (k *killed) kills(rounds int) {
	k.againAndRepair(rounds, "capture pcap demo0.pcap demo1.pcap demo2.pcap demo3.pcap --quiet", 4800)
	k.againAndRepair(rounds, "anonymize raw.rpz --key-file KEY --ledger people.ledger --quiet", 230)
	k.againAndRepair(rounds, "fixtures synth --curve bfcm2022 --messages 20000 --quiet", 20000)
	k.repairKilled(rounds)
	k.replayAndResume(rounds)
	k.reportKilled(rounds)
}

// doubles runs two writers of one output at once.
func (k *killed) doubles(rounds int) {
	k.twoAtOnce(rounds, "capture pcap rec.pcap --quiet", "two.rpz", 230)
	k.twoAtOnce(rounds, "anonymize raw.rpz --quiet", "two.rpz", 230)
	k.twoAtOnce(rounds, "replay week.rpz --target "+k.target+" --timeout 10m --time-scale 4000000 --quiet", "two.rpr", 300)
}

func TestKills(t *testing.T) {
	unlessShort(t)
	t.Parallel()
	newKilled(t).kills(1)
}

func TestTwoWriters(t *testing.T) {
	unlessShort(t)
	t.Parallel()
	newKilled(t).doubles(1)
}

// unlessShort skips what starts the program many times: -short is for the race detector, and a killed program reports no race.
func unlessShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it starts the program many times")
	}
}
