package inputs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"reprise/anonymize"
	"reprise/capture/corpus"
	"reprise/capture/ingest"
	"reprise/capture/source/logs"
	"reprise/capture/source/open"
	"reprise/capture/source/stored"
	"reprise/cmd/internal/exit"
	"reprise/replay/results"
)

// NewerHint is what to do with a file that a newer reprise wrote.
const NewerHint = "a newer reprise reads it"

// content is what a file was recognised as: what it is called, and what to do with it.
type content struct{ is, hint string }

// foreignError says that a file is not what a verb reads.
type foreignError struct {
	name, is, wanted string
	cause            error
}

// Error names the file and what it is.
func (e *foreignError) Error() string {
	if e.wanted == "" {
		return e.name + " is " + e.is
	}
	return e.name + " is " + e.is + ", not " + e.wanted
}

// Unwrap returns corpus.ErrNotCorpus or results.ErrFormat.
func (e *foreignError) Unwrap() error { return e.cause }

// notCorpus is the error for an input that begins with start and is no corpus. A run file in its place is misuse: nothing is wrong with it.
func notCorpus(name string, start []byte) error {
	c := recognise(name, start)
	if r, err := corpus.OpenByFooter(name); err == nil {
		r.Close()
		c = hurtCorpus(name)
	}
	run, wanted := c.is == wholeRun, "a corpus"
	if c.is == damagedCorpus || c.is == stub {
		wanted = ""
	}
	if run {
		c.hint = "that is what became of a replay: report, compare, inspect and cat read it"
	}
	if name != "-" {
		if _, zipped, err := startOf(name); err == nil {
			c.is = zipped + c.is
		}
	}
	err := exit.Hint(&foreignError{name, c.is, wanted, corpus.ErrNotCorpus}, c.hint)
	if run {
		return exit.With(exit.Misused, err)
	}
	return err
}

// notRun is the error for a file that is no run file. A corpus in its place is misuse: nothing is wrong with it.
func notRun(name string, cause error) error {
	start, zipped, err := startOf(name)
	if err != nil {
		return exit.With(exit.Damaged, cause)
	}
	c, code := recognise(name, start), exit.Damaged
	err = &foreignError{name, zipped + c.is, "a run file", cause}
	switch {
	case c.is == damagedRun && zipped == "":
		err = &foreignError{name, c.is, "", cause}
	case c.is == wholeRun || c.is == damagedRun:
		c.hint = "unpack it first"
	case c.is == string(ingest.Corpus):
		c.hint = "reprise replay plays it and writes a run file (-o run.rpr); reprise compare plays it itself at --base and --candidate"
		code = exit.Misused
	}
	return exit.With(code, exit.Hint(err, c.hint))
}

// startOf reads the first bytes of a file, unpacked; zipped says what it is packed in: "a gzip of ".
func startOf(name string) (start []byte, zipped string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, "", err
	}
	magic := make([]byte, 4)
	n, _ := io.ReadFull(f, magic)
	f.Close()
	in, err := open.Reader(name, strings.NewReader(""))
	if err != nil {
		return nil, "", err
	}
	defer in.Close()
	start, err = io.ReadAll(io.LimitReader(in, ingest.RecogniseBytes))
	if len(start) > 0 {
		err = nil
	}
	if packing := open.Packing(magic[:n]); packing != "" {
		zipped = "a " + packing + " of "
	}
	return start, zipped, err
}

const (
	wholeRun      = "a run file"
	damagedRun    = "a run file whose header is damaged"
	damagedCorpus = "a corpus whose first bytes are damaged"
	stub          = "the first bytes of a corpus, and nothing more"
)

// isDamagedCorpus says whether repair can make a corpus of a file that begins so.
func isDamagedCorpus(start []byte) bool {
	_, ok := corpus.MendMagic(start)
	return ok
}

func hurtCorpus(name string) content {
	return content{damagedCorpus, "reprise repair " + name + " -o NEW.rpz keeps its records"}
}

