package ingest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"reprise/capture/corpus"
	"reprise/capture/ingest"
)

// A packet capture becomes a corpus: the format is told by content, records are annotated and sorted.
func ExampleFiles() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	to := corpus.Dest{Path: filepath.Join(dir, "inbound.rpz")}
	got, err := ingest.Files(context.Background(), []string{"testdata/inbound.pcap"}, to, ingest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("read %d, kept %d, lost %d bytes\n", got.Account.Read, got.Account.Kept, got.Account.Lost)
	// Output: read 12, kept 12, lost 0 bytes
}
