// Package corpus reads and writes the corpus file: recorded webhook requests in time order, in compressed blocks that
// each stand alone. FORMAT.md in this folder is the format; this package is its only implementation.
//
// Begin with [Open] to read and [Create] to write. [Begin] writes to a file or a stream, [Inspect] counts what a corpus holds, [Choose]
// takes some of its records, [Join] puts several into one, and [Transfer] writes what came of it. [BeginLive] writes what is being recorded.
//
// The invariant: a reader never delivers a record that differs from what was written. Whatever cannot be
// proved whole is left out, reported as Damage, and reading goes on behind it.
//
// Writer, File, Reader and Sorter belong to one goroutine at a time; a Live may be used by several. A record that a Reader delivers shares
// the reader's memory: its slices are valid until the next call of Next. Its strings stay valid, but strings of one
// record share one allocation: strings.Clone what is kept for long.
package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"reprise/capture"
	"reprise/capture/frame"
)

// State says what a corpus may be used for.
type State string

// The states. They are part of the file format.
const (
	Raw        State = "raw"        // as captured: personal data, never replayed to anything but loopback
	Anonymized State = "anonymized" // every person replaced
	Synthetic  State = "synthetic"  // never held a person
)

// Header says what a corpus is.
type Header struct {
	State State `json:"state"`
	// Unaudited says of a raw corpus that it is what anonymizing made, and that no audit of it has passed: it is to be treated as raw.
	Unaudited bool `json:"unaudited,omitempty"`
	// Policy names the anonymization policy; empty where none was applied.
	Policy string `json:"policy,omitempty"`
	// PathRule is the version of the rule by which the paths of an anonymized corpus were replaced; 0 is before there was one.
	PathRule int `json:"path_rule,omitempty"`
	// KeyFingerprint tells the key that anonymized it from other keys; empty where none did.
	KeyFingerprint string `json:"key_fingerprint,omitempty"`
	// Tool is the program and version that wrote the file.
	Tool string `json:"tool,omitempty"`
	// KeywordProfile and Keywords (kind name to words) are how the records were classified, so that every
	// later reader classifies alike.
	KeywordProfile string              `json:"keyword_profile,omitempty"`
	Keywords       map[string][]string `json:"keywords,omitempty"`
	// Dialects are the profiles of vendors that are not built in, by which records were read: package dialect/profile reads them.
	// Each begins with the line that names its vendor.
	Dialects []string `json:"dialects,omitempty"`

	// Seed, where set, is what a new file's identity follows from, so that the same records give the same bytes; it is
	// not stored. Empty: from the header for a synthetic corpus, at random for an anonymized one. Raw ones are always random.
	Seed string `json:"-"`
}

// RawError says that a corpus may hold real people's numbers and texts, so that nothing is to be made of it that others get to see.
type RawError struct {
	// Header is the corpus'; its Unaudited says why it counts as raw.
	Header Header
}

// Error says so.
func (*RawError) Error() string { return "corpus: it is raw: it holds real people's numbers and texts" }

// CheckSafe returns a *RawError for a corpus that is raw, or counts as such.
func (h Header) CheckSafe() error {
	if h.State == Raw {
		return &RawError{h}
	}
	return nil
}

// Errors that callers tell apart.
var (
	// ErrOrder is what Write returns for a record older than the one before it; the record is not written.
	ErrOrder = errors.New("corpus: record is older than the one before it")
	// ErrTooLarge is what Write returns for a record beyond the format's limits, a *capture.RefusedError; the record is not written.
	ErrTooLarge error = &capture.RefusedError{Reason: "larger than a corpus file can hold"}
	// ErrInvalid is what Write returns for a record that the format cannot express, a *capture.RefusedError; it is not written.
	ErrInvalid error = &capture.RefusedError{Reason: "it has a value that a corpus file cannot hold"}
	// ErrNotCorpus says that the input is something else.
	ErrNotCorpus = errors.New("corpus: not a corpus file")
	// ErrVersion is the ErrNewer of a corpus of a format version that this package does not read.
	ErrVersion = fmt.Errorf("%w", ErrNewer)
	// ErrNewer says that a corpus has records, or another part that they depend on, in a way that this package does not know.
	ErrNewer = frame.ErrNewer
	// ErrHeader says that the header of a corpus is damaged and no second copy was found.
	ErrHeader = errors.New("corpus: the header is damaged")
	// ErrHostsLost says that it is not known which hosts a corpus was captured from, see Hosts.Complete.
	ErrHostsLost = errors.New("the list of the hosts that the corpus was captured from is damaged or not complete, so that every host but this machine counts as one of them")
	// ErrSeek says that a stream cannot go back.
	ErrSeek = errors.New("corpus: cannot go back in a stream")
)

const (
	magic = "\x8eRPZ\r\n\x02\x1a" // Part of the file format; never change.

	magicLen    = len(magic)
	versionByte = 6
)

// MagicLen is how many bytes Detect needs.
const MagicLen = magicLen

// IsStub says whether an input of these bytes alone is the beginning of a corpus, cut within its first bytes.
func IsStub(all []byte) bool {
	return len(all) > 0 && len(all) < magicLen && strings.HasPrefix(magic, string(all))
}

// Detect says whether an input that begins with prefix is a corpus, of any version.
func Detect(prefix []byte) bool {
	return len(prefix) >= magicLen && bytes.Equal(prefix[:versionByte], []byte(magic[:versionByte])) &&
		prefix[magicLen-1] == magic[magicLen-1]
}

// version returns the version of the format of a corpus that begins with prefix, if this package reads it.
func version(prefix []byte) (byte, error) {
	if !Detect(prefix) {
		return 0, ErrNotCorpus
	}
	if v := prefix[versionByte]; v != 1 && v != magic[versionByte] {
		return 0, fmt.Errorf("corpus: format version %d: %w", v, ErrVersion)
	}
	return prefix[versionByte], nil
}

func (h Header) check() error {
	switch h.State {
	case Raw, Anonymized, Synthetic:
		return nil
	}
	return fmt.Errorf("corpus: a corpus cannot be in state %q", string(h.State))
}

func (h Header) encode() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("corpus: encode header: %w", err)
	}
	if len(b) > maxHeader {
		return nil, fmt.Errorf("corpus: the header has %d bytes, more than %d", len(b), maxHeader)
	}
	return b, nil
}

func parseHeader(b []byte) (Header, error) {
	var h Header
	if json.Unmarshal(b, &h) != nil || h.check() != nil {
		return Header{}, ErrHeader
	}
	if h.Unaudited {
		h.State = Raw
	}
	return h, nil
}

// captured says whether the records are as they were captured, so that their hosts are those to keep away from.
func (h Header) captured() bool { return h.State == Raw && !h.Unaudited }
