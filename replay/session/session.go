// Package session is the front door of replay: it plays a corpus at a target by a plan and keeps the run.
//
//	s, err := session.Open(ctx, "safe.rpz", "http://127.0.0.1:3000", session.Options{Tempo: session.Tempo{TimeScale: 20}})
//	plan, err := s.Plan(ctx)  // reads the corpus, checks the safety rules, sends nothing
//	run, err := s.Play(ctx, session.Hooks{})
//
// [Run] does the three at once, and [Open] begins them one by one. Everything that can be checked is checked before the first request is sent: an Open or a Plan that
// fails has sent nothing. The clock's start, the share of the plan that is played and what takes the results are parameters
// (Options.Start, Options.Share, [Hooks]), so that several machines can play one plan: its Hash is the same on each.
//
// A Session is for one goroutine at a time and for one run. Its errors name options as Options.OptionName has them; see
// [OptionError], [ErrRaw] and its like, and send's ErrRefused and ErrUnreachable.
package session

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"net/url"
	"strconv"
	"time"

	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/source/stored"
	"reprise/replay"
	"reprise/replay/internal/answers"
	"reprise/replay/pace"
	"reprise/replay/render"
	"reprise/replay/results"
	"reprise/replay/send"
)

// Session is one run: opened, then planned, then played.
type Session struct {
	o      Options
	path   string         // of the corpus
	base   *corpus.Reader // of which each pass reads a twin
	target *url.URL       // nil where a plan alone is wanted
	header corpus.Header
	hosts  corpus.Hosts
	lost   corpus.Lost
	seed   uint64

	plan    *plan
	numbers *Numbers
	// miscounted says that the records of a window were not as many as the corpus' own counts say.
	miscounted bool
	keys       *dialect.KeyUses
	earlier    *Earlier

	run      results.Header
	schedule *pace.Schedule
	renderer *render.Renderer
	engine   send.Engine
	kept     *answers.Keeper
	file     *results.File
	consumed bool
	stage    stage
	early    *early
	undo     []func()
}

// stage is how far a session has come.
type stage uint8

const (
	opened stage = iota
	begun        // Plan was called: where it went no further, it failed
	planned
	played
	closed
)

// ready says whether a session is at the stage that a call needs, and has a target where the call sends.
func (s *Session) ready(at stage, sends bool) error {
	switch {
	case s.stage == closed:
		return ErrClosed
	case at == opened && s.stage > at:
		return ErrPlanned
	case at == planned && s.stage > at:
		return ErrPlayed
	case s.stage < at:
		return ErrUnplanned
	case sends && s.target == nil:
		return s.o.bad("Target", ErrNoTarget)
	}
	return nil
}

