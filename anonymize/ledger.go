package anonymize

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"

	"reprise/capture/output"
	"reprise/capture/sms"
)

// Ledger is the file that remembers who became whom, so that the same person becomes the same fake person in every corpus
// that is anonymized with one key. It holds no address and no fake: keyed hashes of addresses in the order in which they
// were first met. With the key it tells who was who; keep it with the key, never beside the corpora.
//
// The file is appended to and nothing else. Its first line names the format, the key's fingerprint and the pool; then comes
// an entry of 24 bytes for each address: class, zone or length, two bytes of CRC-32C over the rest, the ordinal (four
// bytes, little-endian), the hash (16 bytes). A ledger is synced, and marked to be so by an entry of its own, before a corpus
// gets its name. What a crash or a full disk left behind the last mark is dropped when it is no whole entry: no corpus was
// published that needs it. Mode 0600. One process at a time has it open. NAME.count says how many people it has.
type Ledger struct {
	file    *os.File
	name    string
	from    int64 // where the entries begin
	size    int64 // where the entries end that are written; beyond is nothing that counts
	pending []byte
	failed  error

	people    int64       // that it has, with those that are pending
	counted   ledgerCount // what stands beside it
	uncounted error
}

// Errors of ledgers.
var (
	// ErrLedgerKey is wrapped where a ledger was made with another key or for another pool.
	ErrLedgerKey = errors.New("the ledger is not this key's and this pool's")
	// ErrLedgerDamaged is wrapped where entries inside the ledger are not what was written.
	ErrLedgerDamaged = errors.New("the ledger is damaged")
	// ErrLedgerBusy is wrapped where another process has the ledger open.
	ErrLedgerBusy = errors.New("another process has the ledger open")

	errEntry = errors.New("an entry contradicts those before it")
)

const (
	ledgerMark    = "reprise-ledger "
	ledgerMagic   = ledgerMark + "1 "
	maxLedgerLine = 256
	entryLen      = 24
	markClass     = 0xff // of the entry that says that all before it is durable
	// ledgerBuffer is how many bytes of entries are gathered before they are written.
	ledgerBuffer = 64 << 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// OpenLedger opens a ledger, or makes an empty one where there is none. Close it.
func OpenLedger(name string) (*Ledger, error) {
	if err := missing(name); err != nil {
		return nil, err
	}
	f, err := openExclusive(name)
	if err != nil {
		return nil, err
	}
	l := &Ledger{file: f, name: name}
	info, err := f.Stat()
	if err == nil {
		l.counted, err = readCount(CountFile(name))
	}
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is no file", name)
	case output.OpenToOthers(info):
		err = fmt.Errorf("%s can be read by others: chmod 600 it", name)
	default:
		return l, nil
	}
	return nil, errors.Join(err, f.Close())
}

// replay reads the entries, cuts off what a crash left at the end, and makes the ledger ready to be appended to.
func (l *Ledger) replay(fingerprint, pool string, restore func(g group, ordinal int, t tag) error) error {
	line := ledgerMagic + fingerprint + " " + pool + "\n"
	r := bufio.NewReaderSize(l.file, 1<<20)
	head, err := r.Peek(len(line))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return l.wrap(err)
	case len(head) < len(line) && bytes.HasPrefix([]byte(line), head): // empty, or a crash cut the first line off
		if err := l.short(fingerprint, pool); err != nil {
			return err
		}
		return l.begin(line)
	case string(head) != line:
		return l.wrap(l.foreign(r, fingerprint, pool))
	}
	_, _ = r.Discard(len(line))
	l.from, l.size = int64(len(line)), int64(len(line))
	var entry [entryLen]byte
	for {
		switch _, err := io.ReadFull(r, entry[:]); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return l.end(fingerprint, pool)
		case err != nil:
			return l.wrap(err)
		}
		if !intact(&entry) {
			if err := l.unmarked(r); err != nil {
				return err
			}
			return l.end(fingerprint, pool)
		}
		g := group{sms.Class(entry[0]), entry[1]}
		if entry[0] == markClass {
			l.size += entryLen
			continue
		}
		if err := restore(g, int(binary.LittleEndian.Uint32(entry[4:])), tag(entry[8:])); err != nil {
			return l.damaged(err)
		}
		l.size += entryLen
		l.people++
	}
}

