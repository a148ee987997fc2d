package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// panel is one figure over the runs, with every coordinate worked out, for the template.
type panel struct {
	Title, Unit, Summary     string
	Width, Height            int
	Left, Right, Top, Bottom int
	X, Y                     []tick
	Lines                    []string // points of polylines
	Levels                   []level
	Steps                    []step
	Dots                     []dot
	// Small says that it stands in a row of several.
	Small bool
}

// level is the figure between two changes.
type level struct{ From, To, At float64 }

// step is a change point: where, and what it says there.
type step struct {
	At           float64
	Text, Anchor string
	Label        float64
	Mood         string // "bad" or "good"
}

// dot is one run; Class says how it is drawn: "in" a series, "lag" where it is there though it is not faithful, "spike", or "out" of what is
// compared.
type dot struct {
	X, Y        float64
	Class, Text string
	// Beyond says that the value is outside of the panel: 1 above, -1 below.
	Beyond int
}

// panelGroup is a row of panels: of all requests, or of one kind.
type panelGroup struct {
	Title  string
	Panels []panel
	// Missing says which figures are not drawn, and why.
	Missing string
}

// panelSize is how large a panel is, in SVG units.
type panelSize struct{ width, height, left, right, top, bottom int }

func largePanel() panelSize { return panelSize{900, 190, 64, 12, 22, 24} }
func smallPanel() panelSize { return panelSize{300, 120, 48, 8, 20, 20} }

// seriesPanels draw the runs of one plan: all requests large, each kind and each step of a shape small. What has no figures is said.
func seriesPanels(h *compare.History, series int) (all panelGroup, kinds, steps []panelGroup) {
	p := plotter{h: h, series: series, runs: runsNear(h, series)}
	tracks := h.Series[series].Tracks
	for from := 0; from < len(tracks); {
		to := from
		for to < len(tracks) && tracks[to].Kind == tracks[from].Kind {
			to++
		}
		switch g := p.group(tracks[from:to]); {
		case g.Title == allName:
			all = g
		case tracks[from].Step > 0:
			steps = append(steps, g)
		default:
			kinds = append(kinds, g)
		}
		from = to
	}
	return all, kinds, steps
}

// group draws the tracks of one kind, or of all.
func (p *plotter) group(tracks []compare.Track) panelGroup {
	g := panelGroup{Title: tracks[0].Kind}
	size := smallPanel()
	if g.Title == allName {
		size = largePanel()
	}
	var few, lagged []string
	failed := true
	for i := range tracks {
		switch t := &tracks[i]; {
		case somewhere(t):
			g.Panels = append(g.Panels, p.panel(t, size, g.Title != allName))
		case t.Metric == compare.MetricErrors:
			failed = false
		case t.ByLag:
			lagged = append(lagged, t.Metric)
		default:
			few = append(few, t.Metric)
		}
	}
	if len(few) > 0 {
		g.Missing = fmt.Sprintf("No %s: no run has answers enough.", strings.Join(few, ", no "))
	}
	if len(lagged) > 0 {
		g.Missing = strings.TrimPrefix(fmt.Sprintf("%s No %s: more than a tenth may be the tool's lag.", g.Missing, strings.Join(lagged, ", no ")), " ")
	}
	if !failed {
		g.Missing = strings.TrimPrefix(g.Missing+" No request failed.", " ")
	}
	return g
}

// somewhere says whether a track is above 0 in any run.
func somewhere(t *compare.Track) bool {
	return slices.ContainsFunc(t.Values, func(v float64) bool { return v > 0 })
}

// runsNear are the runs that a series' panels show: its own, and those among them that are in no series.
func runsNear(h *compare.History, series int) (list []int) {
	at, first := -1, -1
	for i := range h.Runs {
		if s := h.Runs[i].Series; s >= 0 {
			at = s
			if first < 0 {
				first = s
			}
		}
		if h.Runs[i].Series == series || h.Runs[i].Series < 0 && (at == series || at < 0) {
			list = append(list, i)
		}
	}
	return list
}

