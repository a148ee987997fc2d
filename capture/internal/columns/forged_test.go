package columns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

func sectionsOf(t testing.TB, d *Decoder) (list [][]byte) {
	t.Helper()
	for i := range d.sections.Len() {
		raw, ok := d.sections.Section(i)
		if !ok {
			t.Fatalf("section %d cannot be read", i)
		}
		list = append(list, bytes.Clone(raw))
	}
	return list
}

func stored(sections [][]byte) []byte {
	var s frame.Sections
	for _, raw := range sections {
		s.Store(raw)
	}
	return s.Append(nil)
}

// plan writes a forged plan.
type plan struct{ raw []byte }

func (p *plan) n(list ...int) *plan {
	for _, v := range list {
		p.raw = binary.AppendUvarint(p.raw, uint64(v))
	}
	return p
}

func (p *plan) b(list ...byte) *plan { p.raw = append(p.raw, list...); return p }

// same writes numbers that are all v.
func (p *plan) same(v int64) *plan {
	p.raw = binary.AppendVarint(append(p.raw, intsConstant), v)
	return p
}

// rows writes what records have besides values: all of template 0, at one time.
func (p *plan) rows() *plan {
	for range 6 {
		p.same(0)
	}
	return p
}

// one writes a template without headers whose body is of so many columns.
func (p *plan) one(columns int) *plan {
	p.n(1, 0, 0, 0, 0, columns)
	for i := range columns {
		p.n(i + 1)
	}
	return p.n(0, 0, 0, 0, 0).rows().n(columns)
}

func (p *plan) text(s string) *plan { p.n(len(s)); p.raw = append(p.raw, s...); return p }

