package ingest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

// benchRows is how many messages BenchmarkFiles reads.
const benchRows = 20_000

// messagesCSV is an export of messages, a hundred a second.
func messagesCSV() []byte {
	texts := []string{"STOP", "where is my parcel? it should have been here on Friday", "HELP", "thanks! see you tomorrow", "Loved “Sale ends at noon”", "I'd like two of the blue ones, please"}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"From", "To", "Body", "Status", "SentDate", "ApiVersion", "NumSegments", "ErrorCode", "AccountSid", "Sid", "Direction", "Price", "PriceUnit"})
	r := rand.New(rand.NewPCG(1, 2))
	for i := range benchRows {
		_ = w.Write([]string{
			fmt.Sprintf("+1212555%04d", r.IntN(10_000)), "+18885550100", texts[r.IntN(len(texts))], "received", start.Add(time.Duration(i/100) * time.Second).Format(time.RFC3339), "2010-04-01",
			"1", "0", "AC0123456789abcdef0123456789abcdef", fmt.Sprintf("SM%016x%016x", r.Uint64(), r.Uint64()), "inbound", "", "",
		})
	}
	w.Flush()
	return b.Bytes()
}

// loggedLines are the requests of a corpus as lines of a log.
func loggedLines(b *testing.B, file string) []byte {
	b.Helper()
	in, err := corpus.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	var r capture.Record
	for {
		if err := in.Next(b.Context(), &r); errors.Is(err, io.EOF) {
			return out.Bytes()
		} else if err != nil {
			b.Fatal(err)
		}
		agent, _ := r.Header("User-Agent")
		mediaType, _ := r.Header("Content-Type")
		stamp := strconv.FormatInt(r.Time.Unix(), 10) + "." + fmt.Sprintf("%03d", r.Time.Nanosecond()/1e6)
		err := enc.Encode(map[string]any{
			"ts": stamp, "request_time": 0.002, "status": 200, "method": r.Method, "uri": r.URL, "host": r.Host, "content_type": mediaType, "user_agent": agent, "body": string(r.Body),
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFiles makes a corpus of the same messages: of an export, of a log that has the requests, and of their packets.
func BenchmarkFiles(b *testing.B) {
	dir := b.TempDir()
	table, log := filepath.Join(dir, "messages.csv"), filepath.Join(dir, "access.ndjson")
	to := corpus.Dest{Path: filepath.Join(dir, "out.rpz"), Force: true}
	if err := os.WriteFile(table, messagesCSV(), 0o600); err != nil {
		b.Fatal(err)
	}
	if _, err := Files(b.Context(), []string{table}, to, Options{}); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(log, loggedLines(b, to.Path), 0o600); err != nil {
		b.Fatal(err)
	}
	packets, mirrored := filepath.Join(dir, "requests.pcap"), filepath.Join(dir, "vxlan.pcap")
	if err := errors.Join(os.WriteFile(packets, recordedPackets(b, to.Path, false), 0o600), os.WriteFile(mirrored, recordedPackets(b, to.Path, true), 0o600)); err != nil {
		b.Fatal(err)
	}
	for _, tc := range []struct{ name, file string }{
		{"messages as CSV", table}, {"log of JSON lines", log}, {"packets", packets}, {"packets in VXLAN", mirrored},
	} {
		b.Run(tc.name, func(b *testing.B) {
			for b.Loop() {
				got, err := Files(b.Context(), []string{tc.file}, to, Options{})
				if err != nil || got.Account.Kept != benchRows {
					b.Fatal(got, err)
				}
			}
			b.ReportMetric(float64(benchRows*b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
