package live

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"reprise/capture/pages"
	"reprise/replay"
	"reprise/replay/report"
	"reprise/replay/results"
)

const (
	// maxStreams is how many pages may watch at once.
	maxStreams = 32
	// maxOrder bounds the body of an order.
	maxOrder = 4 << 10
	// patience is how long a page may take to take an event, or to send its order.
	patience = 10 * time.Second
	// tokenHeader carries the token with an order; a page of another site can neither know the token nor set the header.
	tokenHeader = "Reprise-Token"
)

// Status is how a run stands, as the dashboard tells it.
type Status struct {
	replay.Status
	// Source is about the recorded moment that is being played, exact where the tempo is even; nil where it is not known.
	Source        *time.Time       `json:"source,omitempty"`
	PlannedRate   float64          `json:"planned_rate"`
	AchievedRate  float64          `json:"achieved_rate"`
	LagP99        time.Duration    `json:"lag_p99_ns"`
	LatencyP95    time.Duration    `json:"latency_p95_ns"`
	InFlightLimit int              `json:"in_flight_limit"`
	Errors        map[string]int64 `json:"errors"`
	// Completions are those so far; nil where nobody tells.
	Completions *CompletionCounts `json:"completions,omitempty"`
	// Step is the one that is being played of a shaped run; nil where there are none.
	Step *Step `json:"step,omitempty"`
}

// Step is a step of a shaped run while it is played.
type Step struct {
	// Number counts from 1, and Of is how many there are; 0 for a search, which does not know it.
	Number int `json:"number"`
	Of     int `json:"of,omitempty"`
	// Name is what the user calls it, and Text the step as it was written.
	Name string `json:"name,omitempty"`
	Text string `json:"text"`
}

// snapshot is what an event holds.
type snapshot struct {
	Status Status         `json:"status"`
	Course *report.Course `json:"course"`
}

// Dashboard is an http.Handler that shows a run and takes orders for it. Use New.
type Dashboard struct {
	control     *replay.Control
	watcher     *Watcher
	completions func() CompletionCounts // nil where nobody tells
	title       string
	plan        *replay.Plan
	limit       int
	token       string
	port        string
	mux         *http.ServeMux

	mu      sync.Mutex
	text    []byte        // the event that is current
	number  int64         // of the event
	changed chan struct{} // closed when there is a newer one
	ending  []byte        // the last event, once the run is over
	streams int
}

// DashboardOptions say what is shown.
type DashboardOptions struct {
	// Title is the page's, Plan the run's (nil where there is none), InFlightLimit the cap on requests under way.
	Title         string
	Plan          *replay.Plan
	InFlightLimit int
	Control       *replay.Control
	// Watcher takes figures of the platform's own, which are drawn too; nil for none.
	Watcher *Watcher
	// Completions count what the system has finished so far; nil where nobody tells.
	Completions func() CompletionCounts
	// Listener is where it will be served: requests that name another port are refused.
	Listener net.Addr
}

// NewDashboard makes a dashboard with a token of its own.
func NewDashboard(o DashboardOptions) *Dashboard {
	d := &Dashboard{
		control: o.Control, watcher: o.Watcher, completions: o.Completions, title: o.Title, plan: o.Plan, limit: o.InFlightLimit, token: rand.Text(), port: pages.Port(o.Listener),
		mux: http.NewServeMux(), changed: make(chan struct{}),
	}
	d.mux.HandleFunc("GET /{$}", d.page)
	d.mux.HandleFunc("GET /events", d.events)
	d.mux.HandleFunc("POST /pause", d.order(func(*http.Request) error { return d.control.Pause() }))
	d.mux.HandleFunc("POST /resume", d.order(func(*http.Request) error { return d.control.Resume() }))
	d.mux.HandleFunc("POST /stop", d.order(func(*http.Request) error { return d.control.Stop() }))
	d.mux.HandleFunc("POST /scale", d.order(d.scale))
	d.mux.HandleFunc("POST /note", d.order(d.note))
	d.mux.HandleFunc("POST /volume", d.order(d.volume))
	d.mux.HandleFunc("POST /skip", d.order(d.skip))
	return d
}

// Path is the page's path with its token.
func (d *Dashboard) Path() string { return "/?token=" + d.token }