// TestForged holds that what no encoder writes is given up, in little memory, and before the test binary's own time is over.
func TestForged(t *testing.T) {
	long := string(bytes.Repeat([]byte{'x'}, 1<<20))
	chain := func(n, times int) *plan {
		p := (&plan{}).one(n).n(opConst).text("0123456789abcdef")
		for i := 1; i < n; i++ {
			p.n(opConcat, times)
			for range times {
				p.n(opCopy, i-1)
			}
		}
		return p
	}
	lists := (&plan{}).one(60)
	for range 60 {
		lists.n(opDict, 60_000).same(0).n(opConst).text(long[:1000])
	}
	pieces := (&plan{}).n(1, 0, 0, 0, 0, 200_000)
	pieces.raw = append(pieces.raw, make([]byte, 400_000)...)
	pieces.n(0, 0, 0, 0, 0).rows().n(0)
	deep := (&plan{}).one(1)
	for range 2000 {
		deep.n(opConcat, 1)
	}
	deep.n(opConst).text("")
	keyedBy := func(skip, length, fresh int) *plan {
		return (&plan{}).one(2).n(opConst).text("abc").n(opKeyed, 1, skip, length, fresh, 0).same(0).n(opConst).text("v").n(opConst).text("")
	}
	numbers := func(how byte, base int64, unit uint64) *plan {
		p := (&plan{}).one(1).n(opDecimal).b(how)
		p.raw = binary.AppendUvarint(binary.AppendVarint(p.raw, base), unit)
		return p
	}
	names := (&plan{}).n(60_000)
	for range 60_000 {
		names.n(0, 0, 0, 100)
		names.raw = append(names.raw, make([]byte, 206)...)
	}
	wide := (&plan{}).one(2000)
	for range 2000 {
		wide.n(opConcat, 60)
		for range 60 {
			wide.n(opHex, 0)
		}
	}
	templates := (&plan{}).n(40_000)
	for range 40_000 {
		templates.n(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	templates.rows().n(0)
	none := make([][]byte, 2000*60)
	for _, tc := range []struct {
		name    string
		records int
		plan    *plan
		before  [][]byte
		good    bool
	}{
		{"one constant", 3, (&plan{}).one(1).n(opConst).text("ab"), nil, true},
		{"copies", 3, chain(5, 2), nil, true},
		{"copies of copies double", 3, chain(60, 2), nil, false},
		{"copies of copies, sixty times", 3, chain(10, 60), nil, false},
		{"a long text, often", 3, (&plan{}).one(1).n(opConcat, 60).b(bytes.Repeat(append(binary.AppendUvarint([]byte{opConst}, 1<<19), long[:1<<19]...), 60)...), nil, false},
		{"lists of long texts", 60_000, lists, nil, false},
		{"very many pieces", maxRecords, pieces, nil, false},
		{"very many nodes without bytes", maxRecords, wide, none, false},
		{"nodes in nodes", 3, deep, nil, false},
		{"more templates than records", 3, templates, nil, true},
		{"names without end", 3, names, nil, false},
		{"a copy of itself", 3, (&plan{}).one(1).n(opCopy, 0), nil, false},
		{"a copy of a later one", 3, (&plan{}).one(2).n(opCopy, 1).n(opConst).text(""), nil, false},
		{"a copy of none", 3, (&plan{}).one(1).n(opCopy, 9), nil, false},
		{"the body's length in the body", 3, (&plan{}).one(1).n(opLength), nil, false},
		{"a key", 3, keyedBy(1, 1, 1), nil, true},
		{"a key after the end", 3, keyedBy(50, 1, 1), nil, true},
		{"fewer keys than come", 3, keyedBy(0, 9, 0), nil, false},
		{"a number that is too large", 3, numbers(8, 1<<61, 1<<62), [][]byte{{1, 2, 3}}, false},
		{"a unit that overflows", 3, numbers(8, 0, 1<<63), [][]byte{{1, 2, 3}}, false},
		{"a negative number", 3, numbers(8, -2, 1), [][]byte{{1, 2, 3}}, false},
		{"a number", 3, numbers(8, -1, 1), [][]byte{{1, 2, 3}}, true},
		{"too few bits", 3, numbers(9, 0, 1), [][]byte{{1, 2, 3}}, false},
		{"an unknown way to write numbers", 3, numbers(57, 0, 1), [][]byte{{1, 2, 3}}, false},
		{"a time", 3, (&plan{}).one(1).n(opTime, 3, 'T').same(0), nil, true},
		{"a time before 1970", 3, (&plan{}).one(1).n(opTime, 3, 'T').same(-1), nil, false},
		{"a time after 9999", 3, (&plan{}).one(1).n(opTime, 0, ' ').same(253_402_300_800), nil, false},
		{"a time between other marks", 3, (&plan{}).one(1).n(opTime, 3, '-').same(0), nil, false},
		{"a time in ten digits of the second", 3, (&plan{}).one(1).n(opTime, 10, 'T').same(0), nil, false},
		{"a time in a list", 3, (&plan{}).one(1).n(opDict, 1).same(0).n(opTime, 3, 'T').same(0), nil, false},
		{"an unknown node", 3, (&plan{}).one(1).n(99), nil, false},
		{"something after the end", 3, (&plan{}).one(1).n(opConst).text("").n(0), nil, false},
		{"a section too many", 3, (&plan{}).one(1).n(opConst).text(""), [][]byte{{1}}, false},
		{"a section too few", 3, (&plan{}).one(1).n(opHex, 1), nil, false},
		{"tokens without their bits", 2, numbers(intsTokens, 0, 1), [][]byte{{255, 255}, {1, 2, 3, 4}}, false},
		{"lengths that are more than the text", 3, (&plan{}).one(1).n(opBytes).same(5), [][]byte{[]byte("too short")}, false},
		{"a column twice", 3, (&plan{}).n(1, 0, 0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 0).rows().n(1, opConst, 0), nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			payload := stored(append(tc.before, tc.plan.raw))
			d := newDecoder(t, nil)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := readAll(d, payload, tc.records)
			runtime.ReadMemStats(&after)
			if (err == nil) != tc.good || err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("err = %v", err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 400<<20 {
				t.Errorf("it took %d MB", n>>20)
			}
		})
	}
}

func readAll(d *Decoder, payload []byte, records int) error {
	if err := d.Start(payload, records, 0); err != nil {
		return err
	}
	for range records {
		if _, err := d.Next(new(capture.Record)); err != nil {
			return err
		}
	}
	return nil
}

// TestDamaged changes single bytes of a block's sections: it gives records or ErrMalformed.
func TestDamaged(t *testing.T) {
	records := shaped(4)["twilio"][:200]
	p, _ := pack(t, NewEncoder(), records, nil)
	for _, payload := range [][]byte{p.payload, unpacked(t, p)} {
		for i := 0; i < len(payload); i += 1 + len(payload)/1500 {
			bad := bytes.Clone(payload)
			bad[i] ^= byte(1 << (i % 8))
			d := newDecoder(t, nil)
			if err := readAll(d, bad, p.records); err != nil && !errors.Is(err, ErrMalformed) {
				t.Fatalf("byte %d: %v", i, err)
			}
			if err := readAll(d, payload[:i], p.records); !errors.Is(err, ErrMalformed) {
				t.Fatalf("%d bytes: %v", i, err)
			}
		}
	}
}

// TestMutated changes a few bytes of plans and sections, in every way that a random choice finds: nothing ends the program, or goes on without end.
func TestMutated(t *testing.T) {
	rounds := 3000
	if s := os.Getenv("MUTATIONS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	var blocks [][][]byte
	var counts []int
	all := shaped(5)
	for _, name := range []string{"one", "twilio", "forms", "JSON", "headers", "shapes", "numbers", "spread", "query", "times", "clocks", "constants that end alike"} {
		records := all[name]
		records = records[:min(len(records), 300)]
		p, _ := pack(t, NewEncoder(), records, nil)
		d := newDecoder(t, nil)
		d.sections.Reset(p.payload, maxPayload)
		blocks, counts = append(blocks, sectionsOf(t, d)), append(counts, len(records))
	}
	d := newDecoder(t, nil)
	good, bad := 0, 0
	for i := range rounds {
		k := rng.IntN(len(blocks))
		sections := slices.Clone(blocks[k])
		for range 1 + rng.IntN(3) {
			at := len(sections) - 1
			if rng.IntN(3) == 0 {
				at = rng.IntN(len(sections))
			}
			raw := bytes.Clone(sections[at])
			if len(raw) == 0 {
				continue
			}
			j := rng.IntN(len(raw))
			switch rng.IntN(5) {
			case 0:
				raw[j] = byte(rng.Uint32())
			case 1:
				raw[j] ^= 1 << rng.IntN(8)
			case 2:
				raw[j] = []byte{0, 1, 2, 17, 127, 128, 255}[rng.IntN(7)]
			case 3:
				raw = slices.Delete(raw, j, min(len(raw), j+1+rng.IntN(4)))
			case 4:
				raw = slices.Insert(raw, j, raw[rng.IntN(len(raw))])
			}
			sections[at] = raw
		}
		payload := stored(sections)
		n := counts[k]
		err := readAll(d, payload, n)
		if i%2 == 0 && d.Project(payload, n, 0, From|To|URL) == nil {
			for range n {
				if _, err := d.Next(new(capture.Record)); err != nil {
					break
				}
			}
		}
		if i%3 == 0 && d.Start(payload, n, 0) == nil {
			for range n {
				if _, _, err := d.AppendRequest(nil); err != nil {
					break
				}
			}
		}
		if err == nil {
			good++
		} else if bad++; !errors.Is(err, ErrMalformed) {
			t.Fatal(err)
		}
	}
	if good == 0 || bad == 0 {
		t.Errorf("%d blocks were read, %d were not", good, bad)
	}
}
