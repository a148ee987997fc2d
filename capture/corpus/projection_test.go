package corpus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

// known is of a record what a projection knows.
func known(r *capture.Record, persons bool) capture.Record {
	k := capture.Record{Seq: r.Seq, Time: r.Time, Method: r.Method, Host: r.Host, Kind: r.Kind, Vendor: r.Vendor, Origin: r.Origin}
	if persons {
		k.Message.Person = r.Person()
	}
	return k
}

// projected reads a corpus by its columns.
func projected(t testing.TB, r *Reader, persons bool) (out []capture.Record) {
	t.Helper()
	var p Projection
	for {
		err := r.Project(context.Background(), &p, persons)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := len(p.Times); n == 0 || len(p.Kinds) != n || len(p.Routes) != n || persons && len(p.Persons) != n || len(p.Origins) != 0 && len(p.Origins) != n {
			t.Fatalf("columns of %d, %d, %d, %d and %d entries", n, len(p.Kinds), len(p.Routes), len(p.Persons), len(p.Origins))
		}
		for i := range p.Times {
			var rec capture.Record
			p.Fill(&rec, i)
			out = append(out, rec)
		}
	}
}

// alike holds that a projection gives what reading records does, and tells the same damage.
func alike(t testing.TB, open func() *Reader, from time.Time) {
	t.Helper()
	for _, persons := range []bool{false, true} {
		one, two := open(), open()
		if one == nil || two == nil {
			return
		}
		if !persons {
			one.Skim() // slots that are malformed are malformed for those who read them
		}
		if !from.IsZero() {
			if one.SeekTime(from) != nil || two.SeekTime(from) != nil {
				t.Fatal("no seek")
			}
		}
		want := readAll(t, one)
		got := projected(t, two, persons)
		if len(got) != len(want) {
			t.Fatalf("persons %v: %d records, want %d", persons, len(got), len(want))
		}
		for i := range got {
			if w := known(&want[i], persons); !same(&got[i], &w) || got[i].Message.Person != w.Message.Person || got[i].Origin != w.Origin {
				t.Fatalf("persons %v: record %d: %+v, want %+v", persons, i, got[i], w)
			}
		}
		if !slices.Equal(one.Damage(), two.Damage()) {
			t.Fatalf("persons %v: damage %v, want %v", persons, two.Damage(), one.Damage())
		}
		one.Close()
		two.Close()
	}
}

func stream(t testing.TB, b []byte) func() *Reader {
	return func() *Reader {
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			return nil
		}
		return r
	}
}

func file(t testing.TB, b []byte) func() *Reader {
	return func() *Reader {
		u, err := frame.NewUnpacker(maxRaw)
		if err != nil {
			t.Fatal(err)
		}
		in := bytes.NewReader(b)
		r := newReader(in, u)
		if r.beginAt(in, int64(len(b))) != nil {
			u.Close()
			return nil
		}
		return r
	}
}

func TestProject(t *testing.T) {
	for _, records := range [][]capture.Record{nil, sample(1, 1), sample(9000, 2), marked(9000, 0), marked(9000, 5000)} {
		b := encode(t, Header{State: Raw}, records)
		alike(t, stream(t, b), time.Time{})
		alike(t, file(t, b), time.Time{})
		for _, i := range []int{0, 1, 4095, 4096, 4097, 8999} {
			if i < len(records) {
				alike(t, file(t, b), records[i].Time)
				alike(t, stream(t, b), records[i].Time.Add(1))
			}
		}
	}
}

// TestProjectBegun goes on by columns where somebody has read some records of a block.
func TestProjectBegun(t *testing.T) {
	records := sample(5000, 4)
	b := encode(t, Header{State: Raw}, records)
	for _, n := range []int{1, 4095, 4096, 4500} {
		r := stream(t, b)()
		var rec capture.Record
		for range n {
			if err := r.Next(context.Background(), &rec); err != nil {
				t.Fatal(err)
			}
		}
		got := projected(t, r, true)
		if len(got) != len(records)-n || got[0].Seq != int64(n) || !got[0].Time.Equal(records[n].Time) {
			t.Errorf("after %d records: %d by columns, the first %+v", n, len(got), got[0])
		}
	}
}

// TestProjectDamaged holds that columns lose what records lose.
func TestProjectDamaged(t *testing.T) {
	whole, _ := small(t)
	for i := 0; i < len(whole); i += 7 * stride() {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		alike(t, stream(t, b), time.Time{})
		alike(t, file(t, b), time.Time{})
		alike(t, stream(t, whole[:i]), time.Time{})
	}
}

// TestProjectUnfinished reads an unfinished file with its journals.
func TestProjectUnfinished(t *testing.T) {
	records := sample(6000, 5)
	dir := t.TempDir()
	l, err := BeginLive(Dest{Path: filepath.Join(dir, "a.rpz")}, Header{State: Raw}, LiveOptions{Memory: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := l.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	path := likeKilled(t, dir, func(size int64) int64 { return size })
	alike(t, func() *Reader {
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}, time.Time{})
	if err := l.End(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkProject(b *testing.B) {
	records := traffic(b)
	file := encode(b, Header{State: Anonymized}, records)
	for _, way := range []string{"records", "skim", "columns", "persons"} {
		b.Run(way, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				r, err := NewReader(bytes.NewReader(file))
				if err != nil {
					b.Fatal(err)
				}
				switch way {
				case "skim":
					r.Skim()
					fallthrough
				case "records":
					drainSource(b, r, len(records))
				default:
					var p Projection
					n := 0
					for r.Project(context.Background(), &p, way == "persons") == nil {
						n += len(p.Times)
					}
					if n != len(records) {
						b.Fatalf("%d of %d records", n, len(records))
					}
				}
				r.Close()
			}
			report(b, len(records), int64(len(file)))
		})
	}
}
