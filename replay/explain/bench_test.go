//go:build linux

package explain_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/explain"
	"reprise/replay/results"
)

// large writes a corpus of n records, those of a minute again and again from other people, and the file of a run that played it.
func large(tb testing.TB, n int) (run, path string) {
	tb.Helper()
	r, err := corpus.Open(minute)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	var some []*capture.Record
	for {
		var rec capture.Record
		err := r.Next(tb.Context(), &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		some = append(some, rec.Clone())
	}
	path, run = filepath.Join(tb.TempDir(), "large.rpz"), filepath.Join(tb.TempDir(), "large.rpr")
	f, err := corpus.Create(path, r.Header(), false)
	if err != nil {
		tb.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 8))
	at := some[0].Time
	var plan replay.Plan
	plan.First = at
	for i := range n {
		rec := some[i%len(some)]
		rec.Time = at.Add(time.Duration(i) * time.Millisecond)
		rec.Message.From = "+1415555" + fmt.Sprintf("%04d", random.IntN(n/3+1)%10000) // few numbers reach nobody: people are told apart by their first digits
		if n > 30_000 {
			rec.Message.From = "+1" + strconv.Itoa(2_005_550_000+random.IntN(n/3))
		}
		if err := f.Write(rec); err != nil {
			tb.Fatal(err)
		}
		plan.Last = rec.Time
	}
	plan.Ledger.Recorded, plan.Ledger.Unsent = int64(n), int64(n)
	if err := f.Commit(); err != nil {
		tb.Fatal(err)
	}
	opened, err := corpus.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer opened.Close()
	hash, _ := opened.Hash()
	out, err := results.Create(run, results.Header{Corpus: hash, Plan: &plan, Settings: map[string]string{"volume": "1"}}, false)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		due := time.Duration(i) * time.Millisecond
		took := time.Duration(5e6 + random.ExpFloat64()*2e6)
		if i%37 == 0 {
			took *= 10
		}
		sent := due + time.Duration(random.IntN(80_000))
		res := replay.Result{Seq: int64(i), Kind: some[i%len(some)].Kind, Intended: due, Sent: sent, FirstByte: sent + took, Done: sent + took, Status: 200}
		if err := out.Record(&res); err != nil {
			tb.Fatal(err)
		}
	}
	if err := out.Finish(replay.Outcome{State: replay.Complete}); err != nil {
		tb.Fatal(err)
	}
	return run, path
}

// used is what this process has used so far.
func used() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u
}

// cost reports the CPU time of an operation, on a machine that does other things beside, and the most memory so far.
func cost(b *testing.B) func() {
	at := func(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }
	before := at(used())
	return func() {
		u := used()
		b.ReportMetric(float64((at(u)-before).Milliseconds())/float64(b.N), "CPU-ms/op")
		b.ReportMetric(float64(u.Maxrss)/1024, "MB-peak")
	}
}

// BenchmarkFile explains runs of some requests, with and without the search.
func BenchmarkFile(b *testing.B) {
	for _, n := range []int{10_000, 3_000_000} {
		run, path := large(b, n)
		before := used().Maxrss
		b.Run(fmt.Sprintf("table/%d", n), func(b *testing.B) {
			defer cost(b)()
			for b.Loop() {
				t, _, err := explain.Table(b.Context(), run, explain.Options{Corpus: path})
				if err != nil || t.Len() != n {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(before)/1024, "MB-before")
		})
		b.Run(fmt.Sprintf("why/%d", n), func(b *testing.B) {
			defer cost(b)()
			for b.Loop() {
				why, err := explain.File(b.Context(), run, explain.Options{Corpus: path})
				if err != nil || why.Requests != int64(n) {
					b.Fatal(err)
				}
			}
		})
	}
}
