package cli

import (
	"fmt"
	"io"

	"reprise/anonymize"
	"reprise/capture/corpus"
)

// pathsAreOld says whether a corpus was anonymized before its paths were held to routes.
func pathsAreOld(h corpus.Header) bool {
	return h.State == corpus.Anonymized && h.PathRule < anonymize.PathRule
}

// sayOldPaths says of a corpus that its paths may name people.
func sayOldPaths(w io.Writer, name string, h corpus.Header) {
	if pathsAreOld(h) {
		fmt.Fprintf(w, "reprise: %s: paths were kept by an older rule: anonymize again\n", shown(name))
	}
}
