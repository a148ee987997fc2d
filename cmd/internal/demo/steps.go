package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"reprise/anonymize/publish"
	anonymized "reprise/anonymize/report"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/ingest"
	captured "reprise/capture/report"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/outputs"
	"reprise/cmd/internal/terminal"
	"reprise/replay/explain"
	"reprise/replay/report"
	"reprise/replay/results"
	"reprise/replay/rounds"
	"reprise/replay/send"
	"reprise/replay/session"
)

// capture makes a corpus of a recording that is none yet, and names it.
func (d *demo) capture(ctx context.Context, format ingest.Format) (string, error) {
	raw := d.file("raw.rpz")
	step, flags, o := "capture logs", d.LogFlags, ingest.Options{As: ingest.AsLogs}
	switch format {
	case ingest.Corpus:
		return d.In, nil
	case ingest.PacketCapture:
		ports := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(d.Ports)), ","), "[]")
		step, flags, o = "capture pcap", with(nil, "--port", ports), ingest.Options{As: ingest.AsPackets, Ports: d.Ports}
	case ingest.HAR, ingest.GoReplay:
		step, flags, o = "capture", nil, ingest.Options{}
	default:
		m, err := d.ReadMap()
		if err != nil {
			return "", err
		}
		o.Map = &m
	}
	args := append(strings.Fields(step), d.In, "-o", raw)
	d.show(with(append(args, flags...), "--keywords", strings.Join(d.Keywords, ","))...)
	words, err := ingest.ReadKeywords(d.Keywords, "")
	if err != nil {
		return "", err
	}
	p := terminal.Start(d.Err, "capture", false)
	o.Keywords, o.Tool, o.Report, o.Progress = words, "reprise "+d.Version, captured.Problems(d.Err), p.Count.Store
	got, err := ingest.Files(ctx, []string{d.In}, corpus.Dest{Path: raw}, o)
	p.End()
	if got != nil && (err == nil || errors.Is(err, corpus.ErrEmpty)) {
		if err := captured.WriteAccount(d.Out, &got.Account); err != nil {
			return "", err
		}
	}
	if err != nil || len(got.Damaged) > 0 {
		return "", &CaptureError{Step: step, As: o.As, Result: got, Err: err}
	}
	return raw, nil
}

// play makes a corpus safe, plays it twice, and judges the runs.
func (d *demo) play(ctx context.Context, raw string) error {
	safe, first, second := d.file("safe.rpz"), d.file("first.rpr"), d.file("second.rpr")
	if err := d.anonymize(ctx, raw, safe); err != nil {
		return fmt.Errorf("anonymize: %w", err)
	}
	if err := d.inspect(ctx, safe); err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	for _, out := range []string{first, second} {
		if err := d.replay(ctx, safe, out); err != nil {
			return fmt.Errorf("replay: %w", d.Explain(err))
		}
	}
	if err := d.report(ctx, first, safe, d.file("report.html")); err != nil {
		return err
	}
	return d.compare(ctx, first, second)
}

// anonymize makes a corpus safe, and leaves the report beside it.
func (d *demo) anonymize(ctx context.Context, raw, safe string) error {
	name := d.file("anonymize.json")
	d.show("anonymize", raw, "-o", safe, "--report", name)
	p := terminal.NewStages(d.Err, false)
	got, err := publish.File(ctx, raw, corpus.Dest{Path: safe}, publish.Options{
		Tool: "reprise " + d.Version, Progress: func(stage publish.Stage, records int64) { p.Show(string(stage), records) },
		Cut: func(err error) { fmt.Fprintf(d.Err, "reprise: %v; what it holds is used\n", err) },
	})
	p.End()
	if got == nil {
		return err
	}
	doc := anonymized.New(got, false)
	failed := errors.As(err, new(*publish.AuditError))
	switch {
	case failed:
		anonymized.WriteFindings(d.Err, &doc.Audit, nil, dialect.Table{}, raw)
	case err != nil:
		captured.WriteDamage(d.Err, raw, got.Damage)
		return err
	}
	written := outputs.Write(d.Out, name, false, doc.WriteJSON)
	switch {
	case failed:
		return errors.Join(exit.With(exit.Unmet, err), written)
	case written != nil:
		return written
	}
	doc.Write(d.Out)
	if len(got.Damage) == 0 {
		return nil
	}
	captured.WriteDamage(d.Err, raw, got.Damage)
	return exit.With(exit.Damaged, fmt.Errorf("part of %s was unreadable; the rest was used", raw))
}

