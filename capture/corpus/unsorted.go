package corpus

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/frame"
	"reprise/capture/output"
)

// journals are the open journals of an unfinished file; nil for one that is not there.
type journals struct{ onTime, late *os.File }

// findJournals opens the journals of the file id, which stand in the folder of its path whatever it is called.
func findJournals(path string, id fileID) (j journals, found bool, err error) {
	names, err := journalsOf(path, id)
	if err != nil {
		return j, false, nil // a folder that cannot be listed has none
	}
	for _, name := range names {
		to := &j.onTime
		switch {
		case strings.HasSuffix(name, lateSuffix):
			to = &j.late
		case strings.HasSuffix(name, nextSuffix): // the one that it was to replace is there
			continue
		}
		if *to, err = output.Open(name); err != nil {
			j.close()
			return j, false, err
		}
	}
	return j, j.onTime != nil || j.late != nil, nil
}

// Journals lists the files beside an unfinished one that hold what is not in it yet; there are none beside a whole one.
func Journals(path string) []string {
	f, err := output.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return nil
	}
	defer u.Close()
	r := newReader(f, u)
	if r.begin() != nil {
		return nil
	}
	names, _ := journalsOf(path, r.in.ID())
	return names
}

// StrayJournals lists the journals of unfinished files of an output that are not there any more, so that nobody can read them.
func StrayJournals(name string) (strays []string) {
	folder, base := filepath.Split(name)
	d, err := os.Open(filepath.Clean(folder + "."))
	if err != nil {
		return nil
	}
	defer d.Close()
	var ours []string
	for _, r := range output.Left(name) {
		ours = append(ours, Journals(r.Path)...)
	}
	all, _ := d.Readdirnames(-1) // those that were read before an error count
	slices.Sort(all)
	for _, file := range all {
		if rest, ok := strings.CutPrefix(file, base+"."); ok && isJournal(rest) && !slices.Contains(ours, filepath.Join(folder, file)) {
			strays = append(strays, folder+file)
		}
	}
	return strays
}

// isJournal says whether a name without its stem is a journal's; the stem may have a number.
func isJournal(rest string) bool {
	for _, suffix := range []string{onTimeSuffix, nextSuffix, lateSuffix} {
		if id, ok := strings.CutSuffix(rest, suffix); ok {
			id = id[strings.LastIndexByte(id, '.')+1:]
			b, err := hex.DecodeString(id)
			return err == nil && len(b) == len(fileID{})
		}
	}
	return false
}

// journalsOf lists the journals of the file id in the folder of its path.
func journalsOf(path string, id fileID) (names []string, err error) {
	folder := filepath.Dir(path)
	d, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	all, err := d.Readdirnames(-1)
	for _, name := range all {
		for _, suffix := range []string{onTimeSuffix, nextSuffix, lateSuffix} {
			if strings.HasSuffix(name, "."+hex.EncodeToString(id[:])+suffix) {
				names = append(names, filepath.Join(folder, name))
			}
		}
	}
	return names, err
}

func (j journals) close() {
	for _, f := range []*os.File{j.onTime, j.late} {
		if f != nil {
			f.Close()
		}
	}
}

// unsorted are the records of an unfinished file that are in its journals and not in the file, in order of time, and where reading stands.
type unsorted struct {
	run     *run
	in      *Reader
	next    capture.Record // of the journals; has says that there is one
	has     bool
	main    capture.Record // of the file; hasMain says that there is one
	hasMain bool
	seq     int64
	digest  digester
	from    int64 // time from which records are wanted
}

func (u *unsorted) close() { _ = errors.Join(u.in.Close(), u.run.remove()) }

// takeJournals finds out what of the journals is not in the file, which is read at offsets up to size.
func (r *Reader) takeJournals(j journals, f io.ReaderAt, size int64) (err error) {
	base, err := r.baseOf(j.onTime)
	if err != nil {
		return err
	}
	end, err := r.reach(f, size, base)
	if err != nil {
		return err
	}
	run, w, err := newRun("")
	if err != nil {
		return err
	}
	sorter := NewSorter(w, "", liveMemory/4)
	defer func() {
		if err = errors.Join(err, sorter.Discard()); err != nil {
			err = errors.Join(err, run.remove())
		}
	}()
	for _, in := range []*os.File{j.late, j.onTime} {
		if in == nil {
			continue
		}
		e := &end
		if in == j.late { // of which none is in the file
			e = &reached{last: math.MinInt64}
		}
		info, err := in.Stat()
		if err == nil {
			err = r.missing(io.NewSectionReader(in, 0, info.Size()), info.Size(), e, sorter)
		}
		if err != nil {
			return fmt.Errorf("read the journal of an unfinished file: %w", err)
		}
	}
	if err := errors.Join(sorter.Close(context.Background()), w.Close()); err != nil {
		return err
	}
	in, err := run.reader()
	if err != nil {
		return err
	}
	r.unsorted = &unsorted{run: run, in: in, from: math.MinInt64}
	return nil
}

// reached says how far a file goes: the time of its last record, and the digests of its records of that time.
type reached struct {
	last int64
	same map[uint64]int
	digester
}

// has says whether the file has a record of its last time, and counts it off.
func (e *reached) has(r *capture.Record) bool {
	if len(e.same) == 0 {
		return false
	}
	sum := e.alone(r)
	if e.same[sum] == 0 {
		return false
	}
	e.same[sum]--
	return true
}

