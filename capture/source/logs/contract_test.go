package logs

import (
	"io"
	"testing"

	"reprise/capture"
	"reprise/capture/source/sourcetest"
)

func TestContract(t *testing.T) {
	m := nginx(t)
	sourcetest.Check(t, benchmarkLog(20), func(in io.Reader, file string, a *capture.Account) (capture.Source, error) {
		return New(in, Options{File: file, Map: m, Account: a})
	})
}
