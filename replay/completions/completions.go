// Package completions reads what a system says it has finished: one line for each message that it worked on after it had
// answered 200. Joined to a run (results.Completer), it tells how long messages really took.
//
// A line that cannot be used is counted by its reason and left out; errors name the line and the field, never what stands
// there. Memory is 24 bytes a completion.
package completions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture/wire"
)

// ErrNone says that no line could be used.
var ErrNone = errors.New("completions: no line could be used")

// The formats of a file.
const (
	NDJSON = "ndjson"
	CSV    = "csv"
	Text   = "text"
)

// Map says where things are in each line. The zero value fits what reprise sink writes, and the likes of it.
type Map struct {
	// Format is NDJSON, CSV (with a header line) or Text; empty is told by the first byte: { begins NDJSON.
	Format string
	// Pattern is a regular expression with named groups, for Text.
	Pattern string
	// Time, Record, Run and Outcome are names of fields: of an object (a.b for b in a), of a column, or of a group. Empty ones
	// are found by their usual names. Record holds the request's Reprise-Record header, Run its Reprise-Run, and ID the
	// message's id, for lines without a record.
	Time, Record, Run, Outcome, ID string
	// TimeFormat is rfc3339, unix, unix_ms, unix_us, unix_ns or a layout of Go's time package; empty takes RFC 3339, also with
	// a space for the T, and numbers by their size. A time that names no zone is UTC.
	TimeFormat string
}

// Validate says what makes no sense in a map, before there is a file to read by it.
func (m Map) Validate() error {
	switch m.Format {
	case "", NDJSON, CSV:
		return nil
	case Text:
		_, err := m.pattern()
		return err
	}
	return fmt.Errorf("format: %q is none of ndjson, csv, text", m.Format)
}

// pattern is the regular expression of Text, with the groups that a line needs. Errors do not quote it: it may have been
// made of a line of a log.
func (m Map) pattern() (*regexp.Regexp, error) {
	if m.Pattern == "" {
		return nil, errors.New("format text needs a pattern: a regular expression with groups such as (?P<time>…) and (?P<record>…)")
	}
	re, err := regexp.Compile(m.Pattern)
	if err != nil {
		why := ""
		if s := (*syntax.Error)(nil); errors.As(err, &s) {
			why = ": " + s.Code.String()
		}
		return nil, errors.New("pattern: it is no regular expression" + why)
	}
	if of := groups(re, m.names()); of[fieldTime] < 0 || of[fieldRecord] < 0 && of[fieldID] < 0 {
		return nil, errors.New("pattern: it has no groups called time, and record or id: (?P<time>…)")
	}
	return re, nil
}

// names are the usual names of the fields.
func (m Map) names() [fieldCount][]string {
	usual := [fieldCount][]string{
		{"time", "timestamp", "ts", "completed_at", "@timestamp"},
		{"record", "reprise_record", wire.HeaderRecord, "reprise-record"},
		{"run", "reprise_run", wire.HeaderRun, "reprise-run"},
		{"outcome", "result", "status"},
		{"id", "message_id", "messageId", "MessageSid", "sid"},
		{"clock"},
	}
	for i, own := range []string{m.Time, m.Record, m.Run, m.Outcome, m.ID} {
		if own != "" {
			usual[i] = []string{own}
		}
	}
	return usual
}

// Account says what became of the lines.
type Account struct {
	Lines int64 `json:"lines"`
	Used  int64 `json:"used"`
	// Zoneless counts the times that named no zone and were taken for UTC.
	Zoneless int64 `json:"zoneless"`
	// OtherRuns counts lines of other runs, Duplicates completions of a request that has a later one.
	OtherRuns  int64 `json:"other_runs"`
	Duplicates int64 `json:"duplicates"`
	// Bad counts lines that could not be used, by reason, and First names the first of each: "file:12".
	Bad   map[string]int64  `json:"bad"`
	First map[string]string `json:"first"`
}

// reject counts a line that cannot be used.
func (a *Account) reject(file string, line int64, reason string) {
	if a.Bad == nil {
		a.Bad, a.First = make(map[string]int64), make(map[string]string)
	}
	if a.Bad[reason] == 0 {
		a.First[reason] = file + ":" + strconv.FormatInt(line, 10)
	}
	a.Bad[reason]++
}

