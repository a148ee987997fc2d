package session

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

// day writes a corpus of a day with a busy hour; REPRISE_BENCH_CORPUS names another file.
func day(b *testing.B) string {
	b.Helper()
	if path := os.Getenv("REPRISE_BENCH_CORPUS"); path != "" {
		return path
	}
	path := filepath.Join(b.TempDir(), "day.rpz")
	f, err := corpus.Create(path, corpus.Header{State: corpus.Synthetic}, false)
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2022, 11, 25, 0, 0, 0, 0, time.UTC)
	for i := range 400_000 {
		rate := 3 + 10*math.Exp(-math.Pow(at.Sub(at.Truncate(24*time.Hour)).Hours()-17, 2))
		at = at.Add(time.Duration(float64(time.Second) / rate))
		id := fmt.Sprintf("SM%032x", uint64(i)*0x9e3779b97f4a7c15)
		r := capture.Record{
			Time: at, Method: "POST", URL: "/webhooks/sms", Host: "example.com", Kind: capture.Kind(i % 9), Vendor: "twilio",
			Headers: []capture.Header{{Name: "Host", Value: "example.com"}, {Name: "User-Agent", Value: "TwilioProxy/1.1"}, {Name: "I-Twilio-Idempotency-Token", Value: id[2:]}},
			Body:    fmt.Appendf(nil, "ToCountry=US&MessageSid=%s&From=%%2B1201555%04d&To=%%2B12015550000&Body=where+is+order+%d", id, i%1000, i),
			Message: capture.Message{ID: id, From: fmt.Sprintf("+1201555%04d", i%1000), To: "+12015550000", Text: fmt.Sprintf("where is order %d", i)},
		}
		if err := f.Write(&r); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkPlanOfThePeak plans the busiest hour of a corpus by its counts, and holds that against a plan of the same corpus by reading every
// record, in the same run.
func BenchmarkPlanOfThePeak(b *testing.B) {
	path := day(b)
	var took [2]time.Duration
	for i, way := range []string{"counts", "decoding"} {
		b.Run(way, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				s, err := Open(context.Background(), path, "", Options{Selection: Selection{Peak: time.Hour}})
				if err != nil {
					b.Fatal(err)
				}
				if way == "counts" {
					_, err = s.Plan(context.Background())
				} else {
					_, _, err = decoded(path, &s.o, s.o.tempo())
				}
				if err != nil {
					b.Fatal(err)
				}
				s.Close()
			}
			took[i] = b.Elapsed() / time.Duration(b.N)
			if took[0] > 0 && i == 1 {
				b.ReportMetric(float64(took[1])/float64(took[0]), "times-counts")
			}
		})
	}
}
