//go:build soak

package anonymize

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"reprise/capture/sms"
)

// TestSoakLedgerChild is the process that is killed: it publishes people under a ledger, round after round, and says how many.
func TestSoakLedgerChild(t *testing.T) {
	name := os.Getenv("REPRISE_SOAK_LEDGER")
	if name == "" {
		return // it is run by the test below
	}
	for n := 40; ; n += 40 {
		l := openLedger(t, name)
		a, err := withLedger(t, l, sms.Wide())
		if err != nil {
			t.Fatal(err)
		}
		fakes := meetAll(t, a, 0, n)
		if err := errors.Join(l.Sync(), l.Uncounted(), l.Close()); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("published %d %s\n", n, fakes[n-1])
	}
}

// A kill at any moment leaves a ledger that is taken, with everyone who was published.
func TestSoakLedgerKills(t *testing.T) {
	const kills = 200
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	name := filepath.Join(t.TempDir(), "people.ledger")
	known := make(map[int]string)
	ahead := 0
	for kill := range kills {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSoakLedgerChild$")
		cmd.Env = append(os.Environ(), "REPRISE_SOAK_LEDGER="+name)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		go func() {
			time.Sleep(time.Duration(5+rnd.IntN(150)) * time.Millisecond)
			_ = cmd.Process.Kill()
		}()
		for lines.Scan() {
			var n int
			var fake string
			if _, err := fmt.Sscanf(lines.Text(), "published %d %s", &n, &fake); err == nil {
				if before, ok := known[n-1]; ok && before != fake {
					t.Fatalf("kill %d: person %d became another one", kill, n-1)
				}
				known[n-1] = fake
			}
		}
		_ = cmd.Wait()
		l := openLedger(t, name)
		a, err := withLedger(t, l, sms.Wide())
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		if l.counted.known && l.people > l.counted.people {
			ahead++
		}
		for i, fake := range known {
			if got := meetAll(t, a, i, i+1)[0]; got != fake {
				t.Fatalf("kill %d: person %d became another one", kill, i)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if kill%20 == 19 { // and a shorter one is still refused
			if err := cut(name, 0); err != nil {
				t.Fatal(err)
			}
			l := openLedger(t, name)
			if _, err := withLedger(t, l, sms.Wide()); !errors.Is(err, ErrLedgerShort) {
				t.Fatalf("kill %d: an empty ledger: %v", kill, err)
			}
			if err := errors.Join(l.Close(), os.Remove(name), os.Remove(CountFile(name))); err != nil {
				t.Fatal(err)
			}
			clear(known)
		}
	}
	t.Logf("%d kills, %d between the entries and their count", kills, ahead)
}