// String says what could not be used; empty where all could.
func (a *Account) String() string {
	var list []string
	for _, reason := range slices.Sorted(maps.Keys(a.Bad)) {
		list = append(list, fmt.Sprintf("%s with %s (first at %s)", lines(a.Bad[reason]), reason, a.First[reason]))
	}
	return strings.Join(list, ", ")
}

func lines(n int64) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

// Set is the completions of one run. Its zero value is empty.
type Set struct {
	Account Account
	// From and To bound the moments that are believed; zero ones do not.
	From, To time.Time
	// Kin are runs that the same file is known to hold: their lines are passed over, and do not count as other runs'.
	Kin []string

	entries  []entry
	ids      map[uint64]entry // by the hash of a message's id
	seed     maphash.Seed
	outcomes []string
	sorted   bool
	clock    string
}

// entry is a completion: the last of a request counts.
type entry struct {
	key     uint64
	at      int64 // Unix nanoseconds
	outcome uint8
}

const (
	maxOutcomes = 20
)

// others is the name of the outcomes beyond those that are told apart.
const others = "others"

// outcome is the number of an outcome.
func (s *Set) outcome(outcome string) uint8 {
	if outcome == "" {
		outcome = "ok"
	}
	i := slices.Index(s.outcomes, outcome)
	if i < 0 {
		if len(s.outcomes) >= maxOutcomes {
			outcome = others
		}
		if i = slices.Index(s.outcomes, outcome); i < 0 {
			s.outcomes = append(s.outcomes, outcome)
			i = len(s.outcomes) - 1
		}
	}
	return uint8(i)
}

// add takes one completion in.
func (s *Set) add(seq int64, replica int, at time.Time, outcome string) {
	key, _ := wire.Key(seq, replica) // it fits, as ParseMark says
	s.entries = append(s.entries, entry{key, at.UnixNano(), s.outcome(outcome)})
	s.sorted = false
	s.Account.Used++
}

// settle sorts the entries and keeps the last of each request.
func (s *Set) settle() {
	if s.sorted {
		return
	}
	slices.SortFunc(s.entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.key, b.key), -cmp.Compare(a.at, b.at)) })
	n := len(s.entries)
	s.entries = slices.CompactFunc(s.entries, func(a, b entry) bool { return a.key == b.key })
	s.Account.Duplicates += int64(n - len(s.entries))
	s.sorted = true
}

// Len is the number of completions, each request's and each id's counted once.
func (s *Set) Len() int {
	s.settle()
	return len(s.entries) + len(s.ids)
}

// Clock names the clock that all completions were read from; empty where a line names none, or another.
func (s *Set) Clock() string { return s.clock }

// Of returns when a request was completed, and how.
func (s *Set) Of(seq int64, replica int) (at time.Time, outcome string, ok bool) {
	s.settle()
	key, ok := wire.Key(seq, replica)
	if !ok {
		return time.Time{}, "", false
	}
	i, ok := slices.BinarySearchFunc(s.entries, key, func(e entry, k uint64) int { return cmp.Compare(e.key, k) })
	if !ok {
		return time.Time{}, "", false
	}
	return time.Unix(0, s.entries[i].at), s.outcomes[s.entries[i].outcome], true
}

// Read adds a file's completions. Lines of another run than the one named are passed over; run may be empty.
func (s *Set) Read(ctx context.Context, r io.Reader, file, run string, m Map) error {
	p, err := newParser(r, m)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for {
		if s.Account.Lines%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f, reason, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s, after line %d: %w", file, p.line, err)
		}
		s.Account.Lines++
		if reason == "" {
			reason = s.take(f, run, m.TimeFormat)
		}
		if reason != "" {
			s.Account.reject(file, p.line, reason)
		}
	}
}

