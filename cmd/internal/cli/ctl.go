package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/replay"
)

// ctlOptions are the flags of ctl.
type ctlOptions struct {
	socket string
	asJSON bool
}

func ctlVerb(s Streams) *cobra.Command {
	var o ctlOptions
	cmd := newVerb(page{
		use: "ctl pause|resume|scale N|stop|status", short: "Steer a replay that is going: pause, resume, another time-scale, stop, status",
		long: `Speaks to a replay of this user on this machine over its unix socket. pause stops sending, and what is on its way goes
on; resume goes on at the distances of the schedule, so that nothing is caught up in a burst; scale N sets --time-scale from
now on; stop ends the run in order, and replay prints its summary and ends with 0, or with 3 where --expect does not hold: a
run that was stopped is not faithful. Each prints how the run then stands. What was done is part of the run file.
One replay is found by itself; of several, --socket says which: replay prints its socket with --progress plain, and
replay --control chooses it. A socket, or a folder of sockets, that is another user's is refused: what answers there need not be
a replay.`,
		examples: [2]string{"reprise ctl pause", "reprise ctl scale 3 --socket /tmp/friday.sock"},
		codes:    []exitCode{exitRefused},
	}, cobra.RangeArgs(1, 2), func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) })
	f := cmd.Flags()
	f.StringVar(&o.socket, "socket", "", "`SOCKET` of the replay, where several are going")
	f.BoolVar(&o.asJSON, "json", false, "print the status as JSON")
	return cmd
}

// order is what goes over the socket, one JSON document a line, and reply what comes back.
type order struct {
	Do        string  `json:"do"`
	TimeScale float64 `json:"time_scale,omitempty"`
}

type reply struct {
	Status replay.Status `json:"status"`
	Error  string        `json:"error,omitempty"`
}

// ctlTimeout bounds an exchange over the socket.
const ctlTimeout = 5 * time.Second

func (o *ctlOptions) run(ctx context.Context, s Streams, args []string) error {
	do, err := parseOrder(args)
	if err != nil {
		return err
	}
	path := o.socket
	if path == "" {
		if path, err = findSocket(ctx); err != nil {
			return err
		}
	}
	answer, err := tell(ctx, path, do)
	if err != nil {
		return err
	}
	if answer.Error != "" {
		return errors.New(answer.Error)
	}
	if o.asJSON {
		return printJSON(s.Out, answer.Status)
	}
	return printStatus(s.Out, answer.Status)
}

func parseOrder(args []string) (order, error) {
	do := order{Do: args[0]}
	switch {
	case do.Do == "scale":
		if len(args) != 2 {
			return do, misuse("say the time-scale: reprise ctl scale 3")
		}
		v, err := strconv.ParseFloat(args[1], 64)
		if err != nil || !(v >= replay.MinLiveScale && v <= replay.MaxLiveScale) {
			return do, misuse("scale %q is no factor between %v and %v", args[1], replay.MinLiveScale, replay.MaxLiveScale)
		}
		do.TimeScale = v
	case do.Do != "pause" && do.Do != "resume" && do.Do != "stop" && do.Do != "status":
		return do, misuse("%q is none of pause, resume, scale, stop, status", do.Do)
	case len(args) != 1:
		return do, misuse("%s takes no argument", do.Do)
	}
	return do, nil
}

// tell sends one order and returns the reply.
func tell(ctx context.Context, path string, do order) (reply, error) {
	var answer reply
	c, err := dialOwn(ctx, path)
	if errors.Is(err, errForeign) {
		return answer, withCode(exitRefused, withHint(err, "only a replay of this user is spoken to: whoever listens there could say anything"))
	}
	if err != nil {
		return answer, withHint(fmt.Errorf("no replay listens at %s", path), "start one with reprise replay, or name its --socket")
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(ctlTimeout))
	if err := json.NewEncoder(c).Encode(do); err != nil {
		return answer, err
	}
	return answer, json.NewDecoder(io.LimitReader(c, 1<<20)).Decode(&answer)
}

func printStatus(w io.Writer, st replay.Status) error {
	_, err := fmt.Fprintf(w, "%s at %v of %v (%v since the start), time-scale %s: %d ok, %d failed, %d shed, %d in flight, lag %v\n",
		st.State, st.Position.Round(time.Millisecond), st.Planned.Round(time.Millisecond), st.Elapsed.Round(time.Millisecond),
		formatFloat(st.TimeScale), st.OK, st.Failed, st.Shed, st.InFlight, st.Lag.Round(time.Microsecond))
	return err
}

// serveOrders answers one order a connection until the listener is closed.
func serveOrders(listener net.Listener, c *replay.Control) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if !fromOwn(conn) {
			conn.Close()
			continue
		}
		_ = conn.SetDeadline(time.Now().Add(ctlTimeout))
		line, err := bufio.NewReader(io.LimitReader(conn, 1<<12)).ReadBytes('\n')
		var do order
		if err == nil && json.Unmarshal(line, &do) == nil {
			answer := obey(c, do)
			_ = json.NewEncoder(conn).Encode(answer)
		}
		conn.Close()
	}
}

func obey(c *replay.Control, do order) reply {
	var err error
	switch do.Do {
	case "pause":
		err = c.Pause()
	case "resume":
		err = c.Resume()
	case "scale":
		err = c.Scale(do.TimeScale)
	case "stop":
		err = c.Stop()
	case "status":
	default:
		err = errors.New("unknown order")
	}
	answer := reply{Status: c.Status()}
	if err != nil {
		answer.Error = strings.TrimPrefix(err.Error(), "replay: ")
	}
	return answer
}
