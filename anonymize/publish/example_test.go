package publish_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"reprise/anonymize/publish"
	"reprise/capture/corpus"
	"reprise/capture/ingest"
)

// A recording is captured, made safe and audited. The output has a name only because nothing of the input survives in it.
func ExampleFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	raw, safe := filepath.Join(dir, "inbound.rpz"), filepath.Join(dir, "safe.rpz")
	ctx := context.Background()
	if _, err := ingest.Files(ctx, []string{"testdata/inbound.pcap"}, corpus.Dest{Path: raw}, ingest.Options{Vendor: "twilio"}); err != nil {
		fmt.Println(err)
		return
	}
	report, err := publish.File(ctx, raw, corpus.Dest{Path: safe}, publish.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d records of %d people; the audit passed: %v\n", report.Records, report.Senders, report.Audit.Pass)
	r, err := corpus.Open(safe)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	fmt.Println("the corpus is", r.Header().State)
	// Output:
	// 12 records of 12 people; the audit passed: true
	// the corpus is anonymized
}