// plotter draws the tracks of one series.
type plotter struct {
	h      *compare.History
	series int
	runs   []int
}

// panel draws one track.
func (p *plotter) panel(t *compare.Track, size panelSize, small bool) panel {
	out := panel{
		Title: t.Metric, Unit: "ms", Width: size.width, Height: size.height, Left: size.left, Right: size.width - size.right, Top: size.top, Bottom: size.height - size.bottom, Small: small,
	}
	scale := 1 / float64(time.Millisecond)
	if t.Metric == compare.MetricErrors {
		out.Unit, scale = "%", 100
	}
	f := p.frame(t, &out, scale)
	out.X, out.Y = p.places(f), f.ticks()
	p.dots(t, &out, f)
	p.changes(t, &out, f)
	out.Summary = p.summary(t)
	return out
}

// frame turns runs and values into places.
type frame struct {
	out       *panel
	first, n  int
	low, high float64
	scale     float64 // from a track's unit to the panel's
}

func (f *frame) x(run float64) float64 {
	wide := float64(f.out.Right - f.out.Left)
	return float64(f.out.Left) + wide*(run-float64(f.first)+0.5)/float64(f.n)
}

func (f *frame) y(v float64) float64 {
	return float64(f.out.Bottom) - (v*f.scale-f.low)/(f.high-f.low)*float64(f.out.Bottom-f.out.Top)
}

// frame fits what is compared: a run that stands out is drawn at the edge.
func (p *plotter) frame(t *compare.Track, out *panel, scale float64) *frame {
	f := &frame{out: out, scale: scale, first: p.runs[0], low: math.Inf(1), high: math.Inf(-1)}
	f.n = p.runs[len(p.runs)-1] - f.first + 1
	for i, v := range t.Values {
		if !math.IsNaN(v) && !slices.Contains(t.Spikes, i) {
			f.low, f.high = min(f.low, v*scale), max(f.high, v*scale)
		}
	}
	if f.low > f.high {
		f.low, f.high = 0, 1
	}
	middle := (f.low + f.high) / 2
	half := max((f.high-f.low)*0.62, middle*0.12, 1e-3) // noise of a per cent is not to look like a change
	f.low, f.high = max(middle-half, 0), middle+half
	if t.Metric == compare.MetricErrors {
		f.low, f.high = 0, max(f.high, 0.1)
	}
	return f
}

// ticks are three to six round numbers between the panel's edges.
func (f *frame) ticks() (list []tick) {
	span := f.high - f.low
	size := math.Pow(10, math.Floor(math.Log10(span)))
	for _, s := range []float64{size / 5, size / 2, size, size * 2} {
		if span/s <= 5 {
			size = s
			break
		}
	}
	for v := math.Ceil(f.low/size) * size; v <= f.high; v += size {
		list = append(list, tick{f.y(v / f.scale), strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)})
	}
	return list
}

// places are the numbers of runs below the axis.
func (p *plotter) places(f *frame) (list []tick) {
	every := 1
	for _, step := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000} {
		if every = step; f.n/step <= (f.out.Right-f.out.Left)/40 {
			break
		}
	}
	for run := f.first; run < f.first+f.n; run++ {
		if (run+1)%every == 0 || f.n <= 2 {
			list = append(list, tick{f.x(float64(run)), strconv.Itoa(run + 1)})
		}
	}
	return list
}

