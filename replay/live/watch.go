package live

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"reprise/replay/results"
)

const (
	// askEvery is how often a figure is asked for, askTime how long an answer may take, and fillTime how long one for a whole run.
	askEvery = time.Second
	askTime  = 5 * time.Second
	fillTime = 15 * time.Second
	// answerBytes bounds an answer, fillBytes one for a whole run.
	answerBytes = 1 << 20
	fillBytes   = 32 << 20
	// fillPoints is how many points a whole run is asked for at most: Prometheus gives 11,000.
	fillPoints = 10_000
)

// Watcher takes figures while a run goes on. Whatever becomes of a question, the run goes on.
type Watcher struct {
	client  http.Client
	tell    func(name string, t results.WatchTrouble, n int)
	figures []*taken
}

// taken is what is known of a figure.
type taken struct {
	Figure
	mu     sync.Mutex
	points []point
	skew   []time.Duration // how much later its clock says it is, of each point
	asked  results.WatchedCounts
	told   [results.WatchSeveral + 1]bool
}

type point struct {
	at    time.Time
	value float64
}

// NewWatcher returns a watcher of figures. tell is called from several goroutines, once for each figure and trouble: n is how many series
// there are where they are several.
func NewWatcher(figures []Figure, tell func(name string, t results.WatchTrouble, n int)) *Watcher {
	w := &Watcher{tell: tell, client: http.Client{
		CheckRedirect: sameHost,
		Transport:     &http.Transport{MaxIdleConnsPerHost: len(figures) + 1, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: fillTime},
	}}
	for _, f := range figures {
		w.figures = append(w.figures, &taken{Figure: f})
	}
	return w
}

// Names are those of the figures; none of a nil watcher.
func (w *Watcher) Names() (names []string) {
	if w == nil {
		return nil
	}
	for _, f := range w.figures {
		names = append(names, f.Name)
	}
	return names
}

