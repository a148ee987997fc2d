package ingest

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"reprise/capture/source/logs"
)

// Trial is what Try found out about an input.
type Trial struct {
	// Format is what the content is, and As the value of Options.As that reads it; AsLogs of a log of no known kind.
	Format Format
	As     string
	// Map is how a log is read, and Proposed says that it was worked out from its lines.
	Map      logs.Map
	Proposed bool
	// Wrap is the preset of Options.As that only says how lines are wrapped, which a proposed map says itself.
	Wrap string
	// Lines is what the map found in the first lines; nil of what is read without a map.
	Lines *logs.Trial
}

// Try looks at the first lines of an input, and writes nothing. Of a log it says what each rule of its map finds there; of one that neither
// the options nor its content tell how to read, it proposes a map: where none can be proposed the error is logs.ErrNoProposal.
func Try(ctx context.Context, name string, o Options) (*Trial, error) {
	wrap := ""
	if m, ok := logs.Preset(o.As); ok && m.Wraps() && o.Map == nil {
		wrap, o.As = o.As, AsLogs
	}
	if _, err := o.opener(); err != nil && !errors.Is(err, ErrNeedsMap) {
		return nil, err
	}
	in, piped, err := openInput(ctx, name, o.Stdin)
	if err != nil {
		return nil, err
	}
	if piped { // which the end of the context ends in order: what has come is looked at
		ctx = context.WithoutCancel(ctx)
	}
	defer in.Close()
	content := bufio.NewReaderSize(in, RecogniseBytes)
	start, err := o.firstBytes(name, content)
	if err != nil {
		return nil, err
	}
	t, err := o.way(name, start)
	if err != nil || t.As == "" || t.As != AsLogs && (t.Map.Time == "" && t.Map.Pattern == "") {
		return t, err
	}
	if t.Proposed {
		p, err := logs.Propose(ctx, content, o.vendors())
		if err != nil {
			return t, fmt.Errorf("%s: %w", name, err)
		}
		t.Map, t.Lines, t.Wrap = p.Map, &p.Trial, wrap
		return t, nil
	}
	if t.Lines, err = logs.Try(ctx, content, t.Map); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return t, err
}

// way says how an input would be read.
func (o *Options) way(name string, start []byte) (*Trial, error) {
	t := &Trial{Format: Recognise(start), As: o.As}
	if m, ok := logs.Preset(o.As); ok {
		t.Map = m
		return t, nil
	}
	if o.Map != nil {
		t.As, t.Map = AsLogs, *o.Map
		return t, nil
	}
	if o.As != "" {
		t.Proposed = o.As == AsLogs
		return t, nil
	}
	if e, ok, err := o.detectExport(t.Format, start); ok || err != nil {
		t.Format, t.As = exportFormat(e), e.Name
		return t, err
	}
	_, f, as, err := o.tell(name, start)
	unread := (*FormatError)(nil)
	switch {
	case errors.Is(err, ErrNeedsMap), errors.As(err, &unread) && unread.Format == Text:
		t.As, t.Proposed = AsLogs, true
		return t, nil
	case err != nil:
		return nil, err
	}
	t.Format, t.As = f, as
	t.Map, _ = logs.Preset(as)
	return t, nil
}
