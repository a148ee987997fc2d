package pace

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// StepError says which step of a shape is wrong, and why. Of what was written it repeats what the language has alone.
type StepError struct {
	// Step is the step's number, from 1.
	Step int
	Err  error
}

// Error names the step.
func (e *StepError) Error() string { return fmt.Sprintf("step %d: %v", e.Step, e.Err) }

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }

// ParseShape reads a shape as it is written in one line, "20k at 2x; peak: 20k at 3x; ramp 5m to 4x; hold 10m". What is wrong with it is a
// *StepError.
func ParseShape(text string) (Shape, error) {
	var s Shape
	for one := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(text), ";"), ";") {
		name, step, named := strings.Cut(one, ":")
		if !named {
			name, step = "", one
		}
		if err := s.append(name, step, named); err != nil {
			return Shape{}, err
		}
	}
	return s, nil
}

// Append adds a step as it is written, "20k at 3x", and its name, "" for none. What is wrong with it is a *StepError.
func (s *Shape) Append(name, text string) error { return s.append(name, text, name != "") }

func (s *Shape) append(name, text string, named bool) error {
	step, search, err := parseStep(text)
	if err == nil && named {
		step.Name = strings.TrimSpace(name)
		err = s.checkName(step.Name)
	}
	switch {
	case err != nil:
	case len(s.Steps) == MaxSteps:
		err = fmt.Errorf("a shape has at most %d steps", MaxSteps)
	case s.Search != nil, search != nil && len(s.Steps) > 0:
		err = errAlone
	case search != nil:
		s.Search = search
		return nil
	default:
		s.Steps = append(s.Steps, step)
		return nil
	}
	if quoted := quote(text); quoted != "" {
		err = fmt.Errorf("%w (in %q)", err, quoted)
	}
	return &StepError{s.next(), err}
}

// next is the number of the step that is appended.
func (s *Shape) next() int {
	if s.Search != nil {
		return 2
	}
	return len(s.Steps) + 1
}

var (
	nameForm   = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	numberForm = regexp.MustCompile(`^(?i:step)[0-9]+$`)
	// metricForm is what conditions on the whole run begin with: of a step of that name, nobody could tell which is meant.
	metricForm = regexp.MustCompile(`^(?i:p50|p90|p95|p99|p999|max|lag|latency|service_time|completion|errors|failed|ok|shed|unsent|moved|status|rate|backlog|faithful|rate_limited|rejected|unavailable)$`)
	countForm  = regexp.MustCompile(`^[0-9]+k?$`)
)

// checkName refuses a name by which a step could not be told from others.
func (s *Shape) checkName(name string) error {
	switch {
	case !nameForm.MatchString(name):
		return errors.New("a name is made of letters, digits, - and _")
	case len(name) > MaxStepName:
		return fmt.Errorf("a name has at most %d characters", MaxStepName)
	case numberForm.MatchString(name):
		return errors.New("step and a number is how steps without a name are called: take another name")
	case metricForm.MatchString(name):
		return errors.New("that is a metric of --expect: take another name")
	}
	for i, other := range s.Steps {
		if strings.EqualFold(other.Name, name) {
			return fmt.Errorf("step %d has the same name", i+1)
		}
	}
	return nil
}

// errForms says what a step looks like.
var errForms = errors.New("it is not like 20k at 2x, 5m at volume 2, 10m at 200/s, ramp 5m to 4x, hold 10m or double every 20s until")

