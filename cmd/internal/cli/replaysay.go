package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"reprise/capture/corpus"
	"reprise/capture/output"
	captured "reprise/capture/report"
	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/inputs"
	"reprise/cmd/internal/outputs"
	"reprise/replay"
	"reprise/replay/report"
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
	search, noAnswer := errors.AsType[*session.SearchError](err)
	switch {
	case exit.Explained(err):
		return err
	case tooFew:
		return filesError(files)
	case session.OutOfFiles(err):
		return exit.Hint(exit.With(exit.Failed, fmt.Errorf("this machine allows no more open files: %w", err)),
			"raise the limit (ulimit -n), or give fewer --connections")
	case unknown:
		return exit.Misuse("--vendors: %w; the vendors are %s", vendor, wording.InLine(strings.Join(vendor.Known, " ")))
	case wrong:
		return optionError(option)
	case errors.Is(err, send.ErrRefused):
		return exit.With(exit.Refused, refusalHint(err, r))
	case errors.Is(err, send.ErrUnreachable):
		return exit.With(exit.Unreachable, hintWay(hintTLS(err)))
	case errors.Is(err, results.ErrFormat), errors.Is(err, results.ErrVersion):
		return inputs.RunError(o.plain.Resume, err)
	case noAnswer:
		return exit.With(searchCode(search.Ended), err)
	case errors.Is(err, replay.ErrAborted):
		return exit.With(exit.Unmet, exit.Hint(err, "--stop-on none plays on whatever fails"))
	}
	return outputs.Explain(err)
}

// sayWaiting says of a run that was interrupted what it waits for, where that takes longer than most answers do, until the function that it
// returns is called.
func (o *replayOptions) sayWaiting(ctx context.Context, w io.Writer, c *replay.Control) (end func()) {
	if o.quiet || o.progress == "json" {
		return func() {}
	}
	over := make(chan struct{})
	context.AfterFunc(ctx, func() {
		select {
		case <-over:
		case <-time.After(time.Second):
			rest := "tells nothing of the run"
			if o.plain.File != "" {
				rest = "leaves " + o.plain.File + ".partial"
			}
			fmt.Fprintf(w, "reprise: replay: interrupted: nothing more is sent, and %s on the way may take until --timeout, %s; a second interrupt ends at once, and %s\n",
				wording.Count(c.Status().InFlight, "request"), wording.Duration(o.timeout.All), rest)
		}
	})
	return func() { close(over) }
}

// searchCode is what a search without an answer ends with: the target did not hold, or it is not known what it holds.
func searchCode(ended results.SearchEnd) exit.Code {
	if ended == results.SearchFirstBroke || ended == results.SearchUnsettled {
		return exit.Unmet
	}
	return exit.Unjudged
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
	unknown, isUnknown := errors.AsType[*send.UnknownError](err)
	switch {
	case isUnknown:
		return fmt.Errorf("%w: say --allow-host %s if it is yours to load", err, unknown.Host)
	case errors.Is(err, session.ErrUnaudited):
		return exit.Hint(err, "anonymize the raw corpus again; this one is left of a run that did not end, or was made of such")
	case errors.Is(err, session.ErrRaw):
		return exit.Hint(err, "anonymize it first; or, to a target on this machine, play it with --allow-raw")
	case errors.Is(err, session.ErrHostsLost):
		return exit.Hint(err, captured.HostsLost)
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

// sayEarlierDamage tells what of the earlier run could not be read; what is missing of it was sent again.
func sayEarlierDamage(w io.Writer, r *session.Session) error {
	if e := r.Earlier(); e != nil {
		return inputs.SayDamage(w, e.Path, e.Damage)
	}
	return nil
}

// printPlan prints what a dry run found out. It ends with the error that any other run ends with where a file of numbers is short.
func (o *replayOptions) printPlan(w io.Writer, r *session.Session, corpusName string) error {
	hidden := r.Corpus().State == corpus.Raw && !o.plain.AllowRaw
	var err error
	if o.asJSON {
		err = printJSON(w, o.outside.planned(r.Outline(hidden)))
	} else {
		if corpusName == "-" || len(r.Damage()) > 0 { // which is told of
			corpusName = ""
		}
		err = report.WritePlan(w, r, report.PlanOptions{Target: o.target, Corpus: corpusName, Hidden: hidden, Named: flagOf, Beside: o.outside.hosts()})
	}
	return errors.Join(err, outsiders(r.Numbers()))
}

// outsiders is the error for recipients or people that a file leaves out.
func outsiders(n *session.Numbers) error {
	var errs []error
	people, recipients := report.Shortages(n, flagOf)
	if people != "" {
		errs = append(errs, exit.Hint(exit.Misuse("%s", people), "reprise fixtures senders lists them"))
	}
	if recipients != "" {
		errs = append(errs, exit.Hint(exit.Misuse("%s", recipients), "--dry-run lists every recipient of the corpus, and what becomes of it"))
	}
	return errors.Join(errs...)
}

// notes are what is said once, however many runs there are.
type notes struct{ said []string }

// unsaid are those lines that were not said before; nil notes keep none.
func (n *notes) unsaid(lines []string) (fresh []string) {
	if n == nil {
		return lines
	}
	for _, text := range lines {
		if !slices.Contains(n.said, text) {
			n.said, fresh = append(n.said, text), append(fresh, text)
		}
	}
	return fresh
}

// say prints what was not said before of a replay.
func (n *notes) say(w io.Writer, lines ...string) { sayLines(w, "replay", n.unsaid(lines)...) }

// sayLines prints what there is to know of a verb's work, a line each.
func sayLines(w io.Writer, verb string, lines ...string) {
	for _, text := range lines {
		fmt.Fprintf(w, "reprise: %s: %s\n", verb, text)
	}
}
