package corpus_test

import (
	"context"
	"fmt"

	"reprise/capture"
	"reprise/capture/corpus"
)

// printer is a capture.Sink.
type printer struct{}

func (printer) Write(r *capture.Record) error {
	fmt.Println(r.Seq, r.Time.Format("15:04:05.000"), r.Kind, r.Vendor, r.URL)
	return nil
}

// A corpus is opened, asked what it is, and the wanted records of it are read.
func ExampleOpen() {
	r, err := corpus.Open("testdata/v1/whole.rpz")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	x, _ := r.Index()
	fmt.Println(r.Header().State, x.Records)
	wanted, err := corpus.Select(r, corpus.Selection{Kinds: []capture.Kind{capture.Unsubscribe, capture.Help}, Limit: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := capture.Copy(context.Background(), printer{}, wanted); err != nil {
		fmt.Println(err)
	}
	// Output:
	// raw 60
	// 0 18:00:00.123 unsubscribe twilio /sms/twilio?tenant=%41b
	// 10 18:00:00.138 unsubscribe telnyx /sms/telnyx
	// 12 18:00:00.141 help twilio /sms/twilio?tenant=%41b
}
