package cli

import (
	"io"

	"reprise/capture/wording"
	"reprise/cmd/internal/terminal"
)

// shown is a text from a file as it is printed within a line: it cannot begin one of its own.
func shown(s string) string { return wording.InLine(s) }

// bytesTo is where bytes go that are no text: a corpus, or what is drawn on a terminal.
func bytesTo(w io.Writer) io.Writer { return terminal.Bytes(w) }

// isTerminal says whether people look at a stream while it is written.
func isTerminal(w io.Writer) bool { return terminal.Is(w) }

// startProgress begins to show "what: N records" on a terminal, unless quiet is set.
func startProgress(w io.Writer, what string, quiet bool) *terminal.Progress {
	return terminal.Start(w, what, quiet)
}
