package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/render"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// codecFigures are the speeds of one thread at a corpus, and its size, in each of the two codecs.
type codecFigures struct {
	InRows    codecSpeeds `json:"rows"`
	InColumns codecSpeeds `json:"columns"`
}

// codecSpeeds are records a second of CPU time, reading the median of three passes.
type codecSpeeds struct {
	Write float64 `json:"write_per_second"`
	Read  float64 `json:"read_per_second"`
	Send  float64 `json:"read_to_request_per_second"` // and write down as the request that replay sends with --keep-ids
	Bytes int64   `json:"bytes"`
}

// codecOf reads a corpus in a process of its own, on one CPU.
func (b *bench) codecOf(ctx context.Context, file string) (f codecFigures, err error) {
	return f, b.ownRole(ctx, &f, "codec", file)
}

// ownRole runs this program in a role that ends by itself, on one CPU, and reads the JSON that it prints.
func (b *bench) ownRole(ctx context.Context, result any, role ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	u, err := do(ctx, job{argv: append([]string{self}, role...), cpu: 0, env: []string{"GOMAXPROCS=1"}, limit: time.Hour})
	if err != nil || u.exit != 0 {
		return errors.Join(fmt.Errorf("%s: %s", role[0], u.complaint()), err)
	}
	return json.Unmarshal([]byte(u.out), result)
}

