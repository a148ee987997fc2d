package session

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/output"
	"reprise/capture/sms/numberfile"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/render"
	"reprise/replay/results"
	"reprise/replay/send"
)

// Options shape a run. The zero value plays the whole corpus once at its recorded tempo, with fresh message ids, and keeps no file.
type Options struct {
	Tempo
	Selection
	Identity
	Requests

	// Engine is how requests are sent. Of its Guard, Allow and Lookup are the caller's; the session fills in the rest, and Answers.
	Engine send.Options
	// Late says what becomes of a request that finds Engine.MaxInFlight others on their way.
	Late replay.Late
	// PerSender says whether requests of one sender wait for one another.
	PerSender PerSender
	// StopOn ends the run when one of them is met; nil is results.DefaultStopOn, an empty list never ends it.
	StopOn []results.StopCondition
	// AllowRaw plays a corpus that was not anonymized, to this machine alone.
	AllowRaw bool

	// Share is the part of the plan that is played here, so that several machines can play one plan; the zero value is all of it.
	// A share needs Seed, and every machine the same options but for its Index; with one RunID, they are one run to the target.
	Share replay.Share
	// Start is the moment of the plan's first deadline; zero is as soon as all is ready.
	Start time.Time

	Output
	// Tool is the version of the program that plays, for the run's header.
	Tool string
	// Settings are written into the run's header beside those that a session writes itself. They decide nothing.
	Settings map[string]string
	// Labels are written into the run's header, as results.ParseLabels reads them. A run that goes on keeps those that it has.
	Labels map[string]string

	// CountRecipients has a plan count the requests to each recipient, where Recipients is set.
	CountRecipients bool
	// Ahead has Plan read what Play needs first, meanwhile: for who plays what is planned.
	Ahead bool
	// Scanned, where set, is called for each record that is looked at while the run is planned.
	Scanned func()
	// OptionName, where set, says how an option is called in errors: a field of Options, such as "Recipients".
	OptionName func(option string) string
}

// Tempo says when requests are sent and how many.
type Tempo struct {
	// TimeScale plays in 1/TimeScale of the recorded time, Volume sends so many times the messages in the same time; 0 means 1.
	TimeScale, Volume float64
	// Limit ends the plan after so many requests; 0 is all.
	Limit int64
	// Messages is the exact number of requests, over all that is played: drawn from it, or with so many copies by new people; 0 is no such
	// number. ByPeople draws whole people, of whom the last one is cut, and not single messages.
	Messages int64
	ByPeople bool
	// MaxRate is the most requests a second that are planned; 0 is no limit. What is above is shifted, not dropped.
	MaxRate float64
	// Ramp lets the tempo grow from nothing over the beginning of the run.
	Ramp time.Duration
	// MaxGap is the longest recorded time between two records that is played; what is longer is cut. 0 is no limit.
	MaxGap time.Duration
	// Outages are stretches of recorded time in which the vendor was down: what is due then is sent within Drain of the run's own time after
	// the end of the outage, evenly and in DrainOrder, while what comes later goes on at its own times.
	Outages    []Outage
	Drain      time.Duration
	DrainOrder DrainOrder
	// Loops plays everything so many times, one after the other; 0 means 1.
	Loops int
	// Shape bends the curve by steps, or is a search for the highest tempo that holds.
	Shape pace.Shape
	// Factors multiply the volume of some messages: those of a time, a kind or a recipient.
	Factors []Factor
}

// Selection says which records are played; the zero value plays all.
type Selection struct {
	// From and To bound the recorded time; To is outside, zero times are open ends.
	From, To time.Time
	// Peak, where above 0, plays only the busiest stretch of this length.
	Peak time.Duration
	// Kinds and Vendors are those that are played; none is all. SkipKinds are left out.
	Kinds, SkipKinds []capture.Kind
	Vendors          []string
	// Paths are beginnings of the recorded URL, Methods are compared without regard to case; none is all.
	Paths, Methods []string
	// Sample is the share of the senders that are played, each with all their messages, above 0 to 1; 0 means 1.
	Sample float64
	// ShuffleKinds keeps the arrival times and randomises which request comes when.
	ShuffleKinds bool
	// Retries says what becomes of recorded deliveries that were made again.
	Retries Retries
}