// Open opens the corpus at a path, compressed or not, to be played at a target (see send.ParseTarget); without a
// target it can be planned alone. It checks the options and whether a corpus of its kind may be played there.
func Open(ctx context.Context, path, target string, o Options) (*Session, error) {
	s := &Session{o: o.filled(), path: path, kept: new(answers.Keeper)}
	if err := errors.Join(s.o.check(), s.o.checkSearch(o.StopOn)); err != nil {
		return nil, err
	}
	if s.seed = mathrand.Uint64(); o.Seed != nil {
		s.seed = *o.Seed
	}
	if target != "" {
		u, err := send.ParseTarget(target)
		if err != nil {
			return nil, s.o.bad("Target", err)
		}
		s.target = u
	}
	if err := s.o.checkFiles(); err != nil {
		return nil, err
	}
	in, err := stored.Spool(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	s.path = in.Path
	s.undo = append(s.undo, func() { _ = in.Close() })
	if err := s.readHeader(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// readHeader reads what the corpus' header says, and whether a corpus of its kind may be played.
func (s *Session) readHeader() error {
	r, err := corpus.Open(s.path)
	if err != nil {
		return err
	}
	s.base = r
	s.undo = append(s.undo, func() { _ = r.Close() })
	s.header, s.hosts, s.lost = r.Header(), r.Hosts(), r.Lost()
	if s.o.Table, err = all.Extend(s.o.Table, s.header.Dialects); err != nil {
		return fmt.Errorf("session: the corpus's header: %w", err)
	}
	return s.checkRaw()
}

// Run opens, plans and plays; see Open and Play.
func Run(ctx context.Context, path, target string, o Options) (*results.Run, error) {
	o.Ahead = true
	s, err := Open(ctx, path, target, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := s.Plan(ctx); err != nil {
		return nil, err
	}
	return s.Play(ctx, Hooks{})
}

// Close lets go of what a session holds, and removes the file of a run that was not played. It may be called more than once.
func (s *Session) Close() {
	for i := len(s.undo) - 1; i >= 0; i-- {
		s.undo[i]()
	}
	s.undo, s.stage = nil, closed
}

// Plan reads the corpus and says what Play will send when. It takes up the run of Options.Resume, asks the safety rules whether
// the target may be sent to, looking its name up, and makes what the run needs, its file last. It sends nothing. With Options.Ahead it may leave
// a goroutine that reads the corpus, for which Close waits.
//
// A file of numbers that leaves some out is no error of Plan: see Numbers.Err.
func (s *Session) Plan(ctx context.Context) (*replay.Plan, error) {
	if err := s.ready(opened, false); err != nil {
		return nil, err
	}
	s.stage = begun
	if err := corpus.CheckVendors(ctx, s.path, s.o.Vendors, s.o.Table.Names()); err != nil {
		return nil, err
	}
	if s.o.Ahead && s.o.Resume == "" { // a run that goes on has the seed of the earlier one, which is not known yet
		s.beginEarly()
	}
	s.numbers = newNumbers(&s.o)
	if err := s.readKeys(); err != nil {
		return nil, err
	}
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	// A corpus without a footer tells its hosts only to the end: the planning pass has seen all.
	s.hosts = s.plan.hosts
	if err := s.numbers.assign(&s.o, s.plan.used != nil); err != nil {
		return nil, err
	}
	var err error
	if s.earlier, err = s.takeUp(ctx); err != nil {
		return nil, err
	}
	s.o.Engine.Guard = s.guard(s.hosts, &s.plan.recorded)
	if s.target != nil {
		if err := send.CheckTarget(ctx, s.target, s.o.Engine); err != nil {
			return nil, s.refusal(err)
		}
	}
	return s.plan.Plan, s.prepare()
}

// CheckTarget asks before a plan is made whether the target may be sent to and is there, by what the corpus' header tells.
func (s *Session) CheckTarget(ctx context.Context) error {
	if err := s.ready(s.stage, true); err != nil { // at any stage but closed
		return err
	}
	o := s.o.Engine
	o.Guard = s.guard(s.hosts, new(recordedHosts))
	err := send.CheckTarget(ctx, s.target, o)
	if err == nil {
		err = send.Probe(ctx, s.target, o)
	}
	return s.refusal(err)
}

// CheckExpect refuses, after Plan, conditions on steps that the run will not have.
func (s *Session) CheckExpect(list []results.Expectation) error {
	if err := s.ready(planned, false); err != nil {
		return err
	}
	return results.CheckSteps(list, s.plan.Steps, s.o.Shape.Search != nil)
}

// Probe finds out, after Plan, whether the target is there: it opens a connection and closes it.
func (s *Session) Probe(ctx context.Context) error {
	if err := s.ready(planned, true); err != nil {
		return err
	}
	return s.refusal(send.Probe(ctx, s.target, s.o.Engine))
}

// refusal says why a target is refused where that is that the list of captured hosts is lost.
func (s *Session) refusal(err error) error {
	if errors.Is(err, send.ErrCaptured) && !s.hosts.Complete() {
		return fmt.Errorf("%w: %w", send.ErrRefused, ErrHostsLost)
	}
	return err
}

// prepare makes what the run needs, its output last.
func (s *Session) prepare() (err error) {
	target := s.target
	if target == nil {
		target = nowhere()
	}
	s.o.Engine.Answers = s.kept.Keep
	if s.engine, err = send.New(target, s.o.Engine); err != nil {
		return s.o.bad("Target", err)
	}
	s.undo = append(s.undo, s.engine.Close)
	s.run = s.runHeader(target)
	if s.schedule, err = pace.New(s.plan.pace); err != nil {
		return &OptionError{Err: err}
	}
	recipients, senders := s.numbers.maps()
	s.renderer, err = render.New(render.Options{
		Target: target, Table: s.o.Table, Seed: s.seed, RunID: s.run.Run, KeepIDs: s.o.KeepIDs, Copies: s.schedule.Copies(), People: s.plan.used,
		Recipients: recipients, Senders: senders, Headers: s.o.Headers, Host: s.o.Host, Sign: s.o.Keys, SignURL: s.o.SignURL,
		PathRewrites: s.o.PathRewrites, Restamp: s.o.Restamp, Trace: s.o.Trace,
	})
	if err != nil {
		return &OptionError{Err: err}
	}
	if s.file, err = s.runFile(); err != nil {
		return err
	}
	s.undo = append(s.undo, func() { _ = s.file.Discard() }) // which does nothing to a file that is whole or left
	s.stage = planned
	return nil
}

// nowhere stands for the target of a plan that has none.
func nowhere() *url.URL { return &url.URL{Scheme: "http", Host: "127.0.0.1:9000"} }

// runFile is the run's file: the one asked for, one that the caller keeps, or none.
func (s *Session) runFile() (*results.File, error) {
	switch {
	case s.o.Temp != nil:
		return results.NewFile(s.o.Temp, s.run)
	case s.o.File != "":
		return results.Create(s.o.File, s.run, s.o.Force)
	}
	return results.NewSums(s.run), nil
}

// runHeader says which run this is and what shaped it.
func (s *Session) runHeader(target *url.URL) results.Header {
	run := s.o.RunID
	if run == "" {
		var id [8]byte
		_, _ = rand.Read(id[:]) // never fails
		run = hex.EncodeToString(id[:])
	}
	if s.earlier != nil && s.earlier.Header.Run != "" { // it is lost with a damaged header
		run = s.earlier.Header.Run
	}
	return results.Header{
		Run: run, Tool: s.o.Tool, Started: time.Now().UTC(), Corpus: s.plan.corpusHash, PlanHash: s.hash(), Machine: results.ThisMachine(),
		Clock: results.ThisClock(), Target: target.Scheme + "://" + target.Host, Engine: s.engine.Name(), Settings: s.settings(), Labels: s.labels(), Plan: s.headerPlan(),
		CorpusLost: s.corpusLost(),
	}
}

// corpusLost is what of the corpus could not be read, and what was lost before it was made; nil where nothing was.
func (s *Session) corpusLost() *results.CorpusLost {
	lost := results.CorpusLost{Records: s.lost.Records, More: s.lost.More}
	for _, d := range s.Damage() {
		switch {
		case d.Spare:
		case d.Records < 0:
			lost.More = true
		default:
			lost.Records += d.Records
		}
	}
	if lost == (results.CorpusLost{}) {
		return nil
	}
	return &lost
}

// labels are what the user called the run by, also when its earlier part was played: what is said now counts.
func (s *Session) labels() map[string]string {
	m := make(map[string]string)
	if s.earlier != nil {
		maps.Copy(m, s.earlier.Header.Labels)
	}
	maps.Copy(m, s.o.Labels)
	return m
}

// settings are what shaped the run, without a secret.
func (s *Session) settings() map[string]string {
	o := &s.o
	// The form of factors is that of files of before, which compare holds beside these.
	form := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	m := map[string]string{"time-scale": form(o.TimeScale), "volume": form(o.Volume), "seed": strconv.FormatUint(s.seed, 10)}
	if o.KeepIDs {
		m["keep-ids"] = "true"
	}
	for name, value := range o.Settings {
		if _, own := m[name]; !own {
			m[name] = value
		}
	}
	if delete(m, replay.SettingTrace); o.Trace != replay.TraceOff {
		m[replay.SettingTrace] = o.Trace.String()
	}
	if o.Engine.Proxy != nil {
		m["proxy"] = o.Engine.Proxy.String()
	}
	if o.Engine.Certificate != nil {
		m["cert"] = "yes"
	}
	o.signed(m)
	for _, h := range o.Headers {
		m["header "+h.Name] = "set"
		if h.Remove {
			m["header "+h.Name] = "removed"
		}
	}
	if delete(m, "share"); o.Share.Of > 1 { // the caller's Settings decide nothing
		m["share"] = fmt.Sprintf("%d of %d", o.Share.Index+1, o.Share.Of)
	}
	s.numbers.settle(m)
	return m
}

// factor writes a factor as people do.
func factor(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// Corpus is the header of the corpus.
func (s *Session) Corpus() corpus.Header { return s.header }

// LostBefore is what was lost of what the corpus was made of.
func (s *Session) LostBefore() corpus.Lost { return s.lost }

// Hosts are those that the corpus was captured from; after Plan, all of them.
func (s *Session) Hosts() corpus.Hosts { return s.hosts }

// Damage is what of the corpus could not be read; it is known after Plan, also where that failed.
func (s *Session) Damage() []corpus.Damage {
	if s.plan == nil {
		return nil
	}
	return s.plan.damage
}

// Numbers say who becomes whom; nil before they were assigned, and where everyone keeps their number.
func (s *Session) Numbers() *Numbers {
	if s.numbers == nil || !s.numbers.assigned {
		return nil
	}
	return s.numbers
}

// Planned is the plan; nil before there is one.
func (s *Session) Planned() *replay.Plan {
	if s.plan == nil {
		return nil
	}
	return s.plan.Plan
}

// CappedBy is the option that says how many requests a second are planned at most: MaxRate, or Shape where its cap does.
func (s *Session) CappedBy() string {
	if s.o.Shape.Cap > 0 {
		return "Shape"
	}
	return "MaxRate"
}

// Earlier is the run that is gone on with, nil for a new one.
func (s *Session) Earlier() *Earlier { return s.earlier }

// Hash names what is sent when: runs of one hash can be compared. It is known after Plan.
func (s *Session) Hash() string { return s.run.PlanHash }

// Header is that of the run, as its file has it. It is known after Plan.
func (s *Session) Header() results.Header { return s.run }
