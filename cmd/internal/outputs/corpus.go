package outputs

import (
	"context"
	"io"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/terminal"
)

// Corpus is where -o says that a corpus goes.
func Corpus(stdout io.Writer, name string, force bool) (corpus.Dest, error) {
	switch {
	case name == "":
		return corpus.Dest{}, exit.Misuse("say where the corpus goes: -o FILE.rpz, or -o - for stdout")
	case name != "-":
		return corpus.Dest{Path: name, Force: force}, nil
	case terminal.Is(stdout):
		return corpus.Dest{}, exit.Misuse("-o -: a corpus is no text for a terminal: pipe it somewhere")
	}
	return corpus.Dest{Stream: terminal.Bytes(stdout)}, nil
}

// Transfer writes records as a corpus, with the hosts of those that they are of.
func Transfer(ctx context.Context, stdout io.Writer, name string, force bool, h corpus.Header, src capture.Source, of ...*corpus.Reader) (int64, error) {
	to, err := Corpus(stdout, name, force)
	if err != nil {
		return 0, err
	}
	n, err := corpus.Transfer(ctx, to, h, src, of...)
	return n, Explain(err)
}
