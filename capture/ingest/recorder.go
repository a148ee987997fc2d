package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/output"
)

// Rotation says when a recording goes on in a new file. The zero value is one file. With rotation each file has a name of its own, which
// says when it began: out.rpz becomes out-20261128T210000Z.rpz.
type Rotation struct {
	Size  int64         // bytes of a file, about
	Every time.Duration // how long a file takes
}

func (r Rotation) rotates() bool { return r.Size > 0 || r.Every > 0 }

// Traffic is a source that ends when it is stopped. Its Next returns where its context ends, too, and then loses nothing.
type Traffic interface {
	capture.Source
	// Settled returns a time before which no record is that is still to come.
	Settled() time.Time
}

// ReasonUnwritten is the reason for which requests are not recorded while files cannot be written.
const ReasonUnwritten = "not recorded: the corpus could not be written"

const (
	recorderTick = 200 * time.Millisecond // how often the recorder looks at the clock
	recorderWait = 15 * time.Second       // how long after a failure it tries again, where it rotates
	mostNames    = 1000                   // files that begin in one second
	// recorderMemory bounds what waits to be put in order. Traffic comes nearly in order, and the source holds records, too.
	recorderMemory = 16 << 20
)

// Recorder writes the corpora of a source that runs until it is stopped. That files cannot be written stops the recording and not the
// source: the requests are counted, and with rotation a new file is tried now and then.
type Recorder struct {
	to     corpus.Dest
	rotate Rotation
	header corpus.Header
	w      *work
	now    func() time.Time

	file      *recording      // under way; nil where there is none
	ending    chan *recording // of the one that is being finished, sent when it is; nil where there is none
	broken    bool            // files cannot be written
	retry     time.Time       // when to try again, where broken
	written   int64           // files that are whole
	uncounted []*recording    // of which it is not known how many records can be read
	left      error           // what the last file ended with that could not be finished
	files     RecorderFiles
}

// RecorderFiles are told what becomes of a recorder's files; both may be nil.
type RecorderFiles struct {
	// Written is told each file that is whole, and how many records it has.
	Written func(path string, records int64)
	// Failed is told once why files cannot be written, and with nil that they can again.
	Failed func(err error)
}

// recording is one file.
type recording struct {
	path  string
	began time.Time
	out   *corpus.Live
	taken int64 // records, all of which count as kept until it turns out that they are not
	err   error // what it ended with
	saved int64 // records that can be read, where err is not nil

	unread error // why that is not known yet, such as that too many files were open
}

// NewRecorder begins a recording: its first file is there when it returns. Errors are an *OptionError and those of corpus.Begin.
func NewRecorder(to corpus.Dest, rotate Rotation, files RecorderFiles, o Options) (*Recorder, error) {
	if to.Path == "" {
		return nil, errors.New("ingest: what runs until it is stopped is recorded in files")
	}
	if o.Memory == 0 {
		o.Memory = recorderMemory
	}
	w, h, err := o.prepare()
	if err != nil {
		return nil, err
	}
	r := &Recorder{to: to, rotate: rotate, header: h, w: w, now: time.Now, files: files}
	r.file, err = r.open(r.now())
	return r, err
}

// Run records what the source gives until it ends, which is no error; ctx ends the work at once. The source counts in the account, and
// tells the hosts that it was captured from. Errors are corpus.ErrEmpty where no record was kept, and what the files could not be
// finished for: then a *corpus.LeftError says where the last one is. There is a Result beside each.
func (r *Recorder) Run(ctx context.Context, name string, open func(account *capture.Account, onServer func(host string)) Traffic) (*Result, error) {
	account := &r.w.result.Account
	account.File = name
	var hosts []string
	src := open(account, func(host string) { hosts = append(hosts, host) })
	var rec capture.Record
	var err error
	wait, cancel := context.WithTimeout(ctx, recorderTick)
	for last := r.now(); ; {
		hosts = hosts[:0]
		if err = src.Next(wait, &rec); err == nil {
			r.take(&rec, hosts)
		}
		late := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
		if err != nil && !late {
			break
		}
		if now := r.now(); late || now.Sub(last) >= recorderTick {
			cancel()
			wait, cancel = context.WithTimeout(ctx, recorderTick)
			last = now
			r.tick(now, src.Settled())
		}
	}
	cancel()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	r.join(true)
	r.end(ctx, err)
	r.join(true)
	r.recount()
	return &r.w.result, r.outcome(err)
}

// take hands a record on, annotated, or counts why not.
func (r *Recorder) take(rec *capture.Record, hosts []string) {
	account := &r.w.result.Account
	if reason := r.w.o.wanted(rec); reason != "" {
		account.LeaveOut(reason)
		return
	}
	if !r.begin(rec.Time) {
		account.LeaveOut(ReasonUnwritten)
		return
	}
	r.w.annotate(rec, account, account.Place())
	for _, host := range hosts {
		r.file.out.AddHost(host)
	}
	err := r.file.out.Write(rec)
	if refused := (*capture.RefusedError)(nil); errors.As(err, &refused) {
		p := account.Place()
		p.Reason = refused.Reason
		account.Skip(p)
		return
	}
	// A failed write may have been another record's, of which nobody knows yet: all count as kept until the file has ended.
	account.Kept++
	r.file.taken++
	if rec.Vendor == "" {
		r.w.result.Unknown++
	}
	if r.w.records++; r.w.o.Progress != nil {
		r.w.o.Progress(r.w.records)
	}
	if err != nil {
		r.fail(err)
	}
}