// Identity says who sends and receives, and under which ids.
type Identity struct {
	// Recipients and Senders give numbers other numbers.
	Recipients, Senders *numberfile.File
	// KeepIDs sends message ids as recorded.
	KeepIDs bool
	// Seed decides what is random; nil draws one for ids and new people, while which copies are sent when stays the same.
	Seed *uint64
	// RunID is the run's id, which is sent in Reprise-Run: up to 64 ASCII letters, digits, '-', '_' and '.'. "" draws one. A run that
	// is gone on with keeps its own.
	RunID string
}

// maxRunID bounds Identity.RunID, which is sent with every request.
const maxRunID = 64

func notOfAnID(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}

// Requests says how a record becomes a request; see render.Options.
type Requests struct {
	// Headers are edits in their order, Host replaces the recorded one, PathRewrites change the recorded paths, and Restamp moves the
	// times in requests to the moment of sending.
	Headers      []render.Header
	Host         string
	PathRewrites []render.Rewrite
	Restamp      bool
	// Trace says which traceparent requests carry.
	Trace replay.Tracing
	// Table holds the vendors; the zero value is all.Table and the vendors that the corpus remembers.
	Table dialect.Table
	// Keys holds the secrets of the vendors whose requests are signed, by their selectors (dialect.ParseSelector), and SignURL is the URL
	// to sign, "" for the one that is sent to.
	Keys    map[string][]byte
	SignURL string
}

// Output says where results go.
type Output struct {
	// File is the run file to write, "" for none; Force overwrites it. Temp takes its place where it is set.
	File  string
	Force bool
	Temp  *output.Temp
	// Resume is the file of a run of the same plan that was stopped, which is gone on with: its results are carried over into File.
	Resume string
}

// PerSender says whether requests of one sender wait for one another.
type PerSender uint8

// The ways to play one sender's requests.
const (
	// Overlap sends each when it is due.
	Overlap PerSender = iota
	// Serial sends a sender's next request only when the one before it is answered.
	Serial
	// Think also lets the sender pause after the answer as in the recording.
	Think
)

// ParsePerSender reads "overlap", "serial" or "think".
func ParsePerSender(s string) (PerSender, error) {
	switch s {
	case "overlap":
		return Overlap, nil
	case "serial":
		return Serial, nil
	case "think":
		return Think, nil
	}
	return 0, fmt.Errorf("%q is none of overlap, serial, think", s)
}

// Retries says what becomes of recorded deliveries that a vendor made again.
type Retries uint8

// The ways to treat retries.
const (
	// RetriesRecorded sends them as they were recorded.
	RetriesRecorded Retries = iota
	// RetriesNone leaves them out.
	RetriesNone
	// RetriesVendor leaves them out, and sends again what fails as the vendor does (dialect.Retries).
	RetriesVendor
)

// String is the name that ParseRetries reads.
func (r Retries) String() string { return [...]string{"recorded", "none", "vendor"}[r] }

// ParseRetries reads "recorded", "none" or "vendor".
func ParseRetries(s string) (Retries, error) {
	for _, r := range []Retries{RetriesRecorded, RetriesNone, RetriesVendor} {
		if r.String() == s {
			return r, nil
		}
	}
	return 0, fmt.Errorf("%q is none of recorded, none, vendor", s)
}

// filled gives options that were left out their meaning.
func (o Options) filled() Options {
	if o.TimeScale == 0 {
		o.TimeScale = 1
	}
	if o.Volume == 0 {
		o.Volume = 1
	}
	if o.Loops == 0 {
		o.Loops = 1
	}
	if o.Sample == 0 {
		o.Sample = 1
	}
	if o.Engine.MaxInFlight == 0 {
		o.Engine.MaxInFlight = 512
	}
	if o.Engine.Connections == 0 {
		o.Engine.Connections = 64
	}
	if o.Engine.Timeout == 0 {
		o.Engine.Timeout = 10 * time.Second
	}
	if o.StopOn == nil {
		o.StopOn, _ = results.ParseStopOn(results.DefaultStopOn) // which has no error
	}
	return o
}