// recognise tells from a file's first bytes what it is.
func recognise(name string, start []byte) content {
	switch {
	case results.Detect(start):
		if r, err := results.NewReader(bytes.NewReader(start)); err == nil {
			_ = r.Close()
			return content{wholeRun, ""}
		}
		return content{damagedRun, "reprise repair " + name + " -o NEW.rpr keeps its results"}
	case corpus.IsStub(start):
		return content{stub, "what was to write it was stopped, or it was cut: take a copy that is whole, or make it again"}
	case isDamagedCorpus(start):
		return hurtCorpus(name)
	case anonymize.IsCount(start):
		return content{"the count that stands beside a ledger of anonymize", ""}
	case anonymize.IsLedger(start):
		return content{"a ledger of anonymize", "reprise anonymize --key-file KEY --ledger " + name + " goes on with it"}
	case anonymize.IsKey(start):
		return content{"a key of keygen", "reprise anonymize --key-file " + name + " --ledger LEDGER uses it"}
	}
	if f, as, ok := ingest.Told(start); ok {
		return content{string(f), captureHint(name, as)}
	}
	f := ingest.Recognise(start)
	return content{string(f), formatHint(f, name)}
}

// captureHint says what to do with a recording that capture reads as it is. A log of a server may have no bodies.
func captureHint(name, as string) string {
	hint := "reprise capture " + name + " -o NEW.rpz"
	if _, log := logs.Preset(as); log && as != logs.PresetCat {
		hint += "; of a log without bodies, reprise fixtures synth --curve " + name + " -o NEW.rpz makes traffic that follows it"
	}
	return hint
}

// CaptureError is the error for an input of capture that no source reads.
func CaptureError(err *ingest.FormatError) error {
	if err.Format == ingest.Corpus {
		return exit.Hint(err, "it is captured already: merge puts corpora together, cat -o cuts one")
	}
	return exit.Hint(err, formatHint(err.Format, err.File))
}

// formatHint says what to do with a file of a format.
func formatHint(f ingest.Format, name string) string {
	mapped := "reprise capture logs " + name + " --map MAP.yaml -o NEW.rpz"
	switch f {
	case ingest.Empty:
		if name == "-" {
			return "what was to write to the pipe did not begin, or had nothing to write: it may have said why"
		}
		return "what was to write it was stopped, or had nothing to write: look for " + name + "*.partial"
	case ingest.PacketCapture, ingest.HAR, ingest.GoReplay, ingest.PrintedCorpus:
		return captureHint(name, "")
	case ingest.Tar, ingest.Zip, ingest.SevenZip, ingest.Bzip2, ingest.XZ:
		return "unpack it first"
	case ingest.Report:
		return "the run file is what is read: the one that reprise report was given"
	case ingest.JSONLines, ingest.CSV, ingest.TSV, ingest.Logfmt:
		return mapped
	case ingest.JSONDocument, ingest.Text:
		return "where it is a log: " + mapped
	case ingest.Unknown:
		return "reprise capture reads packet captures, HTTP archives, recordings of GoReplay and logs"
	}
	return ""
}

// CorpusError gives the error of a corpus that cannot be opened its exit code and its advice.
func CorpusError(err error) error {
	foreign := (*stored.NotCorpusError)(nil)
	switch {
	case errors.As(err, &foreign):
		return notCorpus(foreign.Name, foreign.Start)
	case errors.Is(err, corpus.ErrHeader):
		return exit.With(exit.Damaged, exit.Hint(err, "what it is and where it was captured from is not known without it: take a copy that is whole, or keep its records as raw ones: reprise repair IN -o NEW.rpz"))
	}
	return err
}

// runVersionError says of a run file of another version that it may be damage.
func runVersionError(name string) error {
	return exit.Hint(fmt.Errorf("read %s: %w", name, results.ErrVersion), NewerHint+"; where this one wrote it, the version number is damaged: reprise repair "+name+" -o NEW.rpr")
}
