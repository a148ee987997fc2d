package corpus

import (
	"context"
	"errors"
	"sync"
	"time"

	"reprise/capture"
)

// How often the records that came are saved, and of how many bytes of them the next save is begun at once or waited for.
const (
	saveEach   = 500 * time.Millisecond
	saveSoon   = 4 << 20
	saveFirst  = 16 << 20
	liveMemory = 48 << 20
)

// LiveOptions say how a Live works; the zero value is good.
type LiveOptions struct {
	// TempDir is where records wait that memory cannot hold; empty is the system's folder. Memory is how many bytes of records wait in
	// memory to be put in order; 0 is 48 MiB.
	TempDir string
	Memory  int64
}

// Live is a corpus that is written while its traffic is recorded. Records come in any order, as with a Sorter, and what came half a
// second ago survives the process, however that ends: Open of the unfinished file gives it, in order. FORMAT.md says how
// ("Journals"). Its methods may be called by several goroutines at once, but for End, which comes last.
//
// Over a stream it is a Sorter: there is nothing that could survive.
type Live struct {
	out    *Output
	stop   chan struct{} // closed by End
	ended  chan struct{} // closed by the goroutine that saves
	wake   chan struct{} // says that there is much to save; capacity 1, so that nobody waits to say it
	saving sync.Mutex    // held by who saves, before mu
	keeper *keeper       // guarded by saving; nil over a stream

	mu struct {
		sync.Mutex
		sorter *Sorter
		fresh  []heldRecord // came since the last save
		bytes  int64        // of fresh
		err    error        // of the last save
	}
}

// BeginLive begins a corpus that is written while its traffic is recorded. Errors are those of Begin. The caller ends it with End.
func BeginLive(to Dest, h Header, o LiveOptions) (*Live, error) {
	out, err := Begin(to, h)
	if err != nil {
		return nil, err
	}
	if o.Memory == 0 {
		o.Memory = liveMemory
	}
	l := &Live{out: out, stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	l.mu.sorter = out.Sorter(o.TempDir, o.Memory)
	if out.file == nil {
		close(l.ended)
		return l, nil
	}
	l.keeper = newKeeper(out.file)
	l.mu.sorter.took = func(h heldRecord) {
		l.mu.fresh, l.mu.bytes = append(l.mu.fresh, h), l.mu.bytes+h.size
	}
	go l.saveInTime()
	return l, nil
}

// Write takes a record in any order, as Sorter.Write does. An error of an earlier save is final.
func (l *Live) Write(r *capture.Record) error { return l.add(r, (*Sorter).Write) }

// Take is Write for a record that need not be copied, as Sorter.Take.
func (l *Live) Take(r *capture.Record) error { return l.add(r, (*Sorter).Take) }

func (l *Live) add(r *capture.Record, to func(*Sorter, *capture.Record) error) error {
	l.mu.Lock()
	err := l.mu.err
	if err == nil {
		err = to(l.mu.sorter, r)
	}
	waiting := l.mu.bytes
	l.mu.Unlock()
	if err != nil || waiting < saveSoon {
		return err
	}
	if waiting < saveFirst {
		select {
		case l.wake <- struct{}{}:
		default:
		}
		return nil
	}
	return l.Flush()
}

// AddHost remembers a host that records are captured from, as Writer.AddHost does.
func (l *Live) AddHost(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out.AddHost(host)
}

// Records returns how many records came.
func (l *Live) Records() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mu.sorter.arrived
}

// Path is the name of the unfinished file; "" over a stream.
func (l *Live) Path() string {
	if l.out.file == nil {
		return ""
	}
	return l.out.file.Path()
}

// Settle says that no record older than t is expected, as Sorter.Settle does, so that memory holds fewer. An error of a save is an error
// of it, too.
func (l *Live) Settle(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.err != nil {
		return l.mu.err
	}
	return l.mu.sorter.Settle(t)
}

// Size returns how large the file is so far: without the records that are not in it yet, and without its journals.
func (l *Live) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.writer().offset
}

// saveInTime saves what came, until End.
func (l *Live) saveInTime() {
	defer close(l.ended)
	tick := time.NewTicker(saveEach)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		case <-l.wake:
		}
		if l.Flush() != nil {
			return // Write and End tell it
		}
	}
}

// Flush saves what came: it then survives the process. It is called in time anyway.
func (l *Live) Flush() error {
	l.saving.Lock()
	defer l.saving.Unlock()
	l.mu.Lock()
	err := l.mu.err
	if l.keeper == nil || err != nil {
		l.mu.Unlock()
		return err
	}
	came := l.mu.fresh
	l.mu.fresh, l.mu.bytes = nil, 0
	hosts := l.out.file.saveHosts() // before the records that need them
	held, err := l.keeper.due(l.mu.sorter)
	l.mu.Unlock()
	if err = errors.Join(hosts, err); err == nil {
		err = l.keeper.save(came, held)
	}
	if err != nil {
		l.mu.Lock()
		l.mu.err = err
		l.mu.Unlock()
	}
	return err
}

// End finishes the corpus, whatever the recording ended with: err is nil where it ended in order. Where it did not, or where the corpus
// cannot be finished, what came is kept under the file's temporary name, which a *LeftError says; the error is ErrEmpty, and no file
// is left, where nothing came. ctx ends the work of putting the last records in order.
func (l *Live) End(ctx context.Context, err error) error {
	close(l.stop)
	<-l.ended
	sorter := l.mu.sorter
	if sorter.arrived == 0 {
		return errors.Join(sorter.Discard(), l.discard(err))
	}
	if saved := l.Flush(); err == nil {
		err = saved
	}
	if err == nil {
		err = sorter.Close(ctx)
	}
	if left := sorter.Discard(); err == nil {
		err = left
	}
	if l.keeper == nil {
		return l.out.End(ctx, err)
	}
	if err == nil {
		err = l.out.file.Close() // with its end, the file needs no journal
	}
	if err != nil {
		path := l.out.file.Path()
		l.keeper.close()
		_ = l.out.file.Leave() // err says why not all could be written
		return &LeftError{path, err}
	}
	return errors.Join(l.keeper.remove(), l.out.file.Commit())
}

// discard ends a corpus to which nothing came.
func (l *Live) discard(err error) error {
	if err == nil {
		err = ErrEmpty
	}
	if l.keeper == nil {
		return err
	}
	return errors.Join(err, l.keeper.remove(), l.out.file.Discard())
}
