package corpus

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"reprise/capture/frame"
)

// journalMagic begins a journal. Part of the file format; never change.
const journalMagic = "\x8eRPJ\r\n\x02\x1a"

// What the names of an unfinished file's journals end in, after the file's id. Part of the file format; never change.
const (
	onTimeSuffix = ".journal.partial"
	nextSuffix   = ".next.partial" // a journal that is to replace the one before
	lateSuffix   = ".late.partial"
)

// journalLimit is how large a journal may become before it is written anew with what is still needed of it.
const journalLimit = 64 << 20

// keeper saves the records of an unfinished file that are not in it yet. Those that will be are in one journal, which is written anew
// when it is large; those that came too late for the file are in another, which grows.
type keeper struct {
	file   *File
	name   string // of the journals, without what they end in
	onTime *journal
	late   *journal
	least  int64 // journalLimit
	limit  int64 // of the journal under way
	base   int64 // records that were in the file when due said that the journal is to be written anew
}

func newKeeper(f *File) *keeper {
	return &keeper{file: f, name: strings.TrimSuffix(f.Path(), ".partial") + "." + hex.EncodeToString(f.id[:]), least: journalLimit, limit: journalLimit}
}

// due returns the records that the sorter holds for the file, where it is time to write the journal anew; nil where it is not.
// What has left the sorter is in the file then. Who calls it has the sorter for itself.
func (k *keeper) due(s *Sorter) ([]heldRecord, error) {
	if k.onTime == nil || k.onTime.size < k.limit {
		return nil, nil
	}
	if err := k.file.Flush(); err != nil {
		return nil, err
	}
	k.base = k.file.Records()
	held := make([]heldRecord, 0, s.held.len())
	for h := range s.held.all() {
		if h.run == 0 {
			held = append(held, h)
		}
	}
	return held, nil
}

// save writes the records that came. held, where it is not nil, is all that the journal has to hold, those of came among them.
func (k *keeper) save(came, held []heldRecord) error {
	var late, onTime []heldRecord
	for _, h := range came {
		if h.run > 0 {
			late = append(late, h)
		} else {
			onTime = append(onTime, h)
		}
	}
	if err := k.add(&k.late, lateSuffix, late); err != nil {
		return err
	}
	if held == nil {
		return k.add(&k.onTime, onTimeSuffix, onTime)
	}
	return k.renew(held)
}

func (k *keeper) add(to **journal, suffix string, records []heldRecord) error {
	if len(records) == 0 {
		return nil
	}
	if *to == nil {
		j, err := newJournal(k.name+suffix, k.file.id)
		if err != nil {
			return err
		}
		*to = j
	}
	return (*to).add(records)
}

// renew replaces the journal by one that holds these records alone.
func (k *keeper) renew(held []heldRecord) error {
	next, err := newJournal(k.name+nextSuffix, k.file.id)
	if err != nil {
		return err
	}
	next.base = k.base
	if err := next.add(held); err != nil {
		return errors.Join(err, next.remove())
	}
	err = k.onTime.close()
	if err == nil {
		err = os.Rename(next.file.Name(), k.name+onTimeSuffix)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("corpus: replace the journal: %w", err), next.remove())
	}
	k.onTime, k.limit = next, max(k.least, 2*next.size)
	return nil
}

// close closes the journals and leaves them.
func (k *keeper) close() {
	for _, j := range []*journal{k.onTime, k.late} {
		if j != nil {
			_ = j.close()
		}
	}
}

// remove takes the journals away.
func (k *keeper) remove() error {
	k.close()
	return removeJournals(k.name)
}

func removeJournals(name string) (err error) {
	for _, suffix := range []string{onTimeSuffix, nextSuffix, lateSuffix} {
		if gone := os.Remove(name + suffix); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// journal is a file of blocks of records, in the order in which they came; those of one save are in the order of time.
type journal struct {
	file   *os.File
	size   int64
	id     fileID
	base   int64 // records of the file that are not in the journal: those before it was begun
	pack   *frame.Packer
	encode encoder
	alike  digester
	batch  batch
	spare  []byte
}

func newJournal(path string, id fileID) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f, id: id}
	j.pack, err = newPacker(frame.Fastest)
	if err == nil {
		err = j.put([]byte(journalMagic))
	}
	if err != nil {
		return nil, errors.Join(err, j.remove())
	}
	j.encode = newEncoder()
	return j, nil
}

// add appends records and writes them out.
func (j *journal) add(records []heldRecord) error {
	slices.SortStableFunc(records, func(a, b heldRecord) int { return cmp.Compare(a.ns, b.ns) })
	for _, h := range records {
		size, err := checkRecord(h.rec)
		if err != nil {
			return err
		}
		if j.batch.records > 0 && !j.encode.fits(h.rec, size, blockBytes) {
			if err := j.flush(); err != nil {
				return err
			}
		}
		alike := j.alike.look(h.rec, size) && j.batch.records > 0
		j.batch.add(h.rec)
		if j.encode.add(h.rec, size, alike) >= blockBytes || j.batch.records >= blockRecords {
			if err := j.flush(); err != nil {
				return err
			}
		}
	}
	return j.flush()
}

func (j *journal) flush() error {
	if j.batch.records == 0 {
		return nil
	}
	h := j.batch.head(j.id, j.encode.codec(), j.base)
	j.batch = batch{}
	j.spare = j.encode.take(j.spare)
	return j.put(j.pack.Pack(&h, j.spare))
}

func (j *journal) put(b []byte) error {
	n, err := j.file.Write(b)
	j.size += int64(n)
	return err
}

func (j *journal) close() error {
	if j.pack != nil {
		j.pack.Close()
		j.pack = nil
	}
	return j.file.Close()
}

func (j *journal) remove() error {
	name := j.file.Name()
	_ = j.close()
	return os.Remove(name)
}
