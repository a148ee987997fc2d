package capture

import (
	"fmt"
	"strings"
)

// Problem is one thing in an input that could not be used. It says where, never what: no part of it may hold
// a phone number, a text or any other content.
type Problem struct {
	// File is the input's name as the user gave it.
	File string
	// Record is the position in File, from 1: a line, a packet or a request, as Unit says; 0 where there is none.
	Record int64
	// Unit names what Record counts: "line", "packet", "record". Empty means "record".
	Unit string
	// Field names the part of the record: "Content-Length", "body", "/time"; empty where it is all of it.
	Field string
	// Byte counts the bytes of the field up to where it is, from 1; 0 where it is of no one place.
	Byte int
	// Reason is a short fixed phrase, the key under which the account counts it: "not JSON".
	Reason string
}

// Error writes the problem as one line.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Record > 0 {
		unit := p.Unit
		if unit == "" {
			unit = "record"
		}
		fmt.Fprintf(&b, ": %s %d", unit, p.Record)
	}
	if p.Field != "" {
		fmt.Fprintf(&b, ": field %q", p.Field)
	}
	if p.Byte > 0 {
		fmt.Fprintf(&b, ": byte %d", p.Byte)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(p.Reason)
	return b.String()
}

// Account says what became of everything that a source read: read = kept + the sum of skipped. The source counts what it
// reads, skips and loses; Account.Copy counts what is kept or left out on request, and checks the sum at the end. Its zero value
// is ready to use, by one goroutine at a time.
type Account struct {
	// Read counts the requests that were found, and the lines of a log.
	Read int64 `json:"read"`
	// Kept counts those that Account.Copy handed on; no source counts here.
	Kept    int64            `json:"kept"`
	Skipped map[string]int64 `json:"skipped"`
	// Missing counts requests that are known to have been there and are in none of the numbers above: those whose
	// answer was recorded, and those of which a gap took the bytes. There may have been more.
	Missing int64 `json:"missing"`
	// Lost counts bytes that were not read: those of the input that no reader could take, and those that the recording
	// itself does not hold (gaps in TCP streams). What damage took out of a stream is in it twice, as damage and as gap.
	Lost int64 `json:"lost"`
	// UnpairedResponses counts responses whose request the recording does not hold, or does not tell.
	UnpairedResponses int64 `json:"unpaired_responses"`
	// Origins count those kept whose bytes the vendor never sent. Account.Copy counts here.
	Origins
	// TapLoss is what a recording of packets lacks of what went over the wire, as far as the packets that it has tell.
	TapLoss TapLoss `json:"tap_loss,omitzero"`
	// Spread counts those kept of whose time the second alone was known: they stand somewhere within it, as SpreadAs says.
	Spread   int64  `json:"spread"`
	SpreadAs string `json:"spread_as,omitempty"`
	// OtherPorts counts the packets of TCP that Options.Ports of a source leaves out: nothing is wrong with them.
	OtherPorts int64 `json:"other_ports,omitempty"`
	// Traffic is what packets there were, where no request was found among them.
	Traffic *Traffic `json:"traffic,omitempty"`
	// Noted counts, by reason, problems of records that were kept all the same.
	Noted map[string]int64 `json:"noted,omitempty"`
	// Unwrapped counts packets by what was taken off them: "VXLAN", "VLAN".
	Unwrapped map[string]int64 `json:"unwrapped,omitempty"`
	// Damaged says that there were bytes of an input that no reader could take: a cut or damaged file, a line that is not
	// what its log is made of. What a recording never held, and what was skipped for a stated reason, is no damage.
	Damaged bool `json:"damaged,omitempty"`
	// Cut says that an input ended before its end, so that nobody can know how much is lost: Lost is the least.
	Cut bool `json:"cut,omitempty"`

	// Report, where set, is called for each problem as it is met.
	Report func(Problem) `json:"-"`
	// File is the input's name in the problems that Copy reports of a source which does not tell where its records stand.
	File string `json:"-"`

	given  int64  // records of the source that Copy is at
	placed Placed // that source, if it is one
}

// Traffic says what packets there were in a recording.
type Traffic struct {
	Packets int64 `json:"packets"`
	TCP     int64 `json:"tcp"`
	UDP     int64 `json:"udp"`
	// Ports are the servers' ports of TCP that most packets are of, the first of them first.
	Ports []PortTraffic `json:"ports,omitempty"`
}

// PortTraffic is how many packets were of one port.
type PortTraffic struct {
	Port    uint16 `json:"port"`
	Packets int64  `json:"packets"`
}

// TapLoss is an estimate of what was not recorded: bytes that their receiver acknowledged, and that are in no packet of the recording.
type TapLoss struct {
	// Acknowledged counts the bytes, of requests and responses, that their receivers acknowledged; Missed those of them that
	// the recording does not hold.
	Acknowledged int64 `json:"acknowledged_bytes"`
	Missed       int64 `json:"missed_bytes"`
	// Percent is the share of Missed.
	Percent float64 `json:"percent"`
	// Requests is about how many requests could not be read whole for it. They are among the skipped and the missing, as far
	// as these are known.
	Requests int64 `json:"requests"`
}

// Add counts bytes and requests; negative numbers take back what was counted before.
func (t *TapLoss) Add(acknowledged, missed, requests int64) {
	t.Acknowledged += acknowledged
	t.Missed += missed
	t.Requests += requests
	if t.Percent = 0; t.Acknowledged > 0 {
		t.Percent = 100 * float64(t.Missed) / float64(t.Acknowledged)
	}
}

// Skip counts a record that is left out.
func (a *Account) Skip(p Problem) {
	count(&a.Skipped, p.Reason)
	a.report(p)
}

// LeaveOut counts a record that the user asked to leave out; it is no problem and is not reported.
func (a *Account) LeaveOut(reason string) { count(&a.Skipped, reason) }

// Unwrap counts a packet that stood within these headers.
func (a *Account) Unwrap(headers []string) {
	for _, h := range headers {
		count(&a.Unwrapped, h)
	}
}

// Note counts a problem of a record that is kept, or of no single record.
func (a *Account) Note(p Problem) { a.NoteMany(p, 1) }

// NoteMany counts n problems of one kind, and reports them once.
func (a *Account) NoteMany(p Problem, n int64) {
	countMany(&a.Noted, p.Reason, n)
	a.report(p)
}

// Damage counts bytes of an input that no reader could take; the rest of it is used.
func (a *Account) Damage(p Problem, bytes int64) {
	a.Damaged = true
	a.Lost += bytes
	a.Note(p)
}

// CutShort counts what stands before the point at which an input ends too early.
func (a *Account) CutShort(p Problem, bytes int64) {
	a.Cut = true
	a.Damage(p, bytes)
}

func (a *Account) report(p Problem) {
	if a.Report != nil {
		a.Report(p)
	}
}

func count(m *map[string]int64, key string) { countMany(m, key, 1) }

func countMany(m *map[string]int64, key string, n int64) {
	if *m == nil {
		*m = make(map[string]int64)
	}
	(*m)[key] += n
}