// parseStep reads one step, or a search.
func parseStep(text string) (step Step, search *Search, err error) {
	words := strings.Fields(text)
	step.Text = strings.Join(words, " ")
	switch {
	case len(words) == 0:
		return step, nil, errors.New("it is empty")
	case words[0] == "double":
		search, err = parseSearch(words)
	case words[0] == "hold" && len(words) == 2:
		step.Form = Hold
		step.Length, err = parseLength(words[1])
	case words[0] == "ramp" && len(words) >= 4 && words[2] == "to":
		step.Form = Ramp
		if step.Length, err = parseLength(words[1]); err == nil {
			step.To, err = parseTempo(words[3:])
		}
	case len(words) >= 3 && words[1] == "at":
		if err = step.amount(words[0]); err == nil {
			step.To, err = parseTempo(words[2:])
		}
	default:
		err = errForms
	}
	switch {
	case err == nil:
	case strings.Contains(text, ","):
		err = fmt.Errorf("%w: write ; between steps, and not a comma", err)
	case isTwoTempos(words):
		err = fmt.Errorf("%w: a step has one tempo: to have two, let one step say each, as in 1s at 2x; 5m at volume 2, as each stays until a step says another", err)
	}
	return step, search, err
}

func parseSearch(words []string) (*Search, error) {
	if len(words) != 4 || words[1] != "every" || words[3] != "until" {
		return nil, errors.New("a search is written double every 20s until, or double every pass until")
	}
	if words[2] == "pass" {
		return new(Search), nil
	}
	every, err := parseLength(words[2])
	return &Search{Every: every}, err
}

// amount reads how many messages a step sends, or how long it is.
func (s *Step) amount(word string) (err error) {
	if !countForm.MatchString(word) {
		s.Length, err = parseLength(word)
		return err
	}
	digits, thousands := strings.CutSuffix(word, "k")
	n, err := strconv.ParseInt(digits, 10, 64)
	if thousands && n <= MaxMessages {
		n *= 1000
	}
	switch {
	case err != nil || n > MaxMessages:
		return fmt.Errorf("a step sends at most %d messages", int64(MaxMessages))
	case n == 0:
		return errors.New("a step sends at least 1 message")
	}
	s.Messages = n
	return nil
}

func parseLength(word string) (time.Duration, error) {
	d, err := time.ParseDuration(word)
	switch {
	case err != nil:
		return 0, errors.New("its length is no duration such as 90s, 5m or 1h30m, and no number of messages such as 500 or 20k")
	case d <= 0:
		return 0, errors.New("its length must be above 0")
	case d > MaxLength:
		return 0, fmt.Errorf("it is longer than %v", MaxLength)
	}
	return d, nil
}

// parseTempo reads 2x, volume 2, or 200/s.
func parseTempo(words []string) (t Tempo, err error) {
	switch last := words[len(words)-1]; {
	case len(words) == 2 && words[0] == "volume":
		t.Volume, err = positive(last)
	case len(words) > 1:
		err = errTempo
	case strings.HasSuffix(last, "x"):
		t.Scale, err = positive(strings.TrimSuffix(last, "x"))
	case strings.Contains(last, "/") && !strings.HasSuffix(last, "/"):
		if t.Rate, err = ParseRate(last); err != nil {
			err = errors.New("its rate must be above 0 and is written 200/s")
		}
	default:
		err = errTempo
	}
	if err != nil {
		return t, err
	}
	return t, t.check()
}

var errAlone = errors.New("a search is the only step of its shape: leave out the others, or the search")

var errTempo = errors.New("its tempo is not like 2x, volume 2 or 200/s")

// positive reads a number above 0.
func positive(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, errTempo
	case !(v > 0) || math.IsInf(v, 0):
		return 0, errors.New("its tempo must be a number above 0")
	}
	return v, nil
}

// check refuses a tempo that cannot be played.
func (t Tempo) check() error {
	switch {
	case t.Scale != 0 && !(t.Scale >= MinTimeScale && t.Scale <= MaxTimeScale):
		return fmt.Errorf("its time-scale is not between %v and %v", MinTimeScale, float64(MaxTimeScale))
	case t.Volume != 0 && !(t.Volume > 0 && t.Volume <= MaxVolume):
		return fmt.Errorf("its volume is not above 0 and at most %v", MaxVolume)
	case t.Rate != 0 && !(t.Rate >= MinMaxRate && t.Rate <= MaxMaxRate):
		return fmt.Errorf("its rate is not between %v/s and %v/s", MinMaxRate, float64(MaxMaxRate))
	}
	return nil
}
