package packet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// partsOf are the packets of a tape in several files: those of each file, by the places of the packets.
func partsOf(tp *tape, n int, file func(packet int) int) (parts []Part) {
	tapes := make([]tape, n)
	for i, p := range tp.packets {
		at := file(i)
		tapes[at].packets = append(tapes[at].packets, p)
	}
	for i := range tapes {
		content := tapes[i].file()
		parts = append(parts, Part{fmt.Sprintf("part%d.pcap", i), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }})
	}
	return parts
}

// readParts runs a source over several files.
func readParts(t *testing.T, parts []Part) (got, *Source, error) {
	t.Helper()
	var g got
	s, err := NewParts(parts, Options{Account: &g.account})
	if err != nil {
		return g, nil, err
	}
	return g, s, g.drain(s)
}

// longTape is a recording of ten connections of which each has ten exchanges, spread over all of it.
func longTape(tb testing.TB) *tape {
	tp := newTape(tb)
	var dialogs []*dialog
	for i := range 10 {
		dialogs = append(dialogs, tp.open(uint16(1+i)))
	}
	for i := range 100 {
		d := dialogs[i%10]
		text := postAt(i)
		d.say(text[:40]).say(text[40:]).answer(answerAt(200 + i%100))
	}
	for _, d := range dialogs {
		d.close()
	}
	return tp
}

func TestParts(t *testing.T) {
	tp := longTape(t)
	whole := read(t, tp.file())
	want := summary(&whole)
	n := len(tp.packets)
	random := rand.New(rand.NewPCG(1, 1))
	for name, parts := range map[string][]Part{
		"one":         partsOf(tp, 1, func(int) int { return 0 }),
		"rotated":     partsOf(tp, 30, func(i int) int { return i * 30 / n }),
		"every other": partsOf(tp, 2, func(i int) int { return i % 2 }),
		"at random":   partsOf(tp, 7, func(int) int { return random.IntN(7) }),
		"empty ones":  partsOf(tp, 40, func(i int) int { return i * 3 / n }),
	} {
		for round := range 3 {
			g, s, err := readParts(t, parts)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			g.balance(t)
			if summary(&g) != want || len(s.Damaged()) > 0 || len(s.reading)+len(s.waiting) > 0 {
				t.Errorf("%s, round %d: %s", name, round, summary(&g))
			}
			rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		}
	}
}

// A file that is open only while its packets are due does not take a descriptor for each of a thousand.
func TestPartsAreOpenInTurn(t *testing.T) {
	tp := longTape(t)
	n := len(tp.packets)
	parts := partsOf(tp, 30, func(i int) int { return i * 30 / n })
	open, most := 0, 0
	for i, p := range parts {
		parts[i].Open = func() (io.ReadCloser, error) {
			r, err := p.Open()
			open++
			most = max(most, open)
			return closer{r, func() { open-- }}, err
		}
	}
	g, _, err := readParts(t, parts)
	if err != nil || len(g.records) != 100 || open != 0 || most > 3 {
		t.Errorf("%d records, %v; %d files open at the end, %d at once", len(g.records), err, open, most)
	}
}

type closer struct {
	io.Reader
	closed func()
}

func (c closer) Close() error { c.closed(); return nil }

// What is wrong with one file is said of that one, and costs its own packets.
func TestPartsOfWhichOneIsDamaged(t *testing.T) {
	tp := longTape(t)
	n := len(tp.packets)
	parts := partsOf(tp, 3, func(i int) int { return i * 3 / n })
	r, _ := parts[1].Open()
	content, _ := io.ReadAll(r)
	for name, damaged := range map[string][]byte{"cut": content[:len(content)/2], "cut in its header": content[:10], "a bad packet": slices.Concat(content[:2000], []byte("xxxxxxxxxxxxxxxx"), content[2016:])} {
		parts[1].Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(damaged)), nil }
		g, s, err := readParts(t, parts)
		if err != nil {
			t.Fatal(err)
		}
		g.balance(t)
		if len(g.records) < 60 || !slices.Equal(s.Damaged(), []string{"part1.pcap"}) || !g.account.Damaged {
			t.Errorf("%s: %d records, damaged %v", name, len(g.records), s.Damaged())
		}
	}
	for name, text := range map[string]string{"text": "this is no packet capture", "empty": ""} {
		parts[1].Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
		if _, _, err := readParts(t, parts); err == nil || !strings.Contains(err.Error(), "part1.pcap") {
			t.Errorf("%s: %v", name, err)
		}
	}
	parts[1].Open = func() (io.ReadCloser, error) { return nil, errors.New("gone") }
	if _, _, err := readParts(t, parts); err == nil || !strings.Contains(err.Error(), "part1.pcap: gone") {
		t.Errorf("a file that is gone: %v", err)
	}
}