// dots draws the runs, and lines between those that are compared.
func (p *plotter) dots(t *compare.Track, out *panel, f *frame) {
	of := p.h.Series[p.series].Runs
	var line []string
	for _, run := range p.runs {
		at := slices.Index(of, run)
		d := dot{X: f.x(float64(run)), Class: "in"}
		v := figureOf(&p.h.Runs[run], t.Kind, t.Step, t.Metric)
		switch {
		case at < 0:
			d.Class = "out"
		case math.IsNaN(t.Values[at]):
			v = math.NaN()
		case slices.Contains(t.Spikes, at):
			d.Class = "spike"
		case p.h.Runs[run].Lagged:
			d.Class = "lag"
		}
		if math.IsNaN(v) {
			continue
		}
		d.Y, d.Text = f.y(v), p.dotSays(run, t, v, d.Class)
		if top, bottom := float64(out.Top), float64(out.Bottom); d.Y < top {
			d.Y, d.Beyond = top, 1
		} else if d.Y > bottom {
			d.Y, d.Beyond = bottom, -1
		}
		if d.Class == "in" || d.Class == "lag" {
			line = append(line, fmt.Sprintf("%.1f,%.1f", d.X, d.Y))
		}
		out.Dots = append(out.Dots, d)
	}
	if len(line) > 1 {
		out.Lines = append(out.Lines, strings.Join(line, " "))
	}
}

// dotSays says what a run is and measured.
func (p *plotter) dotSays(run int, t *compare.Track, v float64, class string) string {
	r := &p.h.Runs[run]
	words := []string{runName(run), startedOf(r, "2006-01-02 15:04")}
	if commit := r.Header.Labels["commit"]; commit != "" {
		words = append(words, "commit "+shortValue(commit))
	}
	text := strings.Join(words, ", ") + ": " + t.Metric + " " + figure(t.Metric, v)
	switch class {
	case "lag":
		text += ", not faithful, by lag that is a small part of it"
	case "spike":
		text += ", stands out by itself"
	case "out":
		text += ", " + runVerdict(r) + ": left out"
	}
	return printable(text)
}

// changes marks change points: all as lines, and what this track did.
func (p *plotter) changes(t *compare.Track, out *panel, f *frame) {
	type own struct {
		run    int
		change compare.TrackChange
	}
	var mine []own
	for _, c := range p.h.Changes {
		if c.Series != p.series {
			continue
		}
		for _, change := range c.Tracks {
			if change.Kind == t.Kind && change.Metric == t.Metric {
				mine = append(mine, own{c.Run, change})
			}
		}
	}
	from := float64(f.first) - 0.5
	for i, m := range mine {
		at := float64(m.run) - 0.5
		out.Levels = append(out.Levels, level{f.x(from), f.x(at), f.y(m.change.Before)})
		s := step{At: f.x(at), Text: stepSays(m.run, m.change), Anchor: "start", Label: 5, Mood: "bad"}
		if out.Small {
			_, s.Text, _ = strings.Cut(s.Text, ": ")
		}
		if room := s.At - float64(out.Left) - 5; room >= labelWidth(s.Text) { // what is left of a step is seen where a narrow window cuts the plot
			s.Anchor, s.Label = "end", -5
		}
		if m.change.Change < 0 {
			s.Mood = "good"
		}
		out.Steps = append(out.Steps, s)
		if from = at; i == len(mine)-1 {
			out.Levels = append(out.Levels, level{f.x(at), f.x(float64(f.first+f.n) - 0.5), f.y(m.change.After)})
		}
	}
}

// labelWidth is about how wide a label is, in SVG units: a bold letter is less than 8 wide.
func labelWidth(text string) float64 { return 8 * float64(utf8.RuneCountInString(text)) }

// stepSays is what stands at a change point.
func stepSays(run int, t compare.TrackChange) string {
	if t.Metric == compare.MetricErrors {
		return fmt.Sprintf("%s: %+.1f points", runName(run), t.Change*100)
	}
	return fmt.Sprintf("%s: %+.1f %%", runName(run), t.Change*100)
}

// summary says a panel in words, for who cannot see it.
func (p *plotter) summary(t *compare.Track) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range t.Values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	text := fmt.Sprintf("%s of %s over %s", t.Metric, t.Kind, wording.Count(len(t.Values), "run"))
	if low <= high {
		text += ": " + figure(t.Metric, low) + " to " + figure(t.Metric, high)
	}
	for _, c := range p.h.Changes {
		for _, change := range c.Tracks {
			if c.Series == p.series && change.Kind == t.Kind && change.Metric == t.Metric {
				text += "; from " + stepSays(c.Run, change)
			}
		}
	}
	return text
}
