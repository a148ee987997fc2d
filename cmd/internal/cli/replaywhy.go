package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"reprise/cmd/internal/terminal"
	"reprise/replay"
	"reprise/replay/completed"
	"reprise/replay/explain"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/session"
)

const (
	// mostCollected is how many requests of a run without a file are kept in memory, so that it can be said why they were slow.
	mostCollected = 250_000
	// mostSearched is of how many requests a summary says why they were slow: those of larger runs would take more memory than to play
	// them. reprise why takes all.
	mostSearched = 500_000
	// fastSearched is of how many requests it says so however fast they come, and searchedRate up to which rate of requests a second of
	// larger ones: a search takes some 10 µs of processor for each, which at such rates is as much as to send them.
	fastSearched = 20_000
	searchedRate = 5_000
	// longestSearch is how long a run's summary may wait for the causes.
	longestSearch = time.Minute
)

// search looks for why requests of a run were slow when it is over: in its file, or else in what was kept of its requests.
type search struct {
	wanted bool
	// corpus is what the run played, name how the user calls it.
	corpus, name string
	kept         *explain.Collector
	// given are the flags of why that would find the same.
	given []string
}

// newSearch prepares it. A run of which nobody reads the summary needs none.
func (o *replayOptions) newSearch(r *session.Session, plan *replay.Plan, corpus, name string) *search {
	read := !o.quiet || o.asJSON || o.watching.dashboard != ""
	w := &search{wanted: read && worthwhile(plan) && r.Header().Plan != nil, // a search is meant to make the target slow
		corpus: corpus, name: name, given: o.done.given()}
	if name == "-" {
		w.name = ""
	}
	if w.wanted && o.plain.File == "" && plan.Requests() <= mostCollected {
		w.kept = explain.NewCollector(r.Header())
	}
	return w
}

// worthwhile says that a search costs little beside the run.
func worthwhile(plan *replay.Plan) bool {
	n := plan.Requests()
	return n <= fastSearched || n <= mostSearched && plan.Mean() <= searchedRate
}

// recorders are what takes the run's results for it.
func (w *search) recorders() []replay.Recorder {
	if w.kept == nil {
		return nil
	}
	return []replay.Recorder{w.kept}
}

// why is what was found; nil where it could not be looked for, which never fails a run.
func (w *search) why(ctx context.Context, errs io.Writer, run *results.Run, file string, done completed.Files) *report.Why {
	if !w.wanted || file == "" && w.kept == nil || run.Summary.Ledger.OK+run.Summary.Ledger.Failed > mostSearched {
		return nil
	}
	// An interrupt ended the run; its summary is still told.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), longestSearch)
	defer stop()
	show := terminal.Start(errs, "why", false)
	defer show.End()
	options := explain.Options{Corpus: w.corpus, Read: func() { show.Count.Add(1) }, Search: searching(show)}
	if done.Corpus = ""; run.Summary.Completion != nil {
		options.Completions = done
	}
	var found *explain.Why
	var err error
	if file != "" {
		found, err = explain.File(ctx, file, options)
	} else {
		found, err = w.kept.Why(ctx, run, options)
	}
	if err != nil {
		fmt.Fprintf(errs, "reprise: replay: why requests were slow could not be looked for: %v\n", err)
		return nil
	}
	return whyOf(found, file, w.name, w.given...)
}
