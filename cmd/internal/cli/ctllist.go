package cli

import (
	"context"
	"maps"
	"slices"
	"strings"

	"reprise/cmd/internal/exit"
	"reprise/replay/control"
	"reprise/replay/report"
)

// list prints the replays that are going; one that was named, alone.
func (o *ctlOptions) list(ctx context.Context, s Streams) error {
	sockets := []string{o.socket}
	if o.socket == "" {
		var err error
		if sockets, err = control.Living(ctx); err != nil {
			return ctlError(ctx, err, "")
		}
	}
	all := running(ctx, sockets)
	switch {
	case len(all) == 0 && o.socket != "":
		return ctlError(ctx, control.ErrNobody, o.socket)
	case o.asJSON:
		return printJSON(s.Out, all)
	case len(all) == 0:
		return exit.Hint(control.ErrNone, "start one with reprise replay")
	}
	return report.WriteRunning(s.Out, all)
}

// running asks the replays at some sockets how they stand.
func running(ctx context.Context, sockets []string) []report.Running {
	standing := control.Standing(ctx, sockets)
	all := make([]report.Running, 0, len(standing))
	for _, path := range slices.Sorted(maps.Keys(standing)) {
		all = append(all, report.Running{Socket: path, Status: standing[path]})
	}
	return all
}

// severalRuns says of several replays what tells them apart; of one that does not answer its socket alone.
func severalRuns(ctx context.Context, sockets []string) string {
	all := running(ctx, sockets)
	var b strings.Builder
	_ = report.WriteRunning(&b, all) // a builder takes everything
	for _, path := range sockets {
		if !slices.ContainsFunc(all, func(r report.Running) bool { return r.Socket == path }) {
			b.WriteString("--socket " + path + " (it does not answer)\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
