package cli

import (
	"context"
	"errors"
	"net"
	"net/url"

	"reprise/capture/corpus"
	"reprise/replay/answers"
	"reprise/replay/pace"
	"reprise/replay/render"
	"reprise/replay/results"
	"reprise/replay/send"
)

// ready is a run of which everything was checked that can be checked without a word to the target.
type ready struct {
	path     string // of the corpus
	plan     *plan
	hosts    corpus.Hosts // that it was captured from
	guard    send.Guard
	header   results.Header
	schedule *pace.Schedule
	renderer *render.Renderer
	engine   send.Engine
	kept     *answers.Keeper
	file     *results.File
	undo     []func()
}

// close removes what was made for a run that did not come to its end.
func (r *ready) close() {
	for i := len(r.undo) - 1; i >= 0; i-- {
		r.undo[i]()
	}
}

// prepare is the way that a run and a dry run share: what stops the one stops the other, in the same order. It reads flags, files
// and the corpus, and makes all that the run needs. It looks the target's name up, and sends nothing.
func (o *replayOptions) prepare(ctx context.Context, s Streams, name string) (*ready, error) {
	if err := o.parse(ctx); err != nil {
		return nil, err
	}
	o.sayWarnings(s.Err)
	if err := o.checkFiles(s.Err, openFiles()); err != nil {
		return nil, err
	}
	r := &ready{kept: new(answers.Keeper)}
	err := o.prepareCorpus(ctx, s, name, r)
	if err == nil {
		err = o.allowed(ctx, r.guard, r.hosts)
	}
	if err == nil {
		err = o.prepareRun(ctx, r)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// prepareCorpus opens the corpus and plans the run.
func (o *replayOptions) prepareCorpus(ctx context.Context, s Streams, name string, r *ready) error {
	in, path, done, err := openSpooled(ctx, name, s)
	if err != nil {
		return err
	}
	r.undo = append(r.undo, done)
	r.path = path
	if err := o.rawGuard(in.Header()); err != nil {
		return err
	}
	if !o.oldPathsSaid {
		sayOldPaths(s.Err, name, in.Header())
	}
	if o.vendors, err = parseVendors(ctx, o.vendors, path); err != nil {
		return err
	}
	if r.plan, err = o.plan(ctx, s, path); err != nil {
		return err
	}
	if r.plan.earlier, err = o.takeUp(ctx, r.plan); err != nil {
		return err
	}
	// A corpus without a footer tells its hosts only to the end: the planning pass has seen all.
	r.hosts = r.plan.hosts
	r.guard = o.guard(in.Header(), r.hosts, r.plan.recorded)
	return o.done.check()
}

// prepareRun makes what the run needs, its output last.
func (o *replayOptions) prepareRun(ctx context.Context, r *ready) (err error) {
	options := o.sendOptions(r.guard)
	options.Answers = r.kept.Keep
	if r.engine, err = send.New(o.url, options); err != nil {
		return misuse("--target: %v", err)
	}
	r.undo = append(r.undo, r.engine.Close)
	r.header = o.header(r.plan)
	r.header.Engine = r.engine.Name()
	if r.schedule, err = pace.New(r.plan.pace); err != nil {
		return misuse("%v", err)
	}
	if r.renderer, err = o.renderer(r.header.Run, r.plan, r.schedule); err != nil {
		return misuse("%v", err)
	}
	if err := o.checkListeners(ctx); err != nil {
		return err
	}
	file, err := o.runFile(r.header)
	if err != nil {
		return err
	}
	r.file = file
	r.undo = append(r.undo, func() { _ = file.Discard() }) // which does nothing to a file that is whole or left
	return nil
}

// checkListeners finds out whether the run can listen where it is to be shown and steered, and lets go again.
func (o *replayOptions) checkListeners(ctx context.Context) error {
	for _, at := range [][2]string{{"--dashboard", o.watching.dashboard}, {"--metrics", o.watching.metrics}} {
		if at[1] == "" {
			continue
		}
		l, err := new(watch).listen(ctx, at[0], at[1])
		if err != nil {
			return err
		}
		l.Close()
	}
	if o.control == "" {
		return nil
	}
	err := takeOver(ctx, o.control)
	if err == nil {
		var l net.Listener
		if l, err = listenPrivately(ctx, o.control); err == nil {
			return l.Close()
		}
	}
	return misuse("--control: %v", err)
}

// allowed asks the safety rules whether the target may be sent to. A dry run without a target has none to ask about.
func (o *replayOptions) allowed(ctx context.Context, guard send.Guard, hosts corpus.Hosts) error {
	if o.target == "" {
		return nil
	}
	return targetError(send.CheckTarget(ctx, o.url, o.sendOptions(guard)), hosts)
}

// reach finds out whether the target is there.
func (o *replayOptions) reach(ctx context.Context, guard send.Guard, hosts corpus.Hosts) error {
	return targetError(send.Probe(ctx, o.url, o.sendOptions(guard)), hosts)
}

// targetError gives an error about the target its exit code.
func targetError(err error, hosts corpus.Hosts) error {
	if own, ok := blameMachine(err); ok {
		return own
	}
	switch {
	case errors.Is(err, send.ErrRefused):
		return withCode(exitRefused, refusedHost(err, hosts))
	case errors.Is(err, send.ErrUnreachable):
		return withCode(exitUnreachable, hintWay(err))
	}
	return err
}

// noTarget stands for the target of a dry run that names none.
func noTarget() *url.URL { return &url.URL{Scheme: "http", Host: "127.0.0.1:9000"} }