// Run asks for every figure once a second until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, f := range w.figures {
		all.Go(func() {
			tick := time.NewTicker(askEvery)
			defer tick.Stop()
			for ctx.Err() == nil {
				w.ask(ctx, f)
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
	}
	all.Wait()
	w.client.CloseIdleConnections()
}

// ask takes one value of a figure, at the middle between question and answer.
func (w *Watcher) ask(ctx context.Context, f *taken) {
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	begun := time.Now()
	series, t := w.get(asking, f, "query", url.Values{"query": {f.Query}}, answerBytes)
	if ctx.Err() != nil {
		return // the run has ended meanwhile
	}
	at := begun.Add(time.Since(begun) / 2)
	n := len(series)
	switch {
	case t != 0:
	case n == 0 || len(series[0]) == 0:
		t = results.WatchEmpty
	case n > 1:
		t = results.WatchSeveral
	case len(series[0]) > 1: // a range, where a value is asked for
		t = results.WatchRefused
	case !isNumber(series[0][0].value):
		t = results.WatchNotNumber
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked.All++
	if t == 0 {
		f.points = append(f.points, point{at, series[0][0].value})
		f.skew = append(f.skew, series[0][0].at.Sub(at.Round(0)))
		return
	}
	*f.asked.Of(t)++
	if !f.told[t] && w.tell != nil {
		f.told[t] = true
		w.tell(f.Name, t, n)
	}
}

func isNumber(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Taken returns what was taken so far, of a run that began then. It may be called at any time.
func (w *Watcher) Taken(begun time.Time) (all []results.Watched) {
	for _, f := range w.figures {
		f.mu.Lock()
		one := results.Watched{Name: f.Name, Query: f.Query, Asked: f.asked}
		for _, p := range f.points {
			one.Points = append(one.Points, results.WatchedPoint{At: p.at.Sub(begun).Truncate(time.Millisecond), Value: p.value})
		}
		f.mu.Unlock()
		all = append(all, one)
	}
	return all
}

// Fill asks, after the run, for the seconds of it in which there was no answer: Prometheus keeps its figures.
func (w *Watcher) Fill(ctx context.Context, begun time.Time) {
	var all sync.WaitGroup
	for _, f := range w.figures {
		if f.asked.Silent > 0 {
			all.Go(func() { w.fill(ctx, f, begun, time.Now()) })
		}
	}
	all.Wait()
	w.client.CloseIdleConnections()
}

func (w *Watcher) fill(ctx context.Context, f *taken, begun, end time.Time) {
	asking, cancel := context.WithTimeout(ctx, fillTime)
	defer cancel()
	slices.Sort(f.skew)
	skew := time.Duration(0)
	if n := len(f.skew); n > 0 {
		skew = f.skew[n/2]
	}
	stamp := func(t time.Time) string {
		return strconv.FormatFloat(float64(t.Add(skew).UnixMilli())/1000, 'f', 3, 64)
	}
	step := max(askEvery, end.Sub(begun)/fillPoints).Truncate(time.Second)
	series, t := w.get(asking, f, "query_range", url.Values{
		"query": {f.Query}, "start": {stamp(begun)}, "end": {stamp(end)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	}, fillBytes)
	if t != 0 || len(series) != 1 {
		return
	}
	known := len(f.points)
	for _, p := range series[0] {
		// The moment by this side's clock: begun has a monotonic reading, which what is told must have, too.
		at := begun.Add(p.at.Add(-skew).Sub(begun.Round(0)))
		if isNumber(p.value) && !anyWithin(f.points[:known], at, askEvery/2) {
			f.points = append(f.points, point{at, p.value})
		}
	}
	slices.SortStableFunc(f.points, func(a, b point) int { return a.at.Compare(b.at) })
}

// anyWithin says whether a point is so near to a moment; points are in order of time.
func anyWithin(points []point, at time.Time, near time.Duration) bool {
	i, _ := slices.BinarySearchFunc(points, at.Add(-near), func(p point, t time.Time) int { return p.at.Compare(t) })
	return i < len(points) && points[i].at.Sub(at) <= near
}

// get asks one question of Prometheus' HTTP API, and returns the series that it is answered by.
func (w *Watcher) get(ctx context.Context, f *taken, path string, values url.Values, most int64) (series [][]point, t results.WatchTrouble) {
	u := f.URL.JoinPath("api", "v1", path)
	u.RawQuery = values.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, results.WatchRefused
	}
	for name, v := range f.Header {
		r.Header[name] = v
	}
	res, err := w.client.Do(r)
	if err != nil {
		return nil, results.WatchSilent
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, most))
	switch {
	case err != nil || res.StatusCode >= 500:
		return nil, results.WatchSilent
	case res.StatusCode != http.StatusOK:
		return nil, results.WatchRefused
	}
	if series, err = parseAnswer(body); err != nil {
		return nil, results.WatchRefused
	}
	return series, 0
}

// pair is a moment and a value, as Prometheus writes them: [1435781451.781, "1"].
type pair point

// UnmarshalJSON reads the two.
func (p *pair) UnmarshalJSON(b []byte) error {
	var raw [2]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	var seconds float64
	var text string
	if err := json.Unmarshal(raw[0], &seconds); err != nil {
		return err
	}
	if err := json.Unmarshal(raw[1], &text); err != nil {
		return err
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(seconds) > 1e11 {
		return fmt.Errorf("no value")
	}
	p.at, p.value = time.UnixMilli(int64(math.Round(seconds*1000))), value
	return nil
}

// parseAnswer reads an answer of Prometheus' API (v1): a vector, a scalar or a matrix.
func parseAnswer(body []byte) (series [][]point, err error) {
	var a struct {
		Status string
		Data   struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, err
	}
	switch {
	case a.Status != "success":
		return nil, fmt.Errorf("status %.20q", a.Status)
	case a.Data.ResultType == "scalar":
		var one pair
		if err := json.Unmarshal(a.Data.Result, &one); err != nil {
			return nil, err
		}
		return [][]point{{point(one)}}, nil
	case a.Data.ResultType != "vector" && a.Data.ResultType != "matrix":
		return nil, fmt.Errorf("a result of another kind")
	}
	var list []struct {
		Value  *pair
		Values []pair
	}
	if err := json.Unmarshal(a.Data.Result, &list); err != nil {
		return nil, err
	}
	for _, s := range list {
		var points []point
		if s.Value != nil {
			points = append(points, point(*s.Value))
		}
		for _, v := range s.Values {
			points = append(points, point(v))
		}
		series = append(series, points)
	}
	return series, nil
}
