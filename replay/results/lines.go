package results

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"reprise/capture"
	"reprise/replay"
)

// line is a result as WriteLines writes it; the names are relied on.
type line struct {
	Seq      int64  `json:"seq"`
	Copy     int    `json:"copy"`
	Kind     string `json:"kind"`
	Intended int64  `json:"intended_ns"`
	Sent     int64  `json:"sent_ns"`
	Done     int64  `json:"done_ns"`
	Status   int    `json:"status"`
	Error    string `json:"error"`
	Bytes    int64  `json:"bytes"`
	*circumstances
	*finished
}

// finished is what a line has where the run's file says when the system had finished.
type finished struct {
	Completed int64  `json:"completed_ns"`
	Outcome   string `json:"outcome"`
}

// circumstances are what a line has where it is known. Whose the request was is in the corpus; the hashes of that are not shown.
type circumstances struct {
	InFlight      int32 `json:"in_flight"`
	NewConnection bool  `json:"new_connection"`
	Attempt       uint8 `json:"attempt"`
}

// lineOf is a result as it is written.
func lineOf(res *replay.Result) line {
	l := line{
		Seq: res.Seq, Copy: res.Copy, Kind: res.Kind.String(), Intended: res.Intended.Nanoseconds(), Sent: res.Sent.Nanoseconds(), Done: res.Done.Nanoseconds(),
		Status: res.Status, Error: string(res.Error), Bytes: res.Bytes,
	}
	if res.Known {
		l.circumstances = &circumstances{res.InFlight, res.NewConnection, res.Attempt}
	}
	return l
}

// WriteLines writes the results of a run as one JSON object a line, in the order in which they came: those of some kinds, of
// all where kinds is empty, and limit of them at most, all where it is 0.
func WriteLines(ctx context.Context, to io.Writer, run *Reader, kinds []capture.Kind, limit int64) (err error) {
	w := bufio.NewWriterSize(to, 1<<16)
	defer func() { err = errors.Join(err, w.Flush()) }()
	e := json.NewEncoder(w)
	stored := run.Completions()
	var res replay.Result
	for n := int64(0); limit == 0 || n < limit; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		switch err := run.Next(&res); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if len(kinds) > 0 && !slices.Contains(kinds, res.Kind) {
			continue
		}
		n++
		l := lineOf(&res)
		if at, outcome, ok := stored.when(&res); ok {
			l.finished = &finished{at.Nanoseconds(), outcome}
		}
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return nil
}