// take uses one line; it returns why it cannot be used.
func (s *Set) take(f fields, run, format string) (reason string) {
	if of := f[fieldRun]; of != "" && run != "" && of != run {
		if !slices.Contains(s.Kin, of) {
			s.Account.OtherRuns++
		}
		return ""
	}
	seq, replica, ok := wire.ParseMark(f[fieldRecord])
	byID := f[fieldRecord] == "" && f[fieldID] != ""
	switch {
	case byID:
	case f[fieldRecord] == "":
		return "no record"
	case !ok:
		return "a record that is not like 12.0"
	}
	if f[fieldTime] == "" {
		return "no time"
	}
	at, zoned, ok := parseTime(f[fieldTime], format)
	switch {
	case !ok && format != "":
		return "a time that does not fit the map's time_format"
	case !ok:
		return "a time of another form than RFC 3339, or Unix seconds, milliseconds, microseconds or nanoseconds (the map's time_format says which)"
	case !s.From.IsZero() && at.Before(s.From) || !s.To.IsZero() && at.After(s.To) || at.Year() < 1971 || at.Year() > 2200:
		return "a time far from the run"
	}
	if s.Account.Used == 0 {
		s.clock = f[fieldClock]
	} else if s.clock != f[fieldClock] {
		s.clock = ""
	}
	if !zoned {
		s.Account.Zoneless++
	}
	if byID {
		s.addID(f[fieldID], at, clean(f[fieldOutcome]))
	} else {
		s.add(seq, replica, at, clean(f[fieldOutcome]))
	}
	return ""
}

// addID takes in a completion of which the request is not known yet: the last of each id.
func (s *Set) addID(id string, at time.Time, outcome string) {
	if s.ids == nil {
		s.ids, s.seed = make(map[uint64]entry), maphash.MakeSeed()
	}
	s.Account.Used++
	e := entry{at: at.UnixNano(), outcome: s.outcome(outcome)}
	hash := maphash.String(s.seed, id)
	if old, ok := s.ids[hash]; ok {
		s.Account.Duplicates++
		if old.at > e.at {
			return
		}
	}
	s.ids[hash] = e
}

// IDs is how many completions name a message by its id and are of no request yet.
func (s *Set) IDs() int { return len(s.ids) }

// Resolve says which request carried an id. A message that is sent again under its id is the request that comes first.
func (s *Set) Resolve(id []byte, seq int64, replica int) {
	key, fits := wire.Key(seq, replica)
	if len(s.ids) == 0 || !fits {
		return
	}
	hash := maphash.Bytes(s.seed, id)
	e, ok := s.ids[hash]
	if !ok {
		return
	}
	delete(s.ids, hash)
	e.key = key
	s.entries, s.sorted = append(s.entries, e), false
}

// clean keeps an outcome a word: what is long, or holds digits, may be somebody's.
func clean(outcome string) string {
	if len(outcome) > 32 || strings.ContainsFunc(outcome, func(r rune) bool { return r < ' ' || r > '~' }) {
		return others
	}
	digits := 0
	for _, c := range outcome {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	if digits > 3 {
		return others
	}
	return outcome
}

// parseTime reads a time; zoned says whether it is certain which moment is meant. A layout is the user's word for that.
func parseTime(v, format string) (t time.Time, zoned, ok bool) {
	switch format {
	case "":
		if t, zoned, ok = parseUsual(v); ok {
			return t, zoned, true
		}
	case "rfc3339":
		t, err := time.Parse(time.RFC3339Nano, v)
		return t, true, err == nil
	case "unix", "unix_ms", "unix_us", "unix_ns":
	default:
		t, err := time.Parse(format, v)
		return t, true, err == nil
	}
	t, ok = parseUnix(v, map[string]int{"unix": 9, "unix_ms": 6, "unix_us": 3, "unix_ns": 0}, format)
	return t, true, ok
}

// parseUsual reads RFC 3339 and what databases and logs write in its place: a space for the T, a shorter offset, none, or a
// comma before the fraction of a second.
func parseUsual(v string) (t time.Time, zoned, ok bool) {
	if len(v) > len("2006-01-02") && v[10] == ' ' {
		v = v[:10] + "T" + v[11:]
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05 Z07:00", "2006-01-02T15:04:05 Z0700", "2006-01-02T15:04:05 UTC"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true, true
		}
	}
	t, err := time.Parse("2006-01-02T15:04:05", v)
	return t, false, err == nil
}

// parseUnix reads a number of seconds or of parts of them, without losing digits.
func parseUnix(v string, shifts map[string]int, format string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(v, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, false
	}
	shift, told := shifts[format]
	if !told {
		shift = 9
		for size := n; size >= 1e11 && shift > 0; size /= 1000 {
			shift -= 3
		}
	}
	for _, c := range fraction {
		if c < '0' || c > '9' {
			return time.Time{}, false
		}
	}
	digits := (fraction + "000000000")[:shift]
	n, err = strconv.ParseInt(whole+digits, 10, 64)
	return time.Unix(0, n), err == nil
}
