package experiment

import (
	"context"
	"errors"
	"slices"

	"reprise/capture"
	"reprise/capture/sms"
	"reprise/capture/sms/numberfile"
	"reprise/replay/cause"
	"reprise/replay/session"
)

// changes sets what is changed, and returns the options of each change.
func (t *Trial) changes(ctx context.Context) ([]session.Options, error) {
	f, was := &t.Finding, t.o.Session
	switch f.Try {
	case cause.SerialSenders:
		if f.Pattern == cause.RepeatSlow {
			return t.strangers(ctx)
		}
		// Where the effect stays though one person's requests do not overlap, it may still be that they come shortly after each other.
		serial := was
		serial.PerSender = session.Serial
		t.Changes = []Change{Serial, Shuffled}
		return []session.Options{serial, shuffled(was)}, nil
	case cause.ShuffleKinds:
		t.Changes = []Change{Shuffled}
		return []session.Options{shuffled(was)}, nil
	case cause.OtherSenders:
		if f.Pattern == cause.FirstSeen {
			return t.strangers(ctx)
		}
		if was.Senders == nil {
			return nil, ErrNoOthers
		}
		was.Senders = nil
		t.Changes = []Change{RecordedSenders}
		return []session.Options{was}, nil
	case cause.WithoutKind:
		return t.withoutKind()
	case cause.HalfRate:
		if was.TimeScale == 0 {
			was.TimeScale = 1
		}
		was.TimeScale /= 2
		was.MaxRate /= 2
		was.Drain *= 2
		was.Shape = was.Shape.Slower(2)
		t.Changes = []Change{Slower}
		return []session.Options{was}, nil
	case cause.FreshIDs:
		if !was.KeepIDs {
			return nil, ErrNoOthers
		}
		was.KeepIDs = false
		t.Changes = []Change{Fresh}
		return []session.Options{was}, nil
	case cause.OtherRecipients:
		return t.turned(ctx)
	case cause.SameAgain:
		if f.Pattern == cause.FollowsFigure { // the figure is not taken in these runs
			return nil, ErrByHand
		}
		return nil, nil
	case cause.NoExperiment:
		if !isProperty(f.Where) {
			return nil, ErrNothingToTry
		}
		t.Changes, t.Stays = []Change{Shuffled}, true
		return []session.Options{shuffled(was)}, nil
	case cause.OtherMachine, cause.RestedTarget:
		return nil, ErrByHand
	}
	return nil, ErrNothingToTry
}

// Given is what of a run's options decides which experiments there are.
type Given struct{ Senders, Recipients, KeepIDs bool }

// Testable says whether Design finds runs that would tell of a finding, where there are enough requests.
func Testable(f *cause.Finding, given Given) bool {
	switch f.Try {
	case cause.NoExperiment:
		return isProperty(f.Where)
	case cause.OtherMachine, cause.RestedTarget:
		return false
	case cause.OtherSenders:
		return given.Senders != (f.Pattern == cause.FirstSeen)
	case cause.SerialSenders:
		return f.Pattern != cause.RepeatSlow || !given.Senders
	case cause.FreshIDs:
		return given.KeepIDs
	case cause.OtherRecipients:
		return !given.Recipients
	case cause.SameAgain:
		return f.Pattern != cause.FollowsFigure
	}
	return true
}

func shuffled(o session.Options) session.Options {
	o.ShuffleKinds = true
	return o
}

// isProperty says that a rule is about what a request is, and not about when it comes.
func isProperty(where []cause.Condition) bool {
	for _, c := range where {
		switch c.Attribute {
		case cause.Kind, cause.Vendor, cause.Recipient, cause.Intent, cause.Encoding, cause.Segments, cause.BodyBytes, cause.Media, cause.Receipt:
		default:
			return false
		}
	}
	return len(where) > 0
}

// withoutKind leaves the finding's kinds out. Where another rule fits as well, that would leave out its requests too: then the kinds are
// mixed, which tells the two apart.
func (t *Trial) withoutKind() ([]session.Options, error) {
	was := t.o.Session
	for _, c := range t.Finding.Where {
		if c.Attribute == cause.Kind {
			t.Kinds = c.Values
		}
	}
	if len(t.Kinds) == 0 || len(t.Finding.Same) > 0 {
		t.Changes, t.Stays = []Change{Shuffled}, true
		return []session.Options{shuffled(was)}, nil
	}
	kinds, err := capture.ParseKinds(t.Kinds)
	if err != nil {
		return nil, err
	}
	was.SkipKinds = append(slices.Clone(was.SkipKinds), kinds...)
	t.Changes = []Change{Without}
	return []session.Options{was}, nil
}

// turned gives each recipient the messages of another: of the one before it in the corpus that has a number of the same class.
func (t *Trial) turned(ctx context.Context) ([]session.Options, error) {
	was := t.o.Session
	if was.Recipients != nil {
		return nil, ErrByHand
	}
	look := was
	look.Recipients = &numberfile.File{Pairs: true}
	look.File, look.Resume, look.Temp = "", "", nil
	s, err := session.Open(ctx, t.o.Corpus, "", look)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := s.Plan(ctx); err != nil && !errors.Is(err, session.ErrShortage) {
		return nil, err
	}
	classes := make(map[sms.Class][]string)
	all := s.Numbers().Met.List()
	for _, a := range all {
		classes[a.Class] = append(classes[a.Class], a.Name)
	}
	pairs := &numberfile.File{Pairs: true}
	turned := false
	for _, a := range all {
		list := classes[a.Class]
		to := list[(slices.Index(list, a.Name)+1)%len(list)]
		turned = turned || a.Name != to
		pairs.Entries = append(pairs.Entries, numberfile.Entry{Line: len(pairs.Entries) + 1, From: a.Name, To: to, Class: a.Class})
	}
	if !turned {
		return nil, ErrNoOthers
	}
	was.Recipients = pairs
	t.Changes = []Change{Turned}
	return []session.Options{was}, nil
}
