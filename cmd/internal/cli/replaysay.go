package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/output"
	"reprise/cmd/internal/exit"
	"reprise/replay"
	"reprise/replay/results"
	"reprise/replay/send"
	"reprise/replay/session"
)

// explain gives an error of a session its exit code and its advice. r is nil where none was opened.
func (o *replayOptions) explain(err error, r *session.Session) error {
	if err == nil {
		return nil
	}
	files, tooFew := errors.AsType[*session.FilesError](err)
	vendor, unknown := errors.AsType[*corpus.VendorError](err)
	option, wrong := errors.AsType[*session.OptionError](err)
	switch {
	case exit.Explained(err):
		return err
	case tooFew:
		return filesError(files)
	case session.OutOfFiles(err):
		return exit.Hint(exit.With(exit.Failed, fmt.Errorf("this machine allows no more open files: %w", err)),
			"raise the limit (ulimit -n), or give fewer --connections")
	case unknown:
		return exit.Misuse("--vendors: %w; the vendors are %s", vendor, shown(strings.Join(vendor.Known, " ")))
	case wrong:
		return optionError(option)
	case errors.Is(err, send.ErrRefused):
		return exit.With(exit.Refused, refusalHint(err, r))
	case errors.Is(err, send.ErrUnreachable):
		return exit.With(exit.Unreachable, hintWay(hintTLS(err)))
	case errors.Is(err, results.ErrFormat), errors.Is(err, results.ErrVersion):
		return runError(o.resume, err)
	case errors.Is(err, replay.ErrAborted):
		return exit.With(exit.Unmet, exit.Hint(err, "--stop-on none plays on whatever fails"))
	}
	return outputError(err)
}

// optionError is the error for a flag whose value cannot be used.
func optionError(e *session.OptionError) error {
	switch {
	case errors.Is(e, session.ErrHeaderLost):
		return exit.Hint(exit.Misuse("%w", e), "repair the damaged file again with --like RUN.rpr, a run of the same plan")
	case errors.Is(e, session.ErrOtherPlan):
		return exit.Hint(exit.Misuse("%w", e), "give the flags of the first run again; reprise inspect shows them")
	case errors.Is(e, session.ErrOtherRule):
		return exit.Hint(exit.Misuse("%w", e), "go on with the corpus file that it played")
	case errors.Is(e, output.ErrBusy):
		return exit.Hint(e, "wait for its end, or stop it: reprise ctl stop")
	}
	return exit.Misuse("%w", e)
}

// refusalHint says beside a refusal what can be done about it.
func refusalHint(err error, r *session.Session) error {
	switch {
	case errors.Is(err, session.ErrUnaudited):
		return exit.Hint(err, "anonymize the raw corpus again; this one is left of a run that did not end, or was made of such")
	case errors.Is(err, session.ErrRaw):
		return exit.Hint(err, "anonymize it first; or, to a target on this machine, play it with --allow-raw")
	case errors.Is(err, session.ErrHostsLost):
		return exit.Hint(err, hostsLostHint)
	case errors.Is(err, send.ErrElsewhere) && r != nil && r.Corpus().State != corpus.Raw:
		return exit.Hint(err, "--host NAME sends another Host: the one by which your own system is known")
	}
	return err
}

// filesError says what to do where this machine lets a run open too few files.
func filesError(e *session.FilesError) error {
	hint := "raise that limit (ulimit -n)"
	if e.Room > 0 {
		hint += fmt.Sprintf(", or give --connections %d --max-in-flight %d", e.Room, e.Room)
	}
	return exit.Hint(exit.Misuse("--connections %d needs about %d open files, and this machine allows this process %d", e.Connections, e.Need, e.Limit), hint)
}

// sayEarlier tells what there is to know before a run is gone on with.
func sayEarlier(w io.Writer, r *session.Session) {
	e := r.Earlier()
	if e == nil {
		return
	}
	if !e.Ended {
		fmt.Fprintf(w, "reprise: replay: %s has no end: what had no answer when it was killed, or was answered in the last %d ms before, is sent again\n",
			e.Path, replay.FlushEvery.Milliseconds())
	}
	if target := r.Header().Target; e.Header.Target != "" && e.Header.Target != target {
		fmt.Fprintf(w, "reprise: replay: %s was sent to %s, and the rest goes to %s: the whole run is of two targets\n", e.Path, shown(e.Header.Target), shown(target))
	}
}

// sayEarlierDamage tells what of the earlier run could not be read; what is missing of it was sent again.
func sayEarlierDamage(w io.Writer, r *session.Session) error {
	if e := r.Earlier(); e != nil {
		return sayRunDamage(w, e.Path, e.Damage)
	}
	return nil
}

// sayShortcomings tells what was sent otherwise than asked for.
func sayShortcomings(w io.Writer, r *session.Session) {
	s := r.Shortcomings()
	for _, what := range []struct {
		n         int64
		one, many string
		rest      string
	}{
		{s.Unread, "request", "requests", " could not be rewritten and went out with recorded ids"},
		{s.Unsigned, "request", "requests", " could not be signed, and not sent"},
		{s.Unstamped, "request", "requests", " went out with a recorded time, as its form is not known (--restamp)"},
		{s.Unsendable, "request", "requests", " held bytes with which no request can be sent: such headers were left out, and such bytes of a URL escaped"},
	} {
		if what.n > 0 {
			fmt.Fprintf(w, "reprise: replay: %s%s\n", plural2(int(what.n), what.one, what.many), what.rest)
		}
	}
	if s.SamePeople > 0 {
		fmt.Fprintf(w, "reprise: replay: the pool has no more numbers: %s sent as the recorded person\n", plural2(int(s.SamePeople), "copy", "copies"))
	}
}

// printPlan prints what a dry run found out. It ends with the error that any other run ends with where a file of numbers is short.
func (o *replayOptions) printPlan(w io.Writer, r *session.Session) error {
	n, hidden := r.Numbers(), r.Corpus().State == corpus.Raw && !o.allowRaw
	d := r.Outline(hidden)
	if o.asJSON {
		return errors.Join(printJSON(w, d), outsiders(n))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "requests\t%d\nduration\t%v\nmean\t%.1f/s\nbusiest second\t%d\n", d.Requests, d.Duration.Round(time.Millisecond), d.Mean, d.Peak)
	if d.Stretch > 0 {
		fmt.Fprintf(t, "held back by --max-rate\tup to %v\n", d.Stretch.Round(time.Millisecond))
	}
	fmt.Fprintf(t, "recorded from\t%s\nto\t%s\n", d.First.Format(time.RFC3339Nano), d.Last.Format(time.RFC3339Nano))
	for _, k := range capture.Kinds() {
		if n := d.Kinds[k.String()]; n > 0 {
			fmt.Fprintf(t, "kind %v\t%d\n", k, n)
		}
	}
	if o.target != "" {
		fmt.Fprintf(t, "target\t%s (nothing was sent)\n", o.target)
	}
	return errors.Join(t.Flush(), printNumbers(w, n, d, hidden), outsiders(n))
}
