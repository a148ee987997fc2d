package cli

import (
	"crypto/tls"
	"errors"
	"strings"

	"reprise/cmd/internal/exit"
	"reprise/replay"
	"reprise/replay/results"
)

// hintTLS advises on a TLS session that could not be made.
func hintTLS(err error) error {
	var untrusted *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &untrusted):
		return exit.Hint(err, "give the authority that signed the target's certificate with --cacert FILE, or trust any with --insecure")
	case errors.As(err, &plain):
		return exit.Hint(err, "does the target speak HTTP, http://?")
	}
	return err
}

// protocolHint advises on a run in which nothing was understood; "" for any other.
func protocolHint(run *results.Run, http2 bool) string {
	switch {
	case !plainToTLS(run):
		return ""
	case http2:
		return "no request got an answer in HTTP/2: the target does not speak HTTP/2 in clear: leave out --http2, or does it speak HTTPS?"
	case run.Summary.Status["400"] == 0:
		return "no request got an answer: does the target speak HTTPS?"
	}
	return "no request got an answer but 400: does the target speak HTTPS?"
}

// plainToTLS says that a run went as it does where a target wants TLS and gets a request in clear: it closes the connection,
// or answers by an alert, or by 400.
func plainToTLS(run *results.Run) bool {
	s := &run.Summary
	ended := s.Errors[string(replay.ReasonReset)] + s.Errors[string(replay.ReasonInvalid)]
	return strings.HasPrefix(run.Header.Target, "http:") && ended > 0 && ended+s.Status["400"] == s.Ledger.Failed && s.Ledger.OK == 0
}