// begin sees to it that there is a file to write to, and says whether there is one.
func (r *Recorder) begin(first time.Time) bool {
	if r.file != nil {
		return true
	}
	if r.broken && (!r.rotate.rotates() || r.now().Before(r.retry)) {
		return false
	}
	file, err := r.open(first)
	if err != nil {
		r.failed(err)
		return false
	}
	r.file = file
	if r.broken {
		r.broken = false
		if r.files.Failed != nil {
			r.files.Failed(nil)
		}
	}
	return true
}

// open begins a file; with rotation under a name that says when.
func (r *Recorder) open(first time.Time) (*recording, error) {
	for n := range mostNames {
		to := r.to
		if r.rotate.rotates() {
			to.Path, to.Force = rotated(r.to.Path, first, n), false
		}
		out, err := corpus.BeginLive(to, r.header, corpus.LiveOptions{TempDir: r.w.o.TempDir, Memory: r.w.o.Memory})
		taken := errors.Is(err, fs.ErrExist) || errors.Is(err, output.ErrBusy)
		if taken && r.rotate.rotates() && n < mostNames-1 {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &recording{path: to.Path, began: r.now(), out: out}, nil
	}
	panic("ingest: internal error: no name was tried")
}

// rotated is the nth name of a file that begins then.
func rotated(path string, first time.Time, n int) string {
	ext := filepath.Ext(path)
	name := strings.TrimSuffix(path, ext) + "-" + first.UTC().Format("20060102T150405Z")
	if n > 0 {
		name += fmt.Sprintf("-%d", n)
	}
	return name + ext
}

// RotatedNames is a pattern, as path/filepath has it, of the names that the files of a rotated recording have.
func RotatedNames(path string) string {
	ext := filepath.Ext(path)
	digits := func(n int) string { return strings.Repeat("[0-9]", n) }
	escape := strings.NewReplacer("\\", "\\\\", "*", "\\*", "?", "\\?", "[", "\\[")
	return escape.Replace(strings.TrimSuffix(path, ext)) + "-" + digits(8) + "T" + digits(6) + "Z*" + escape.Replace(ext)
}

// tick writes what is old enough, and begins a new file where it is time.
func (r *Recorder) tick(now, settled time.Time) {
	r.join(false)
	f := r.file
	if f == nil {
		return
	}
	if err := f.out.Settle(settled); err != nil {
		r.fail(err)
		return
	}
	due := r.rotate.Size > 0 && f.out.Size() >= r.rotate.Size || r.rotate.Every > 0 && now.Sub(f.began) >= r.rotate.Every
	if due && f.taken > 0 && r.ending == nil {
		r.end(context.Background(), nil)
	}
}

// fail gives the file under way up, because it cannot be written.
func (r *Recorder) fail(err error) {
	r.join(true)
	r.end(context.Background(), err)
	r.failed(err)
}

// failed notes that files cannot be written.
func (r *Recorder) failed(err error) {
	r.retry = r.now().Add(recorderWait)
	if r.broken {
		return
	}
	r.broken = true
	if r.files.Failed != nil {
		r.files.Failed(err)
	}
}

// end finishes the file under way in a goroutine, which join waits for: putting the end of a large file in order takes a while, and the
// source goes on.
func (r *Recorder) end(ctx context.Context, err error) {
	f := r.file
	if f == nil {
		return
	}
	r.file, r.ending = nil, make(chan *recording, 1)
	go func(done chan<- *recording) {
		f.err = f.out.End(ctx, err)
		if f.err != nil && f.taken > 0 {
			f.saved, f.unread = readable(f.out.Path())
		}
		done <- f
	}(r.ending)
}

// readable counts the records of an unfinished file.
func readable(path string) (int64, error) {
	c, err := corpus.Open(path)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	c.Skim()
	n, _ := capture.Copy(context.Background(), nowhere{}, c) // of a file that is cut, what is whole counts
	return n, nil
}

// nowhere is a sink that keeps nothing.
type nowhere struct{}

func (nowhere) Write(*capture.Record) error { return nil }

// join takes the file in that was being finished, where it is, or with wait when it is.
func (r *Recorder) join(wait bool) {
	if r.ending == nil {
		return
	}
	var f *recording
	if wait {
		f = <-r.ending
	} else {
		select {
		case f = <-r.ending:
		default:
			return
		}
	}
	r.ending = nil
	switch {
	case f.err == nil:
		r.written++
		if r.files.Written != nil {
			r.files.Written(f.path, f.taken)
		}
		return
	case f.taken == 0: // and nothing is left
		return
	}
	if f.unread != nil {
		r.uncounted = append(r.uncounted, f)
	} else {
		r.lose(f)
	}
	r.left = f.err
	r.failed(f.err)
}

// lose takes those records out of what is kept that a file was to have and has not.
func (r *Recorder) lose(f *recording) {
	lost := f.taken - min(f.saved, f.taken)
	account := &r.w.result.Account
	account.Kept -= lost
	if lost > 0 {
		account.Skipped[ReasonUnwritten] += lost
	}
}

// recount counts the records of files that could not be read when they were given up.
func (r *Recorder) recount() {
	for _, f := range r.uncounted {
		f.saved, _ = readable(f.out.Path())
		r.lose(f)
	}
	r.uncounted = nil
}

// outcome is what the recording comes to.
func (r *Recorder) outcome(err error) error {
	switch account := &r.w.result.Account; {
	case err != nil:
		return errors.Join(err, r.left)
	case account.Kept == 0:
		return errors.Join(corpus.ErrEmpty, r.left)
	case r.left != nil:
		return r.left
	default:
		return account.Check()
	}
}