// inspect says what a corpus holds.
func (d *demo) inspect(ctx context.Context, name string) error {
	d.show("inspect", name)
	r, err := corpus.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	in, err := corpus.Inspect(ctx, r, 0)
	if err != nil {
		return err
	}
	return captured.WriteInspection(d.Out, in)
}

// replay plays the corpus once.
func (d *demo) replay(ctx context.Context, safe, out string) error {
	o := session.Options{
		Tempo: session.Tempo{TimeScale: d.TimeScale}, Selection: session.Selection{Peak: d.Peak}, Output: session.Output{File: out},
		Tool: d.Version, OptionName: d.OptionName,
	}
	o.Engine.Guard.Allow, o.Engine.Processors = d.Hosts, new(send.Processors) // the process is the run's alone
	args := []string{"replay", safe, "--target", d.target, "--time-scale", strconv.FormatFloat(d.TimeScale, 'g', -1, 64)}
	if d.Peak > 0 {
		o.Settings = map[string]string{"peak": d.Peak.String()}
		args = with(args, "--peak", short(d.Peak))
	}
	for _, host := range d.Hosts {
		args = with(args, "--allow-host", host)
	}
	d.show(append(args, "-o", out)...)
	p := terminal.Start(d.Err, "plan", false)
	o.Scanned = func() { p.Count.Add(1) }
	s, err := session.Open(ctx, safe, d.target, o)
	if err != nil {
		p.End()
		return err
	}
	defer s.Close()
	plan, err := s.Plan(ctx)
	p.End()
	if err != nil {
		return err
	}
	if err := s.Probe(ctx); err != nil {
		return err
	}
	hooks, end := session.Hooks{}, func(*results.Run) {}
	if d.Watch != nil {
		hooks, end = d.Watch(ctx, plan)
	}
	run, err := s.Play(ctx, hooks)
	end(run)
	if run == nil {
		return err
	}
	for _, note := range report.ShortcomingNotes(s, d.OptionName) {
		fmt.Fprintf(d.Err, "reprise: replay: %s\n", note)
	}
	found, failed := explain.File(ctx, out, explain.Options{Corpus: safe})
	next := report.Next{Run: out, Named: d.OptionName}
	if failed != nil {
		return errors.Join(err, report.WriteBrief(d.Out, run, nil, next), failed)
	}
	return errors.Join(err, report.WriteBrief(d.Out, run, d.WhyOf(found, out, safe), next))
}

// report writes a page of a run.
func (d *demo) report(ctx context.Context, name, safe, page string) error {
	d.show("report", name, "--corpus", safe, "-o", page)
	found, err := explain.File(ctx, name, explain.Options{Corpus: safe})
	if err != nil {
		return err
	}
	why := d.WhyOf(found, name, safe)
	return outputs.Write(d.Out, page, false, func(w io.Writer) error { return report.WriteRun(w, report.HTML, &found.Run, why) })
}

// compare judges the runs.
func (d *demo) compare(ctx context.Context, first, second string) error {
	comment, page := d.file("comparison.md"), d.file("comparison.html")
	d.show("compare", first, second, "--fail-on", "none", "-o", comment, "-o", page)
	c, err := new(rounds.Judge).Files(ctx, []string{first, second})
	if err != nil {
		return err
	}
	for _, name := range []string{comment, page} {
		format, _ := report.FormatOf(name)
		if err := outputs.Write(d.Out, name, false, func(w io.Writer) error { return report.WriteComparison(w, format, c) }); err != nil {
			return err
		}
	}
	return report.WriteVerdict(d.Out, c)
}