// Publish tells how the run stands. It is called by one goroutine, keeps no argument, and never waits for a client.
// played are the steps that no plan knew before.
func (d *Dashboard) Publish(ws []results.Window, errors map[string]int64, played []results.PlayedStep) {
	s := snapshot{Status: d.status(ws, errors), Course: report.RunCourse(ws, d.control.Changes())}
	s.Course.AddNotes(d.control.Notes())
	s.Course.AddPlan(d.plan, ws)
	if d.watcher != nil {
		s.Course.AddWatched(d.watcher.Taken(time.Now().Add(-s.Status.Elapsed)), ws)
	}
	s.Course.Until(s.Status.Elapsed)
	s.Status.Step = d.step(s.Status.Position, s.Status.Elapsed, played)
	text, err := json.Marshal(s)
	if err != nil {
		return // a page that is a second older is no reason to end a run
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.number++
	d.text = fmt.Appendf(nil, "id: %d\nevent: snapshot\ndata: %s\n\n", d.number, text)
	d.tell()
}

// step is the one that is played at a position of the schedule, or the last that began of those that no plan knew.
func (d *Dashboard) step(position, elapsed time.Duration, played []results.PlayedStep) (at *Step) {
	if number, s := d.plan.StepAt(position); s != nil {
		at = &Step{number, len(d.plan.Steps), s.Name, s.Text}
	}
	for _, s := range played {
		if s.Start <= elapsed {
			at = &Step{s.Number, 0, s.Name, s.Text}
		}
	}
	return at
}

// End tells the pages that the run is over, and what it came to.
func (d *Dashboard) End(what report.Ended) {
	text, err := json.Marshal(what)
	if err != nil {
		text = []byte("{}")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ending = fmt.Appendf(nil, "event: end\ndata: %s\n\n", text)
	d.tell()
}

// tell wakes the streams. The caller holds mu.
func (d *Dashboard) tell() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// recent is the time over which the current rates are taken.
const recent = 2 * time.Second

func (d *Dashboard) status(ws []results.Window, errors map[string]int64) Status {
	s := Status{Status: d.control.Status(), InFlightLimit: d.limit, Errors: errors}
	if d.completions != nil {
		c := d.completions()
		s.Completions = &c
	}
	if p := d.plan; p != nil {
		at := p.First
		if p.Duration > 0 {
			at = at.Add(time.Duration(float64(p.Last.Sub(p.First)) * min(float64(max(s.Position, 0))/float64(p.Duration), 1)))
		}
		s.Source = &at
	}
	if len(ws) == 0 {
		return s
	}
	width := ws[0].Width
	last := int(max(s.Elapsed, 0)/width) - 1 // the last window that is whole; where nothing happened there may be none
	n := max(int(recent/width), 1)
	var planned, achieved int64
	var span time.Duration
	for i := max(last-n+1, 0); i <= last; i++ {
		span += width
		if i >= len(ws) {
			continue
		}
		planned += ws[i].Planned
		achieved += ws[i].Achieved
		s.LagP99 = max(s.LagP99, ws[i].LagP99)
		s.LatencyP95 = max(s.LatencyP95, ws[i].LatencyP95)
	}
	s.PlannedRate, s.AchievedRate = replay.Rate(planned, span), replay.Rate(achieved, span)
	return s
}

// ServeHTTP refuses what comes by another name or without the token, and shows no page inside another.
func (d *Dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", report.Policy("'self'")+"; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if !pages.Names(r, d.port) {
		http.Error(w, "this is not the name of this server", http.StatusForbidden)
		return
	}
	d.mux.ServeHTTP(w, r)
}

func (d *Dashboard) isToken(s string) bool {
	return subtle.ConstantTimeCompare([]byte(s), []byte(d.token)) == 1
}

// cookie is the name of the one that lets the page have its events. Cookies do not know ports, so that the name does.
func (d *Dashboard) cookie() string { return "reprise-" + d.port }

// knows says whether a reader has the token: in the address, in the header of an order, or in the cookie that the page was given.
func (d *Dashboard) knows(r *http.Request) bool {
	if d.isToken(r.URL.Query().Get("token")) || d.isToken(r.Header.Get(tokenHeader)) {
		return true
	}
	c, err := r.Cookie(d.cookie())
	return err == nil && d.isToken(c.Value)
}

func (d *Dashboard) page(w http.ResponseWriter, r *http.Request) {
	if !d.knows(r) {
		http.Error(w, "the address lacks its token: take the whole of what reprise printed", http.StatusForbidden)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: d.cookie(), Value: d.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	var b bytes.Buffer
	if err := report.WriteLive(&b, d.title, d.token, d.watcher.Names()...); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience))
	_, _ = w.Write(b.Bytes()) // a page that left
}

// events streams snapshots (server-sent events, HTML Living Standard, section 9.2). Each is whole: a page that comes back
// needs none that it missed.
func (d *Dashboard) events(w http.ResponseWriter, r *http.Request) {
	if !d.knows(r) {
		http.Error(w, "no token", http.StatusForbidden)
		return
	}
	if !d.enter() {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many pages watch", http.StatusServiceUnavailable)
		return
	}
	defer d.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	for seen := int64(0); ; {
		text, number, changed, ending := d.current()
		if number == seen {
			text = nil
		}
		text = append(bytes.Clone(text), ending...)
		if len(text) > 0 || seen == 0 {
			_ = control.SetWriteDeadline(time.Now().Add(patience))
			if _, err := w.Write(text); err != nil || control.Flush() != nil {
				return
			}
			seen = number
		}
		if ending != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

func (d *Dashboard) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.streams >= maxStreams {
		return false
	}
	d.streams++
	return true
}

func (d *Dashboard) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.streams--
}

func (d *Dashboard) current() (text []byte, number int64, changed <-chan struct{}, ending []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text, d.number, d.changed, d.ending
}

// order checks who gives an order and has it carried out.
func (d *Dashboard) order(do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !d.isToken(r.Header.Get(tokenHeader)) {
			http.Error(w, "no token: an order has it in the header "+tokenHeader, http.StatusForbidden)
			return
		}
		origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
		if origin != "" && origin != "http://"+r.Host || site != "" && site != "same-origin" {
			http.Error(w, "an order from another site", http.StatusForbidden)
			return
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience))
		r.Body = http.MaxBytesReader(w, r.Body, maxOrder)
		if err := do(r); err != nil {
			status := http.StatusConflict
			if errors.Is(err, errOrder) {
				status = http.StatusBadRequest
			}
			http.Error(w, strings.TrimPrefix(err.Error(), "replay: "), status)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(d.control.Status()) // a page that left
	}
}