// codecRole writes a corpus in rows and in columns, and reads both three times over in turn, as records and as the bytes of requests.
func codecRole(ctx context.Context, args []string, out io.Writer) (err error) {
	if len(args) != 1 {
		return errors.New("codec: give one corpus")
	}
	folder, err := os.MkdirTemp(filepath.Dir(args[0]), "codec-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	var f codecFigures
	codecs := []struct {
		figures *codecSpeeds
		file    string
		choose  func(*corpus.Writer)
	}{
		{&f.InRows, filepath.Join(folder, "rows.rpz"), func(*corpus.Writer) {}},
		{&f.InColumns, filepath.Join(folder, "columns.rpz"), (*corpus.Writer).Columns},
	}
	for _, c := range codecs {
		if c.figures.Write, c.figures.Bytes, err = writeAll(ctx, args[0], c.file, c.choose); err != nil {
			return err
		}
	}
	var read, send [2][]float64
	for range 3 {
		for i, c := range codecs {
			for _, way := range []struct {
				passes *[]float64
				send   bool
			}{{&read[i], false}, {&send[i], true}} {
				n, took, err := readAll(ctx, c.file, way.send)
				if err != nil {
					return err
				}
				*way.passes = append(*way.passes, float64(n)/max(took.Seconds(), 1e-9))
			}
		}
	}
	for i, c := range codecs {
		c.figures.Read, c.figures.Send = rounded(median(read[i]), 0), rounded(median(send[i]), 0)
	}
	return json.NewEncoder(out).Encode(f)
}

// writeAll writes a corpus to another file, as choose says, and returns how many records a second of CPU time that was, without reading them,
// and how many bytes.
func writeAll(ctx context.Context, from, to string, choose func(*corpus.Writer)) (perSecond float64, size int64, err error) {
	_, reading, err := readAll(ctx, from, false)
	if err != nil {
		return 0, 0, err
	}
	file, err := os.Create(to)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r, err := corpus.Open(from)
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	w, err := corpus.NewWriter(file, corpus.Header{State: corpus.Synthetic})
	if err != nil {
		return 0, 0, err
	}
	choose(w)
	runtime.GC()
	begun, err := ownCPU()
	if err != nil {
		return 0, 0, err
	}
	n, err := capture.Copy(ctx, w, r)
	if err = errors.Join(err, w.Close()); err != nil {
		return 0, 0, err
	}
	ended, err := ownCPU()
	if err != nil {
		return 0, 0, err
	}
	size, err = fileSize(to)
	return rounded(float64(n)/max((ended-begun-reading).Seconds(), 1e-9), 0), size, err
}

// readAll reads a corpus to its end, with send making the requests of its records too, and returns how many records that were, and the CPU time
// it took.
func readAll(ctx context.Context, file string, send bool) (n int, took time.Duration, err error) {
	to, err := render.New(render.Options{Target: &url.URL{Scheme: "http", Host: "127.0.0.1"}, Table: all.Table(), KeepIDs: true})
	if err != nil {
		return 0, 0, err
	}
	r, err := corpus.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	if send {
		r.Cut() // as replay does
	}
	runtime.GC()
	begun, err := ownCPU()
	if err != nil {
		return 0, 0, err
	}
	var rec capture.Record
	var q replay.Request
	for err = r.Next(ctx, &rec); err == nil; err = r.Next(ctx, &rec) {
		n++
		if !send {
			continue
		}
		if err = to.Render(&rec, pace.Play{Seq: rec.Seq}, rec.Time, &q); err != nil {
			return 0, 0, err
		}
	}
	if !errors.Is(err, io.EOF) {
		return 0, 0, err
	}
	ended, err := ownCPU()
	return n, ended - begun, err
}

// ownCPU is the CPU time of this process.
func ownCPU() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

const seekRecords = 10_000_000

// seekFigures say how long it takes to begin at a time in the middle of a corpus: medians and the most of places chosen at random.
type seekFigures struct {
	Records int64      `json:"records"`
	Places  int        `json:"places"`
	Open    [2]float64 `json:"open_ms"`  // until the file is open and its index read
	Found   [2]float64 `json:"found_ms"` // from then until block and place are found
	First   [2]float64 `json:"first_ms"` // from the open file until the first record is there
}

const seekAbout = "Milliseconds of one thread, the file in the page cache, each place in a file that was opened anew: the median and the most."

func (f *seekFigures) table() table {
	t := table{head: []string{"records", "places", "opened", "found", "first record", "to reach", "reached"}}
	two := func(f [2]float64) string { return fmt.Sprintf("%.2f (%.2f)", f[0], f[1]) }
	t.add(strconv.FormatInt(f.Records, 10), strconv.Itoa(f.Places), two(f.Open), two(f.Found), two(f.First), "found 5, first record 20",
		choose(f.Open[0]+f.Found[0] < 5 && f.Open[0]+f.First[0] < 20, "yes", "no"))
	return t
}

// measureSeek makes a large corpus and goes to times in it.
func (b *bench) measureSeek(ctx context.Context) (*seekFigures, error) {
	n := choose(b.short, 300_000, seekRecords)
	file := b.path("large.rpz")
	b.say("sizes: making a corpus of %d records to go about in", n)
	u, err := do(ctx, job{argv: []string{b.reprise, "fixtures", "synth", "--curve", "bfcm2022", "--messages", strconv.Itoa(n), "-o", file, "--quiet"}, cpu: anyCPU, limit: time.Hour})
	if err != nil || u.exit != 0 {
		return nil, errors.Join(fmt.Errorf("synth: %s", u.complaint()), err)
	}
	f := new(seekFigures)
	return f, errors.Join(b.ownRole(ctx, f, "seek", file), os.Remove(file))
}

// seekRole goes to fifty times of a corpus.
func seekRole(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("seek: give one corpus")
	}
	const places = 50
	r, err := corpus.Open(args[0])
	if err != nil {
		return err
	}
	index, ok := r.Index()
	if err := r.Close(); err != nil || !ok {
		return errors.Join(errors.New("seek: the file has no index"), err)
	}
	f := seekFigures{Records: index.Records, Places: places}
	rng := rand.New(rand.NewPCG(1, 2))
	var open, found, first []float64
	for range places {
		at := index.First.Add(time.Duration(rng.Int64N(max(int64(index.Last.Sub(index.First)), 1))))
		runtime.GC() // what the place before left is not this one's
		o, s, n, err := seekOnce(ctx, args[0], at)
		if err != nil {
			return err
		}
		open, found, first = append(open, o), append(found, s), append(first, n)
	}
	for figure, all := range map[*[2]float64][]float64{&f.Open: open, &f.Found: found, &f.First: first} {
		*figure = [2]float64{rounded(median(all), 3), rounded(slices.Max(all), 3)}
	}
	return json.NewEncoder(out).Encode(f)
}

func seekOnce(ctx context.Context, file string, at time.Time) (open, found, first float64, err error) {
	ms := func(since time.Time) float64 { return float64(time.Since(since)) / 1e6 }
	begun := time.Now()
	r, err := corpus.Open(file)
	if err != nil {
		return 0, 0, 0, err
	}
	defer r.Close()
	open = ms(begun)
	begun = time.Now()
	if err := r.SeekTime(at); err != nil {
		return 0, 0, 0, err
	}
	found = ms(begun)
	var rec capture.Record
	if err := r.Next(ctx, &rec); err != nil {
		return 0, 0, 0, err
	}
	first = ms(begun)
	if rec.Time.Before(at) {
		return 0, 0, 0, fmt.Errorf("asked for %v, and was given a record of %v", at, rec.Time)
	}
	return open, found, first, nil
}
