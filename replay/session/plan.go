package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/sms"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/render"
)

// plan is what a pass over the corpus found out before anything is sent.
type plan struct {
	*replay.Plan
	pace       pace.Options
	first      *replay.Plan // the first step of a search, of which Plan is one pass; nil of any other run
	keep       func(*capture.Record) bool
	window     window       // what Selection's From, To and Peak leave
	used       *render.Used // the numbers of the corpus; nil where nobody new is needed
	hosts      corpus.Hosts
	recorded   recordedHosts // those that the records were sent to
	outages    []placedOutage
	damage     []corpus.Damage
	corpusHash string
	factors    *factors        // of the pass that made the plan
	outside    *replay.Outside // what window leaves out; nil where every record has to be read for that
	part       bool            // blocks were not read, as window leaves them out
	noted      []corpus.Damage // of what was read before the pass that made the plan
	counted    int64           // the records of the window by the corpus' own counts; 0 where it was not chosen by them
	met        int64           // those that the pass met
	all        bool            // noted is of the whole corpus
	persons    int             // personRule where a person who is drawn is another by it than by rule 1, else 0
}

// personRule is how persons are told apart where they are drawn: by 1, each spelling of an address was somebody, and the sender of a
// payload that is no SMS event was too; 2 is capture.Record.Person.
const personRule = 2

// isAnother says whether the person behind a record is another than by rule 1.
func isAnother(r *capture.Record) bool {
	before := r.Message.From
	if r.Kind == capture.Status {
		before = r.Message.To
	}
	return before != r.Person()
}

// read plans. A window that does not hold what the corpus' own counts say is chosen once more, by the records: blocks of it are damaged, or
// somebody made other counts.
func (s *Session) read(ctx context.Context) error {
	err := s.readOnce(ctx)
	if p := s.plan; p.met == p.counted || ctx.Err() != nil {
		return err
	}
	s.miscounted = true
	s.numbers = newNumbers(&s.o)
	if err := s.readKeys(); err != nil {
		return err
	}
	return s.readOnce(ctx)
}

// readOnce reads the corpus once, and once more each for Peak and for the rates of a Shape.
func (s *Session) readOnce(ctx context.Context) error {
	o := &s.o
	p := &plan{
		pace:   o.tempo(),
		window: window{o.From, o.To},
	}
	s.early.drop()
	s.plan = p
	if o.mostVolume() > 1 {
		p.used = render.NewUsed(sms.Wide())
	}
	if o.Peak > 0 {
		if err := s.narrow(ctx); err != nil {
			return err
		}
	}
	if err := s.leaveOut(ctx); err != nil {
		return err
	}
	s.openEarly()
	p.keep = o.keep(p.window)
	if err := s.count(ctx); err != nil {
		return err
	}
	if e := p.pace.Exact; e != nil && e.Messages > e.Recorded {
		p.used = render.NewUsed(sms.Wide())
	}
	if err := s.solve(ctx); err != nil {
		return err
	}
	if err := s.placeOutages(ctx); err != nil {
		return err
	}
	if err := s.scan(ctx); err != nil {
		return err
	}
	if p.Requests() == 0 && o.Share.Of <= 1 { // of a share, others have the rest
		return ErrNothing
	}
	if err := s.checkPlanned(); err != nil {
		return err
	}
	return s.planSearch(ctx)
}

// tempo is what of the options says when requests are sent.
func (o *Options) tempo() pace.Options {
	return pace.Options{
		TimeScale: o.TimeScale, Volume: o.Volume, Limit: o.Limit, Seed: o.paceSeed(), Ramp: o.Ramp, MaxRate: o.MaxRate, Loops: o.Loops,
		Shape: o.Shape, MostFactor: o.mostFactor(),
		MaxGap: o.MaxGap,
	}
}