// errOrder is wrapped by what is wrong with an order itself.
var errOrder = errors.New("not an order")

// field reads the one field of an order's form.
func field(r *http.Request, name string) (value string, err error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return "", fmt.Errorf("%w: it is too long, or did not come whole", errOrder)
	}
	form, err := url.ParseQuery(string(text))
	if err != nil || len(form) != 1 || len(form[name]) != 1 {
		return "", nil
	}
	return form.Get(name), nil
}

func (d *Dashboard) scale(r *http.Request) error {
	value, err := field(r, "time_scale")
	if err != nil {
		return err
	}
	to, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("%w: say time_scale=2", errOrder)
	}
	return d.control.Scale(to)
}

func (d *Dashboard) volume(r *http.Request) error {
	value, err := field(r, "volume")
	if err != nil {
		return err
	}
	to, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("%w: say volume=2", errOrder)
	}
	_, err = d.control.Volume(to)
	return err
}

func (d *Dashboard) skip(r *http.Request) error {
	value, err := field(r, "by")
	if err != nil {
		return err
	}
	if value == "step" {
		return d.control.SkipStep()
	}
	by, err := time.ParseDuration(value)
	if err == nil {
		err = replay.CheckSkip(by)
	}
	if err != nil {
		return fmt.Errorf("%w: say by=30s, or by=step", errOrder)
	}
	_, err = d.control.Skip(by)
	return err
}

func (d *Dashboard) note(r *http.Request) error {
	text, err := field(r, "text")
	if err != nil {
		return err
	}
	if err := replay.CheckNote(text); err != nil {
		return fmt.Errorf("%w: %w; say text=cache+warmed", errOrder, err)
	}
	return d.control.Note(text)
}
