package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/replay"
	"reprise/replay/control"
	"reprise/replay/pace"
	"reprise/replay/report"
)

// ctlOptions are the flags of ctl.
type ctlOptions struct {
	socket string
	asJSON bool
}

func ctlVerb(s Streams) *cobra.Command {
	var o ctlOptions
	cmd := help.Verb(help.Page{
		Use: "ctl pause|resume|scale N|volume N|skip D|note TEXT|stop|status|list", Short: "Steer a replay that is going: pause, resume, another time-scale or volume, a skip, a note, stop, status, list",
		Long: `Speaks to a replay of this user on this machine over its unix socket. pause stops sending, and what is on its way goes
on; resume goes on at the distances of the schedule, so that nothing is caught up in a burst; scale N sets --time-scale from
now on; volume N sets --volume from now on: more than planned is sent by new people, and the first time begins when the corpus has been looked through
for people; skip 30s goes on where the schedule would be 30 s later, and skip step with the next step of a --shape: what is jumped over
counts as unsent; note TEXT keeps a text with this moment, which report and dashboard show on the axis of time, and changes nothing; stop ends the run in order, and replay prints its summary and ends with 0, or with 3 where --expect does not hold: a
run that was stopped is not faithful. Each prints how the run then stands. What was done is part of the run file.
status says which run it is, and which step of a --shape is played. list prints a line for each replay that is going: process,
corpus, target, run, state, when it began, and the socket; one that was given its socket with replay --control is asked there alone.
One replay is found by itself; of several, --socket says which: replay prints its socket where it prints plain progress or stderr is no terminal,
and replay --control chooses it. A socket, or a folder of sockets, that is another user's is refused: what answers there need not be
a replay.`,
		Examples: [2]string{"reprise ctl pause", "reprise ctl note 'cache warmed' --socket /tmp/friday.sock"},
		Codes:    []exit.Code{exit.Refused},
	}, cobra.RangeArgs(1, 2), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) })
	f := cmd.Flags()
	f.StringVar(&o.socket, "socket", "", "`SOCKET` of the replay, where several are going")
	f.BoolVar(&o.asJSON, "json", false, "print the status as JSON")
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if below := belowZero(cmd.Flags().Args(), err); below != nil {
			return exit.Misuse("ctl: %w", below)
		}
		return cmd.Parent().FlagErrorFunc()(cmd, err)
	})
	return cmd
}

// belowZero is what is wrong with an order whose number was taken for a flag, as it is below 0; nil where it is none.
func belowZero(args []string, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok || len(args) != 1 {
		return nil
	}
	value := unknown.GetSpecifiedShortnames()
	if !strings.ContainsAny(value[:min(1, len(value))], "0123456789.") {
		return nil
	}
	_, err = parseOrder([]string{args[0], "-" + value})
	return err
}

func (o *ctlOptions) run(ctx context.Context, s Streams, args []string) error {
	do, err := parseOrder(args)
	if err != nil {
		return err
	}
	if do.Do == "list" {
		return o.list(ctx, s)
	}
	path := o.socket
	if path == "" {
		if path, err = control.Find(ctx); err != nil {
			return ctlError(ctx, err, path)
		}
	}
	status, err := control.Send(ctx, path, do)
	if err != nil {
		return ctlError(ctx, err, path)
	}
	if o.asJSON {
		return printJSON(s.Out, status)
	}
	return report.WriteStatus(s.Out, status)
}

// ctlError says what to do about a replay that was not found, or that is not to be spoken to.
func ctlError(ctx context.Context, err error, path string) error {
	several, ok := errors.AsType[*control.SeveralError](err)
	switch {
	case ok:
		return exit.Misuse("several replays are going; say which with --socket:\n%s", severalRuns(ctx, several.Sockets))
	case errors.Is(err, control.ErrForeign) && path == "":
		return exit.With(exit.Refused, exit.Hint(err, "remove that folder; a replay that began meanwhile has no socket: end it with kill -INT"))
	case errors.Is(err, control.ErrForeign):
		return exit.With(exit.Refused, exit.Hint(err, "only a replay of this user is spoken to: whoever listens there could say anything"))
	case errors.Is(err, control.ErrNone):
		return exit.Hint(err, "start one with reprise replay")
	case errors.Is(err, control.ErrNobody):
		return exit.Hint(fmt.Errorf("no replay listens at %s", path), "start one with reprise replay, or name its --socket")
	}
	return err
}

func parseOrder(args []string) (control.Order, error) {
	do := control.Order{Do: args[0]}
	switch {
	case do.Do == "scale":
		if len(args) != 2 {
			return do, exit.Misuse("say the time-scale: reprise ctl scale 3")
		}
		v, err := strconv.ParseFloat(args[1], 64)
		if err != nil || !(v >= replay.MinLiveScale && v <= replay.MaxLiveScale) {
			return do, exit.Misuse("scale %q is no factor between %v and %v", args[1], replay.MinLiveScale, replay.MaxLiveScale)
		}
		do.TimeScale = v
	case do.Do == "volume":
		if len(args) != 2 {
			return do, exit.Misuse("say the volume: reprise ctl volume 2")
		}
		v, err := strconv.ParseFloat(args[1], 64)
		if err == nil {
			err = replay.CheckVolume(v)
		}
		if err != nil {
			return do, exit.Misuse("volume %q is no factor above 0 and at most %v", args[1], pace.MaxVolume)
		}
		do.Volume = v
	case do.Do == "skip":
		if len(args) != 2 {
			return do, exit.Misuse("say how far: reprise ctl skip 30s, or skip step")
		}
		if args[1] == "step" {
			do.Do = "skip step"
			return do, nil
		}
		by, err := time.ParseDuration(args[1])
		if err != nil {
			return do, exit.Misuse("skip %q is neither a duration such as 30s nor step", args[1])
		}
		if err := replay.CheckSkip(by); err != nil {
			return do, exit.Misuse("%w", err)
		}
		do.By = by
	case do.Do == "note":
		if len(args) != 2 {
			return do, exit.Misuse("say the text: reprise ctl note 'cache warmed'")
		}
		if err := replay.CheckNote(args[1]); err != nil {
			return do, exit.Misuse("%w", err)
		}
		do.Text = args[1]
	case do.Do != "pause" && do.Do != "resume" && do.Do != "stop" && do.Do != "status" && do.Do != "list":
		return do, exit.Misuse("%q is none of pause, resume, scale, volume, skip, note, stop, status, list", do.Do)
	case len(args) != 1:
		return do, exit.Misuse("%s takes no argument", do.Do)
	}
	return do, nil
}