// baseOf is the number of the file's first record that the journal may have, too; 0 where it has none.
func (r *Reader) baseOf(in *os.File) (int64, error) {
	if in == nil {
		return 0, nil
	}
	info, err := in.Stat()
	if err != nil {
		return 0, fmt.Errorf("read the journal of an unfinished file: %w", err)
	}
	blocks := frame.NewReader(io.NewSectionReader(in, 0, info.Size()), newLayout2(), r.unpack)
	blocks.SetID(r.in.ID())
	blocks.Skip(int64(magicLen))
	blocks.Seekable(io.NewSectionReader(in, 0, info.Size()), info.Size())
	h, err := blocks.Head()
	if err != nil {
		return 0, nil //nolint:nilerr // damage, which missing tells of
	}
	return h.Seq, nil
}

// reach reads the file's heads, and the records of its last blocks.
func (r *Reader) reach(f io.ReaderAt, size, base int64) (e reached, err error) {
	again := func(from int64, w bounds, each func(rec *capture.Record)) (*Reader, error) {
		u, err := frame.NewUnpacker(maxRaw)
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		defer u.Close()
		section := io.NewSectionReader(f, 0, size)
		c := newReader(section, u)
		if err := c.begin(); err != nil {
			return nil, err
		}
		c.in.Seekable(section, size)
		c.from = from
		for {
			var rec capture.Record
			if err := c.next(context.Background(), &rec, w); errors.Is(err, io.EOF) {
				return c, nil
			} else if err != nil {
				return nil, err
			}
			each(&rec)
		}
	}
	heads, err := again(math.MinInt64, bounds{to: math.MaxInt64}, func(*capture.Record) {})
	if err != nil || !heads.started {
		return reached{last: math.MinInt64}, err
	}
	for _, from := range []int64{heads.last, math.MinInt64} { // the last block may be cut, so that a head says too much
		e = reached{last: math.MinInt64, same: make(map[uint64]int)}
		if _, err = again(from, everything(), func(rec *capture.Record) {
			if ns := rec.Time.UnixNano(); ns > e.last {
				e.last = ns
				clear(e.same)
			}
			if rec.Seq >= base {
				e.same[e.alone(rec)]++
			}
		}); err != nil || e.last > math.MinInt64 {
			break
		}
	}
	return e, err
}

// alone is the digest of a record wherever it stands.
func (d *digester) alone(r *capture.Record) uint64 {
	size, _ := checkRecord(r)
	d.look(r, size)
	return d.digest(0, r, size)
}

// missing hands to a sink the records of a journal, of so many bytes, that the file does not have.
func (r *Reader) missing(in io.ReadSeeker, size int64, e *reached, to capture.Sink) error {
	blocks := frame.NewReader(in, newLayout2(), r.unpack)
	blocks.SetID(r.in.ID())
	if string(blocks.Peek(magicLen)) != journalMagic {
		return nil // it was killed before it had begun
	}
	blocks.Skip(int64(magicLen))
	blocks.Seekable(in, size)
	for {
		at := blocks.Offset()
		h, err := blocks.Head()
		if err == nil {
			err = r.missingOf(blocks, &h, e, to)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case isDamage(err):
			n, err := blocks.Resync(1)
			if at+n < size { // what the end cuts off is what was being written
				r.damage.Add(Damage{Offset: at, Length: n, Reason: BadJournal, Records: int64(h.Records), Block: true})
			}
			if err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
}

// missingOf does so with one block, which it passes if it is not damaged.
func (r *Reader) missingOf(blocks *frame.Reader, h *head, e *reached, to capture.Sink) error {
	at := blocks.Offset()
	if h.Type != typeRecords || h.Last < e.last {
		blocks.Skip(blocks.Size(h))
		return nil
	}
	decode := newDecoder(h.Codec, nil)
	if decode == nil {
		return fmt.Errorf("block at offset %d: codec %d: %w", at, h.Codec, ErrNewer)
	}
	payload, err := blocks.Payload(h)
	if err != nil {
		return err
	}
	decode.start(h, payload)
	for range h.Records {
		var rec capture.Record
		ns, err := decode.next(&rec)
		if err != nil {
			r.damage.Add(Damage{Offset: at, Reason: BadJournal, Records: -1, Block: true})
			return nil
		}
		if ns < e.last || ns == e.last && e.has(&rec) {
			continue
		}
		if err := to.Write(&rec); err != nil {
			return err
		}
	}
	return nil
}

// inOrder is Next of a file with journals: the next record of the two in the order of time.
func (r *Reader) inOrder(ctx context.Context, rec *capture.Record, w bounds) error {
	u := r.unsorted
	for {
		if !u.has {
			err := u.in.Next(ctx, &u.next)
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			u.has = err == nil
		}
		if !u.hasMain {
			err := r.main(ctx, &u.main, everything())
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			u.hasMain = err == nil
		}
		take, has := &u.main, &u.hasMain
		if u.has && (!u.hasMain || u.next.Time.Before(u.main.Time)) {
			take, has = &u.next, &u.has
		}
		if !*has || take.Time.UnixNano() >= w.to {
			return io.EOF
		}
		*rec, *has = *take, false
		rec.Seq = u.seq
		u.seq++
		if size, err := checkRecord(rec); err == nil && !r.skims {
			u.digest.look(rec, size)
			r.sum += u.digest.digest(rec.Seq, rec, size)
		}
		if rec.Time.UnixNano() >= u.from {
			return nil
		}
	}
}
