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

// plainToTLS says that a run went as it does where a target wants TLS and gets a request in clear: it closes the connection,
// or answers by an alert, or by 400.
func plainToTLS(run *results.Run) bool {
	s := &run.Summary
	ended := s.Errors[string(replay.ReasonReset)] + s.Errors[string(replay.ReasonInvalid)]
	return strings.HasPrefix(run.Header.Target, "http:") && ended > 0 && ended+s.Status["400"] == s.Ledger.Failed && s.Ledger.OK == 0
}