// check refuses values that make no sense.
func (o *Options) check() error {
	for _, v := range []struct {
		option string
		value  float64
	}{
		{"TimeScale", o.TimeScale},
		{"Volume", o.Volume},
		{"MaxRate", o.MaxRate},
		{"Limit", float64(o.Limit)},
		{"Loops", float64(o.Loops)},
		{"Ramp", float64(o.Ramp)},
		{"MaxGap", float64(o.MaxGap)},
		{"Drain", float64(o.Drain)},
		{"Peak", float64(o.Peak)},
		{"Connections", float64(o.Engine.Connections)},
		{"MaxInFlight", float64(o.Engine.MaxInFlight)},
		{"Timeout", float64(o.Engine.Timeout)},
	} {
		if !(v.value >= 0) || math.IsInf(v.value, 0) {
			return o.bad(v.option, errors.New("must not be negative"))
		}
	}
	if err := cmp.Or(o.checkTempo(), o.checkShape()); err != nil {
		return err
	}
	if err := cmp.Or(o.checkOutages(), o.checkMessages()); err != nil {
		return err
	}
	switch {
	case o.Sample > 1 || !(o.Sample > 0):
		return o.bad("Sample", errors.New("must be a share above 0, up to 1"))
	case o.Share.Of < 0 || o.Share.Index < 0 || o.Share.Index >= max(o.Share.Of, 1):
		return o.bad("Share", errors.New("its index must be from 0 to below their number"))
	case o.Share.Of > 1 && o.Seed == nil:
		return o.bad("Seed", errNoSeed)
	case len(o.RunID) > maxRunID || strings.ContainsFunc(o.RunID, notOfAnID):
		return o.bad("RunID", fmt.Errorf("must be at most %d letters, digits, '-', '_' and '.'", maxRunID))
	case o.Resume != "" && o.File == "" && o.Temp == nil:
		return o.bad("Resume", fmt.Errorf("the whole run needs a file: set %s", o.name("File")))
	}
	return nil
}

// checkTempo refuses numbers beyond what a plan can have.
func (o *Options) checkTempo() error {
	for _, v := range []struct {
		option             string
		value, least, most any
		beyond             bool
	}{
		{"TimeScale", o.TimeScale, pace.MinTimeScale, pace.MaxTimeScale, o.TimeScale != 0 && o.TimeScale < pace.MinTimeScale || o.TimeScale > pace.MaxTimeScale},
		{"Volume", o.Volume, 0, pace.MaxVolume, o.Volume > pace.MaxVolume},
		{"MaxRate", o.MaxRate, pace.MinMaxRate, pace.MaxMaxRate, o.MaxRate != 0 && (o.MaxRate < pace.MinMaxRate || o.MaxRate > pace.MaxMaxRate)},
		{"Loops", o.Loops, 1, pace.MaxLoops, o.Loops > pace.MaxLoops},
		{"Ramp", o.Ramp, 0, pace.MaxRamp, o.Ramp > pace.MaxRamp},
	} {
		if v.beyond {
			return o.bad(v.option, fmt.Errorf("%v is not between %v and %v", v.value, v.least, v.most))
		}
	}
	if o.Peak > 0 && o.Peak < time.Millisecond {
		return o.bad("Peak", fmt.Errorf("%v is shorter than 1ms", o.Peak))
	}
	return nil
}

// name is how an option is called in errors.
func (o *Options) name(option string) string {
	if o.OptionName != nil {
		return o.OptionName(option)
	}
	return option
}

// bad is the error for an option's value.
func (o *Options) bad(option string, err error) error {
	return &OptionError{Option: option, name: o.name(option), Err: err}
}

// badFile is the error for an option that names a file.
func (o *Options) badFile(option, file string, err error) error {
	return &OptionError{Option: option, name: o.name(option), File: file, Err: err}
}
