package cli

import (
	"context"
	"errors"

	"reprise/cmd/internal/exit"
	"reprise/replay/render"
	"reprise/replay/session"
)

// parseHeaders reads --header: 'NAME: VALUE', 'NAME:', 'NAME: @FILE' and @FILE.
func (o *replayOptions) parseHeaders(ctx context.Context) ([]render.Header, error) {
	edits, open, err := session.ReadHeaders(ctx, o.headers)
	if bad, ok := errors.AsType[*session.HeaderError](err); ok {
		return nil, headerError(bad)
	}
	for _, name := range open {
		o.warn("--header %s: the value stands on the command line, where every user of this machine can read it: give --header '%s: @FILE'", name, name)
	}
	return edits, err
}

// headerError is the error for --header.
func headerError(e *session.HeaderError) error {
	flag := "--header"
	if e.Header != "" {
		flag += " " + e.Header
	}
	switch {
	case errors.Is(e, session.ErrProxyHeader):
		return exit.Misuse("%s: %w: give --proxy-auth @FILE", flag, e.Err)
	case e.MeantAsText:
		return exit.Hint(exit.Misuse("%s: %w", flag, e.Err), "what follows an @ is a file to read; a value that begins with one is written @@")
	}
	return exit.Misuse("%s: %w", flag, e.Err)
}
