package explain

import (
	"context"
	"slices"
	"time"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// Collector keeps of each request of a run what it may be known by. It is a replay.Recorder, for runs of which no file is written.
// A request takes some 50 bytes.
type Collector struct {
	rows     *cause.Builder
	settings map[string]string
	failures map[int]string // by status
	held     int
	left     int64
	known    bool // the run itself says whose requests were
	before   *mean
	stops    []cause.Span
	step     time.Duration
	watched  bool // stops and step are known
	read     func()
}

// preallocated bounds the requests for which memory is taken before they come.
const preallocated = 1 << 20

// NewCollector returns an empty Collector for the run of a header; see session.Session.Header.
func NewCollector(h results.Header) *Collector { return newCollector(h, false) }

// newCollector has the table tell of which record each row is, where that is asked for.
func newCollector(h results.Header, records bool) *Collector {
	return &Collector{
		rows:     cause.NewBuilder(cause.Options{Rows: likely(h), KeepIDs: h.Settings["keep-ids"] == "true", Records: records}),
		settings: h.Settings, failures: make(map[int]string),
	}
}

// likely is how many requests a run has, as its header tells; 0 where it does not.
func likely(h results.Header) int {
	if h.Plan == nil {
		return 0
	}
	rows := int(min(max(h.Plan.Requests(), 0), MaxRequests))
	if rows > preallocated && h.Rebuilt != "" {
		return 0 // a damaged header may say anything
	}
	return rows
}

// Record takes one result. It never fails.
func (c *Collector) Record(res *replay.Result) error {
	c.add(res, nil)
	return nil
}

// Why explains the run whose results it took, once; run is that which Session.Play returned.
func (c *Collector) Why(ctx context.Context, run *results.Run, o Options) (*Why, error) {
	defer sparing()()
	t, err := c.table(ctx, run, o)
	if err != nil {
		return nil, err
	}
	if o.Search != nil {
		o.Search(t.Len())
	}
	report, err := cause.Search(ctx, t, o.Limits)
	if err != nil {
		return nil, err
	}
	return &Why{Report: report, Run: *run, Table: t, Left: c.left}, nil
}

// addPaired takes a result, and what another run made of the request; nil where it did not send it.
func (c *Collector) addPaired(res *replay.Result, before *mean) {
	c.before = before
	c.add(res, nil)
	c.before = nil
}

// add takes a result, and where it is known when it was completed that as its Done; see results.CompletedRun.
func (c *Collector) add(res, completed *replay.Result) {
	if c.read != nil {
		c.read()
	}
	if !res.Attempted() {
		return
	}
	if c.held == MaxRequests {
		c.left++
		return
	}
	c.held++
	row := cause.Row{
		Seq: res.Seq, Copy: res.Copy, Kind: res.Kind, Intended: res.Intended, Sent: res.Sent, Done: res.Done, Failure: c.failure(res), InFlight: -1,
	}
	if res.Error == replay.ReasonNone {
		row.Status = res.Status
	}
	c.identify(&row, res)
	if b := c.before; b != nil {
		row.Before, row.BeforeFailed = b.took(), cause.TruthOf(b.failed())
	}
	if completed != nil {
		row.Completed = cause.TruthOf(completed.Error == replay.ReasonNone)
		row.Completion = completed.Done - res.Intended
	}
	c.rows.Add(&row)
}

// Disturbed keeps what disturbed the run; see replay.DisturbanceRecorder.
func (c *Collector) Disturbed(d *replay.Disturbances) error {
	for _, s := range d.Stops {
		if len(c.stops) < mostStops {
			from := s.At.Truncate(time.Microsecond) // as a run file keeps it
			c.stops = append(c.stops, cause.Span{From: from, To: from + s.For.Truncate(time.Microsecond)})
		}
	}
	c.step, c.watched = d.ClockStep, true
	return nil
}

// mostStops bounds the stops that are kept: 10 of them a second for a day are so many.
const mostStops = 1 << 20

// identify says whose a request was and what it was beside.
func (c *Collector) identify(row *cause.Row, res *replay.Result) {
	if res.Known {
		row.Person, row.Recipient, row.InFlight = uint64(res.Person), uint64(res.Recipient), int(res.InFlight)
		row.NewConnection, row.Retry = cause.TruthOf(res.NewConnection), cause.TruthOf(res.Attempt > 0)
		row.Copied = res.Copy > 0 && res.Attempt == 0
		c.known = true
		return
	}
	added := c.settings["volume"] != "1" || c.settings["loop"] != "" || c.settings["curve-scale"] != "" || c.settings["shape"] != ""
	if c.settings["retries"] == "vendor" {
		row.Retry = cause.Unknown
		if !added { // then each copy is one
			row.Retry = cause.TruthOf(res.Copy > 0)
		}
	}
	row.Copied = res.Copy > 0 && row.Retry != cause.Yes
}

// failure is results.Failure, of one status a single string.
func (c *Collector) failure(res *replay.Result) string {
	if res.Error != replay.ReasonNone || res.OK() {
		return results.Failure(res)
	}
	name, ok := c.failures[res.Status]
	if !ok {
		name = results.Failure(res)
		c.failures[res.Status] = name
	}
	return name
}

// table is what the rows, the corpus and the run as a whole come to.
func (c *Collector) table(ctx context.Context, run *results.Run, o Options) (*cause.Table, error) {
	if o.Watched != nil {
		more, err := o.Watched(run.Start())
		if err != nil {
			return nil, err
		}
		run.Watched = append(run.Watched, more...)
	}
	var recorded traffic
	if o.Corpus != "" {
		var err error
		if recorded, err = c.describe(ctx, &run.Header, o.Corpus); err != nil {
			return nil, err
		}
	}
	if c.watched {
		c.rows.Disturbed(c.stops)
	}
	t := c.rows.Table()
	if run.Footer == nil || len(run.Damage) > 0 {
		cut(t)
	}
	recorded.tell(&t.Traffic)
	t.Traffic.ClockStep = c.step
	t.Tool, t.Steps = tool(run), steps(run.Summary.Steps)
	if t.Series = series(run.Watched); t.Series != nil {
		t.Missing = slices.DeleteFunc(t.Missing, func(m cause.Missing) bool { return m.Attribute == cause.Watched })
	}
	return t, nil
}

// cut says of what stands at a run file's end that the file is cut or damaged, in place of it being old; of everything where no row is left.
func cut(t *cause.Table) {
	for i := range t.Missing {
		if m := &t.Missing[i]; m.Why == cause.OldRun && (m.Attribute == cause.ToolStop || t.Len() == 0) {
			m.Why = cause.CutRun
		}
	}
}

// steps are where each step of a shaped run begins; none where there are not several.
func steps(list []results.Step) (spans []cause.StepSpan) {
	for i := range list {
		if len(list) > 1 {
			spans = append(spans, cause.StepSpan{Number: list[i].Number, Called: list[i].Name, From: list[i].Start})
		}
	}
	return spans
}

// series are the figures that were taken while the run went on.
func series(watched []results.Watched) (all []cause.Series) {
	for i := range watched {
		s := cause.Series{Name: watched[i].Name}
		for _, p := range watched[i].Points {
			s.At, s.Values = append(s.At, p.At), append(s.Values, p.Value)
		}
		all = append(all, s)
	}
	return all
}

// tool is what a run says of itself.
func tool(run *results.Run) cause.Tool {
	t := cause.Tool{Faithful: run.Summary.Verdict.Faithful, Elapsed: run.Summary.Duration, LagOf: lagOf(&run.Summary.Verdict)}
	if run.Footer == nil {
		return t
	}
	s := &run.Footer.Stats
	t.CPU, t.CPUWait, t.LongestStall, t.CPUs = s.CPU, s.CPUWait, s.LongestStall, s.CPUs
	t.MaxInFlight, t.PeakInFlight = s.MaxInFlight, s.PeakInFlight
	t.Elapsed = max(s.Elapsed, time.Duration(0))
	return t
}

// lagOf is whose a verdict says the lag is, "" where there is not too much of it.
func lagOf(v *results.Verdict) cause.Owner {
	for i := range v.Limits {
		if l := &v.Limits[i]; l.What == "lag" || l.What == "moved" {
			switch l.Whose {
			case results.Tool:
				return cause.OfTool
			case results.Target:
				return cause.OfTarget
			}
		}
	}
	return ""
}
