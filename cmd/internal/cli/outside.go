package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture/wording"
	"reprise/cmd/internal/exit"
	"reprise/replay"
	"reprise/replay/live"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/session"
)

// mostFigures is how many figures one run watches.
const mostFigures = 16

// outsideFlags are the services beside the target that a run asks and tells.
type outsideFlags struct {
	watch    []string
	annotate string

	figures []live.Figure
	grafana *url.URL
	token   http.Header
}

func (o *outsideFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&o.watch, "watch", nil, "take a figure of the platform's own during the run, `prometheus=URL,query=QUERY`[,name=NAME][,bearer=@FILE|header=@FILE]: once a second; may be repeated")
	f.StringVar(&o.annotate, "annotate", "", "tell a Grafana of start, changes and end, `URL@FILE`: its address, and a file with a token")
}

// parse reads the flags and the files that they name.
func (o *outsideFlags) parse(ctx context.Context) error {
	o.figures, o.grafana = nil, nil
	for _, text := range o.watch {
		f, err := live.ParseFigure(text)
		if err != nil {
			return exit.Misuse("--watch: %v", err)
		}
		if slices.ContainsFunc(o.figures, func(g live.Figure) bool { return g.Name == f.Name }) {
			return exit.Misuse("--watch: two figures are called %q: give name=NAME", f.Name)
		}
		if f.Header, err = secretHeader(ctx, f.HeaderFile, f.BearerFile); err != nil {
			return exit.Misuse("--watch %s: %v", f.Name, err)
		}
		o.figures = append(o.figures, f)
	}
	if len(o.figures) > mostFigures {
		return exit.Misuse("--watch: %d figures are watched at most", mostFigures)
	}
	if o.annotate == "" {
		return nil
	}
	at := strings.LastIndexByte(o.annotate, '@')
	if at <= 0 || at == len(o.annotate)-1 {
		return exit.Misuse("--annotate: write URL@FILE, where FILE holds a token of a service account")
	}
	var err error
	if o.grafana, err = live.ParseAddress(o.annotate[:at]); err != nil {
		return exit.Misuse("--annotate: %v", err)
	}
	if o.token, err = secretHeader(ctx, "", o.annotate[at+1:]); err != nil {
		return exit.Misuse("--annotate: %v", err)
	}
	return nil
}

// secretHeader reads a header out of a file, or a token for one.
func secretHeader(ctx context.Context, header, bearer string) (http.Header, error) {
	text := "@" + header
	switch {
	case bearer != "":
		text = "Authorization: Bearer @" + bearer
	case header == "":
		return nil, nil
	}
	edits, _, err := session.ReadHeaders(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	h := make(http.Header)
	for _, e := range edits {
		h.Add(e.Name, e.Value)
	}
	return h, nil
}

// hosts lists whom a run asks and tells, a line each: what for, and where.
func (o *outsideFlags) hosts() (lines [][2]string) {
	for _, f := range o.figures {
		lines = append(lines, [2]string{"watched", wording.InLine(f.Name) + ", from " + live.Host(f.URL)})
	}
	if o.grafana != nil {
		lines = append(lines, [2]string{"annotated", live.Host(o.grafana)})
	}
	return lines
}

// plannedOutside is what the JSON of a plan says of it.
type plannedOutside struct {
	*session.Outline
	Watch    []plannedFigure `json:"watch,omitempty"`
	Annotate string          `json:"annotate,omitempty"`
}

type plannedFigure struct {
	Name string `json:"name"`
	Host string `json:"host"`
}

func (o *outsideFlags) planned(outline *session.Outline) plannedOutside {
	p := plannedOutside{Outline: outline}
	for _, f := range o.figures {
		p.Watch = append(p.Watch, plannedFigure{f.Name, live.Host(f.URL)})
	}
	if o.grafana != nil {
		p.Annotate = live.Host(o.grafana)
	}
	return p
}

// outside is what a run asks and tells while it goes on.
type outside struct {
	errs    io.Writer
	watcher *live.Watcher // nil for none
	stop    context.CancelFunc
	asking  sync.WaitGroup

	grafana *live.Annotator // nil for none
	begun   bool
	changes int
	notes   int
	titled  string
	ended   bool
}

// begin says whom the run asks and tells, and begins to ask.
func (o *outsideFlags) begin(ctx context.Context, w io.Writer, run string, quiet bool) *outside {
	out := &outside{errs: w, titled: "reprise run " + run, stop: func() {}}
	if !quiet {
		for _, l := range o.hosts() {
			fmt.Fprintf(w, "%s: %s\n", l[0], l[1])
		}
	}
	if len(o.figures) > 0 {
		// Progress and the run itself write to the same stream, each line by itself.
		out.watcher = live.NewWatcher(o.figures, func(name string, t results.WatchTrouble, n int) {
			if !quiet {
				sayLines(w, "replay", report.WatchTrouble(name, t, n))
			}
		})
		var asking context.Context
		asking, out.stop = context.WithCancel(context.WithoutCancel(ctx))
		out.asking.Go(func() { out.watcher.Run(asking) })
	}
	if o.grafana != nil {
		out.grafana = live.NewAnnotator(ctx, o.grafana, o.token, "reprise", run)
	}
	return out
}

// watched ends the asking and returns what was taken.
func (o *outside) watched(ctx context.Context, begun time.Time) []results.Watched {
	o.stop()
	o.asking.Wait()
	if ctx.Err() == nil { // an interrupted run ends without further questions
		o.watcher.Fill(ctx, begun)
	}
	return o.watcher.Taken(begun)
}

// progress tells what has happened so far.
func (o *outside) progress(elapsed time.Duration, changes []replay.Change, notes []replay.Note) {
	if o.grafana == nil || elapsed <= 0 {
		return
	}
	o.tell(time.Now().Add(-elapsed), changes, notes)
}

// tell tells of the start, and of changes and notes that were not told yet.
func (o *outside) tell(start time.Time, changes []replay.Change, notes []replay.Note) {
	if !o.begun {
		o.begun = true
		o.grafana.Annotate(start, o.titled+": start")
	}
	for _, c := range changes[min(o.changes, len(changes)):] {
		o.grafana.Annotate(start.Add(c.At), o.titled+": "+c.What)
	}
	o.changes = max(o.changes, len(changes))
	for _, n := range notes[min(o.notes, len(notes)):] {
		o.grafana.Annotate(start.Add(n.At), o.titled+": "+n.Text)
	}
	o.notes = max(o.notes, len(notes))
}

// end ends all of it; run is nil where nothing was sent, err why a run ended early. It may be called again.
func (o *outside) end(run *results.Run, err error) {
	if o.ended {
		return
	}
	o.ended = true
	o.stop()
	o.asking.Wait()
	if o.grafana == nil {
		return
	}
	if run != nil && run.Footer != nil {
		o.tell(run.Start(), run.Footer.Stats.Changes, run.Footer.Stats.Notes)
		o.grafana.Annotate(time.Now(), report.EndNote(o.titled, run, errors.Is(err, replay.ErrAborted)))
	}
	if failed, why := o.grafana.Close(); failed > 0 {
		sayLines(o.errs, "replay", fmt.Sprintf("--annotate: %s could not be told to Grafana: %s", wording.Count(int64(failed), "annotation"), why))
	}
}