// end is reached when every entry was read: what is no whole entry is cut off.
func (l *Ledger) end(fingerprint, pool string) error {
	if err := l.short(fingerprint, pool); err != nil {
		return err
	}
	return l.wrap(l.truncate())
}

func (l *Ledger) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("ledger %s: %w", l.name, err)
}

func (l *Ledger) damaged(err error) error {
	return l.wrap(fmt.Errorf("%w: entry %d: %w", ErrLedgerDamaged, (l.size-l.from)/entryLen+1, err))
}

// foreign says what another first line tells.
func (l *Ledger) foreign(r *bufio.Reader, fingerprint, pool string) error {
	head, _ := r.Peek(maxLedgerLine)
	line, _, ok := strings.Cut(string(head), "\n")
	fields := strings.Fields(strings.TrimPrefix(line, ledgerMagic))
	if !ok || !strings.HasPrefix(line, ledgerMagic) || len(fields) < 2 {
		return errors.New("this is no ledger")
	}
	if fields[0] != fingerprint {
		return fmt.Errorf("%w: it was begun with key %.16s, this is %s", ErrLedgerKey, fields[0], fingerprint)
	}
	return fmt.Errorf("%w: it was begun for the pool %s, this is %s", ErrLedgerKey, strings.Join(fields[1:], " "), pool)
}

// begin writes the first line.
func (l *Ledger) begin(line string) error {
	if err := l.truncate(); err != nil {
		return l.wrap(err)
	}
	if _, err := l.file.WriteAt([]byte(line), 0); err != nil {
		return l.wrap(err)
	}
	l.from, l.size = int64(len(line)), int64(len(line))
	if err := l.file.Sync(); err != nil {
		return l.wrap(err)
	}
	syncFolder(filepath.Dir(l.name))
	return nil
}

func (l *Ledger) truncate() error { return l.file.Truncate(l.size) }

// unmarked makes sure that no mark follows an entry that is not intact: then it was on its way when a process or a machine
// died. Else the file was damaged later, and people would get new fakes if it were used.
func (l *Ledger) unmarked(r io.Reader) error {
	var entry [entryLen]byte
	for {
		switch _, err := io.ReadFull(r, entry[:]); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return l.wrap(err)
		case entry[0] == markClass && intact(&entry):
			return l.damaged(errors.New("its checksum is wrong"))
		}
	}
}

func checksum(entry *[entryLen]byte) uint16 {
	sum := crc32.Update(crc32.Checksum(entry[:2], castagnoli), castagnoli, entry[4:])
	return uint16(sum>>16 ^ sum)
}

func intact(entry *[entryLen]byte) bool {
	return entry[0] != 0 && binary.LittleEndian.Uint16(entry[2:]) == checksum(entry)
}

// append adds an entry. It may stay in memory until the next Sync.
func (l *Ledger) append(g group, ordinal int, t tag) error {
	if l.failed != nil {
		return l.failed
	}
	l.entry(byte(g.class), g.param, uint32(ordinal), t)
	l.people++
	if len(l.pending) >= ledgerBuffer {
		return l.write()
	}
	return nil
}

func (l *Ledger) entry(class, param byte, ordinal uint32, t tag) {
	var entry [entryLen]byte
	entry[0], entry[1] = class, param
	binary.LittleEndian.PutUint32(entry[4:], ordinal)
	copy(entry[8:], t[:])
	binary.LittleEndian.PutUint16(entry[2:], checksum(&entry))
	l.pending = append(l.pending, entry[:]...)
}

// write writes what is pending. After an error nothing more is written, and what the write left is cut off.
func (l *Ledger) write() error {
	if l.failed != nil || len(l.pending) == 0 {
		return l.failed
	}
	if _, err := l.file.WriteAt(l.pending, l.size); err != nil {
		l.failed = errors.Join(l.wrap(err), l.wrap(l.truncate()))
		return l.failed
	}
	l.size += int64(len(l.pending))
	l.pending = l.pending[:0]
	return nil
}

// Sync makes every entry durable. Call it before the corpus that needs them gets its name.
func (l *Ledger) Sync() error {
	l.entry(markClass, 0, 0, tag{})
	if err := l.write(); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return l.wrap(err)
	}
	l.count()
	return nil
}

// Close closes the file. What was not synced may be lost, which is right where the corpus was not published.
func (l *Ledger) Close() error { return l.wrap(l.file.Close()) }

// syncFolder makes a new file's name durable, where the system can.
func syncFolder(name string) {
	if d, err := os.Open(name); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
