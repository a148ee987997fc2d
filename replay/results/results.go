// Package results keeps what a run did: the run file (FORMAT.md), one row a request, and the Summary made from it.
//
// The one idea: a single Accumulator makes the summary, whether the rows come from the live run or are read back from
// the file, so that both say the same to the last digit. A File and an Accumulator are replay.Recorders: they are used
// from one goroutine at a time. A Reader likewise.
package results

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"reprise/capture/frame"
	"reprise/replay"
)

// Schema is the version of the header's and the footer's JSON.
const Schema = 2

// Header says which run this is and what shaped it. It is written before the first request is sent.
type Header struct {
	Schema int `json:"schema"`
	// Run is the run's id, the one in the Reprise-Run header of every request.
	Run string `json:"run"`
	// Tool is the version of reprise that played it.
	Tool    string    `json:"tool"`
	Started time.Time `json:"started"`
	// Corpus is the content hash of the corpus and PlanHash the hash of everything that decides what is sent when.
	Corpus   string  `json:"corpus,omitempty"`
	PlanHash string  `json:"plan_hash,omitempty"`
	Machine  Machine `json:"machine"`
	// Clock names the clock that Started is read from, where it has a name: completions told by the same need no offset.
	Clock string `json:"clock,omitempty"`
	// Target is scheme://host:port, without path, query or credentials.
	Target string `json:"target"`
	// Engine is the name of the sender: "net/http".
	Engine string `json:"engine,omitempty"`
	// Settings holds the flags that shaped the run, by name and without secrets: "time-scale" → "2".
	Settings map[string]string `json:"settings"`
	// Labels are what the user called the run by: "commit" → "4f2c9aa".
	Labels map[string]string `json:"labels,omitempty"`
	// Plan is nil where the corpus could not be read ahead of the run.
	Plan *replay.Plan `json:"plan,omitempty"`
	// CorpusLost is what could not be read of the corpus, and of those that it was made of, when the run began; nil where nothing was lost, and in
	// files of programs that did not say it.
	CorpusLost *CorpusLost `json:"corpus_lost,omitempty"`
	// Rebuilt is set where the run's own header was damaged and repair put another in its place: it says of what.
	Rebuilt Rebuilt `json:"rebuilt,omitempty"`
}

// CorpusLost is what damage took of a corpus before it was played: the run's plan is of the rest.
type CorpusLost struct {
	// Records is how many records are known to be lost.
	Records int64 `json:"records"`
	// More says that others may be lost, of which nobody knows how many.
	More bool `json:"more,omitempty"`
}

// Rebuilt says of what a header was made in place of the run's own.
type Rebuilt string

// The ways to rebuild a header.
const (
	// FromNothing is a header that knows nothing of the run.
	FromNothing Rebuilt = "nothing"
	// FromAnother has the corpus, the plan and the settings of another run of the same plan.
	FromAnother Rebuilt = "another run"
)

// Machine is where a run was played.
type Machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

// ThisMachine describes the machine that asks.
func ThisMachine() Machine {
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version()}
}

// Footer says how a run ended. A file whose run died has none.
type Footer struct {
	replay.Outcome
	// Rows is the number of rows before the footer.
	Rows int64 `json:"rows"`
	// Lost is the number of rows that were damaged and left out by repair: the ledger counts them.
	Lost int64 `json:"lost,omitempty"`
}

// CutOff is the Reason of damage at the end of a file that was not written to its end.
const CutOff = frame.Truncated

// EndsEarly says that a run file was read whole but for its end, where a kill cut it off.
func EndsEarly(damage []Damage) bool {
	for _, d := range damage {
		if d.Reason != CutOff {
			return false
		}
	}
	return true
}

// What a reader answers.
var (
	// ErrFormat says that the bytes are no run file.
	ErrFormat = errors.New("results: not a run file")
	// ErrHeader is the ErrFormat of a run file whose header is damaged; Salvage reads its rows.
	ErrHeader = fmt.Errorf("%w: its header is damaged", ErrFormat)
	// ErrNewer says that a file of a known version has rows, or another part that they depend on, in a way that is not known.
	ErrNewer = frame.ErrNewer
	// ErrVersion is the ErrNewer of a file of a format version that is not known.
	ErrVersion = fmt.Errorf("%w", ErrNewer)
)

type (
	// Damage is a part of a run file that could not be used.
	Damage = frame.Damage
	// Reason is why: a fixed phrase, with counts where the ledger and the rows disagree.
	Reason = frame.Reason
)