// scan makes the plan.
func (s *Session) scan(ctx context.Context) error {
	src, r, err := s.scanned()
	if err != nil {
		return err
	}
	defer r.Close()
	stop := func() {}
	if c, ok := src.(*corpus.Columns); ok {
		stop = c.Ahead()
	}
	p := s.plan
	drawn := s.o.Sample < 1 || s.o.ByPeople || p.used != nil // what persons a plan has depends on who they are
	wanted := s.o.wanted(p.window)
	factors := newFactors(s.o.Factors)
	p.Plan, err = replay.Scan(ctx, s.o.order(s.numbers.observed(src)), p.pace, replay.ScanOptions{
		Keep: s.keep(), Factor: factors.function(), KeepHeld: s.keep(), FactorHeld: newFactors(s.o.Factors).function(), Visit: s.visit(), Share: s.o.Share, Outside: s.outside(s.leavesOut(s.readsAll())),
		Again: func(context.Context) (replay.Stream, error) { return s.source() },
		Observe: func(rec *capture.Record) {
			if s.o.Scanned != nil {
				s.o.Scanned()
			}
			p.recorded.add(rec.Host)
			if p.counted > 0 && wanted.Wants(rec) {
				p.met++
			}
			if drawn && p.persons == 0 && isAnother(rec) && wanted.Wants(rec) {
				p.persons = personRule
			}
			if p.used != nil {
				p.used.Observe(rec)
			}
		},
	})
	stop()
	if err != nil {
		return s.o.outageError(err)
	}
	for i, o := range p.outages {
		p.Outages[i].From, p.Outages[i].To = o.from.UTC(), o.to.UTC()
	}
	p.hosts, p.damage = r.Hosts(), p.damages(r)
	p.corpusHash, _ = r.Hash()
	if index, ok := r.Index(); ok && s.leavesOut(s.readsAll()) {
		p.part = r.Blocks() < int64(len(index.Blocks))
	}
	p.factors = factors
	return nil
}

// skims says that a plan is made of times, kinds, vendors and methods alone.
func (s *Session) skims() bool {
	o := &s.o
	return o.mostVolume() <= 1 && s.plan.used == nil && !o.ByPeople && !o.byRecipient() && o.Sample >= 1 && len(o.Paths) == 0 && o.Retries == RetriesRecorded &&
		!o.ShuffleKinds && s.numbers == nil && o.Share.Of <= 1 && !s.keys.Keys().Selective()
}

// keep says what is played; where vendors' retries are left out, by a recogniser of its own for each pass.
func (s *Session) keep() func(*capture.Record) bool {
	keep := s.plan.keep
	if s.o.Retries == RetriesRecorded {
		return keep
	}
	retries := render.NewRetries(s.o.Table)
	return func(r *capture.Record) bool {
		r.MakeWhole()
		again := retries.IsRetry(r)
		return !again && keep(r)
	}
}

// source opens the corpus in the order in which it is played.
func (s *Session) source() (replay.Stream, error) {
	src, r, err := s.opened(s.leavesOut(false), false)
	if err != nil {
		return nil, err
	}
	r.Cut()
	return stream{s.o.order(src), r}, nil
}

type stream struct {
	capture.Source
	io.Closer
}

// order shuffles a source where that is wanted.
func (o *Options) order(r capture.Source) capture.Source {
	if o.ShuffleKinds {
		return replay.Shuffle(r, o.paceSeed())
	}
	return r
}

// hashedTempo is the tempo as a plan's hash has it. Curve is what plans had that are hashed alike to this day: nothing.
type hashedTempo struct {
	pace.Options
	Curve   []struct{}
	Factors []Factor `json:",omitempty"`
	Zones   []string `json:",omitempty"` // of the factors' clocks
}

// hash names what is sent when.
func (s *Session) hash() string {
	o, p := &s.o, s.plan
	text, err := json.Marshal(struct {
		Corpus    string
		Scale     float64
		Volume    float64
		Limit     int64
		From, To  time.Time
		Selection [][]string
		KeepIDs   bool
		Tempo     hashedTempo
		Share     float64
		Shuffle   bool
		Serialize bool
		Retries   string
		Numbers   map[string]string `json:",omitempty"` // a digest of who becomes whom
		Persons   int               `json:",omitempty"`
		Think     bool              `json:",omitempty"`
	}{
		p.corpusHash, o.TimeScale, o.Volume, o.Limit, p.window.from, p.window.to,
		[][]string{kindNames(o.Kinds), kindNames(o.SkipKinds), o.Vendors, o.Paths, o.Methods},
		o.KeepIDs,
		hashedTempo{Options: p.pace, Factors: o.Factors, Zones: o.zones()},
		o.Sample, o.ShuffleKinds, o.PerSender == Serial, o.Retries.String(), s.numbers.digests(), p.persons, o.PerSender == Think,
	})
	if err != nil {
		panic("session: internal error: a plan has no JSON")
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

func kindNames(kinds []capture.Kind) (names []string) {
	for _, k := range kinds {
		names = append(names, k.String())
	}
	return names
}
