package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"reprise/capture"
)

// BenchmarkEncode reports records a second and bytes a record, in rows and in columns.
func BenchmarkEncode(b *testing.B) {
	records := traffic(b)
	for name, set := range map[string]func(*Writer){"rows": func(*Writer) {}, "columns": (*Writer).Columns} {
		b.Run(name, func(b *testing.B) {
			var size int64
			for range b.N {
				w, err := NewWriter(io.Discard, Header{State: Anonymized})
				if err != nil {
					b.Fatal(err)
				}
				set(w)
				for i := range records {
					if err := w.Write(&records[i]); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				size = w.offset
			}
			report(b, len(records), size)
		})
	}
}

func report(b *testing.B, records int, size int64) {
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "rec/s")
	b.ReportMetric(float64(size)/float64(records), "B/rec")
}

// BenchmarkDecode reads what BenchmarkEncode wrote; the baseline is the same records as gzip NDJSON.
func BenchmarkDecode(b *testing.B) {
	records := traffic(b)
	b.Run("corpus", func(b *testing.B) {
		file := encode(b, Header{State: Anonymized}, records)
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			r, err := NewReader(bytes.NewReader(file))
			if err != nil {
				b.Fatal(err)
			}
			drainSource(b, r, len(records))
		}
		report(b, len(records), int64(len(file)))
	})
	b.Run("gzip-ndjson", func(b *testing.B) {
		file := gzipJSON(b, records)
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			z, err := gzip.NewReader(bytes.NewReader(file))
			if err != nil {
				b.Fatal(err)
			}
			dec := json.NewDecoder(z)
			for range records {
				var r capture.Record
				if err := dec.Decode(&r); err != nil {
					b.Fatal(err)
				}
			}
		}
		report(b, len(records), int64(len(file)))
	})
}

func drainSource(b *testing.B, src capture.Source, want int) {
	var r capture.Record
	n := 0
	for src.Next(context.Background(), &r) == nil {
		n++
	}
	if n != want {
		b.Fatalf("read %d of %d records", n, want)
	}
}

func gzipJSON(b *testing.B, records []capture.Record) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	enc := json.NewEncoder(z)
	for i := range records {
		if err := enc.Encode(&records[i]); err != nil {
			b.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// traffic returns the records to measure with: those of the corpus that REPRISE_BENCH_CORPUS names, of the NDJSON file that
// REPRISE_BENCH_NDJSON names (one object a line: time in µs, method, url, headers as pairs, body), or made-up ones.
func traffic(b *testing.B) []capture.Record {
	b.Helper()
	if path := os.Getenv("REPRISE_BENCH_CORPUS"); path != "" {
		return held(b, path)
	}
	path := os.Getenv("REPRISE_BENCH_NDJSON")
	if path == "" {
		return likeTwilio(20_000)
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	records, err := readTraffic(bufio.NewReader(f))
	if err != nil {
		b.Fatal(err)
	}
	return records
}

// held reads a corpus into memory.
func held(b *testing.B, path string) (records []capture.Record) {
	b.Helper()
	r, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var rec capture.Record
	var copies Holder
	for err = r.Next(context.Background(), &rec); err == nil; err = r.Next(context.Background(), &rec) {
		records = append(records, *copies.Hold(&rec))
	}
	if !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
	return records
}
