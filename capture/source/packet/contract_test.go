package packet

import (
	"io"
	"os"
	"testing"

	"reprise/capture"
	"reprise/capture/source/sourcetest"
)

func TestContract(t *testing.T) {
	for _, name := range []string{"testdata/loopback.pcap", "testdata/cooked2.pcap"} {
		input, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			sourcetest.Check(t, input, func(in io.Reader, file string, a *capture.Account) (capture.Source, error) {
				return New(in, Options{File: file, Ports: []int{18080}, Account: a}), nil
			})
		})
	}
}
