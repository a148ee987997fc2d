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

// TestContractFormats holds it of every format, and of what is unwrapped.
func TestContractFormats(t *testing.T) {
	logs := append(formats(), envelopes()...)
	for _, tc := range logs {
		t.Run(tc.name, func(t *testing.T) {
			sourcetest.Check(t, []byte(tc.log), func(in io.Reader, file string, a *capture.Account) (capture.Source, error) {
				return New(in, Options{File: file, Map: tc.m, Account: a})
			})
		})
	}
}

// envelopes are logs of which a line holds several requests, or one in a string.
func envelopes() []formatCase {
	inner := `{\"t\":1795420547,\"u\":\"/sms\",\"b\":{\"From\":\"a\",\"Body\":\"b\"}}`
	line := `{"logEvents":[{"message":"` + inner + `"},{"message":"` + inner + `"}],"kind":"hook"}` + "\n"
	m := Map{Time: "/t", URL: "/u", Body: "/b", BodyEncoding: EncodingForm, Unwrap: []string{"/logEvents", "/message"}, Where: map[string]string{"kind": "hook"}}
	return []formatCase{{"an envelope", line + line, m}}
}
