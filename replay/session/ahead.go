package session

import (
	"context"
	"sync"

	"reprise/capture"
	"reprise/replay"
)

// ahead is a stream that is opened, and whose first record is read, while something else is done: the first of a block costs more than those
// after it.
type ahead struct {
	stop   context.CancelFunc
	opened chan struct{} // closed by the goroutine that reads first, when src or err is there
	read   chan struct{} // closed by it at its end
	src    replay.Stream
	first  capture.Record
	err    error // of opening it, or of reading first
	given  bool
	close  sync.Once
}

// readAhead begins to read what open opens.
func readAhead(open func() (replay.Stream, error)) *ahead {
	ctx, stop := context.WithCancel(context.Background()) // Close ends it: who plans may have another context than who plays
	a := &ahead{stop: stop, opened: make(chan struct{}), read: make(chan struct{})}
	go func() {
		defer close(a.read)
		a.src, a.err = open()
		close(a.opened)
		if a.src != nil {
			a.err = a.src.Next(ctx, &a.first)
		}
	}()
	return a
}

// Err is why the stream could not be opened.
func (a *ahead) Err() error {
	if <-a.opened; a.src == nil {
		return a.err
	}
	return nil
}

// Next implements capture.Source.
func (a *ahead) Next(ctx context.Context, r *capture.Record) error {
	if a.given {
		return a.src.Next(ctx, r)
	}
	select {
	case <-a.read:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	a.given = true
	*r = a.first
	return a.err
}

// Close waits for the first record, which nobody wants any more, and closes the stream. It may be called more than once.
func (a *ahead) Close() (err error) {
	a.close.Do(func() {
		a.stop()
		if <-a.read; a.src != nil {
			err = a.src.Close()
		}
	})
	return err
}

// early is what Play needs first, and is found out while a plan is made: the key of hashes, and the first record that is played. Where it is nil
// Play finds them out itself.
type early struct {
	stop   context.CancelFunc
	key    [16]byte
	keyErr error
	keyed  chan struct{} // closed by the goroutine that makes the key, when key or keyErr is there
	src    *ahead        // nil before the window is known, and in a search
}

// beginEarly makes the key of hashes meanwhile.
func (s *Session) beginEarly() {
	ctx, stop := context.WithCancel(context.Background()) // as in readAhead
	e := &early{stop: stop, keyed: make(chan struct{})}
	go func() {
		defer close(e.keyed)
		e.key, e.keyErr = s.hashKey(ctx)
	}()
	s.early = e
	s.undo = append(s.undo, func() {
		e.stop()
		<-e.keyed
		e.drop()
	})
}

// drop lets go of the stream: another window is played.
func (e *early) drop() {
	if e != nil && e.src != nil {
		_ = e.src.Close()
		e.src = nil
	}
}

// openEarly begins to read what is played, whose window is known.
func (s *Session) openEarly() {
	e := s.early
	if e == nil || s.o.Shape.Search != nil {
		return
	}
	e.src = readAhead(func() (replay.Stream, error) {
		<-e.keyed // its memory serves once more
		return s.source()
	})
}

// played opens what is played, or takes what was opened before.
func (s *Session) played() (replay.Stream, error) {
	if s.early == nil || s.early.src == nil {
		src, err := s.source()
		if err != nil {
			return nil, err
		}
		return readAhead(func() (replay.Stream, error) { return src, nil }), nil
	}
	src := s.early.src
	return src, src.Err()
}

// key is the key of hashes.
func (s *Session) key(ctx context.Context) ([16]byte, error) {
	if s.early == nil {
		return s.hashKey(ctx)
	}
	<-s.early.keyed
	return s.early.key, s.early.keyErr
}
