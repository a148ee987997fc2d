package stored

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	"reprise/capture/output"
	"reprise/capture/sms"
	"reprise/capture/source/logs"
	"reprise/capture/source/open"
)

// sortMemory is how many bytes of records wait in memory to be put in order; more go through temporary files.
const sortMemory = 32 << 20

// mostUnread is how many lines that hold no request are told one by one.
const mostUnread = 1000

// printed makes a corpus of lines as reprise cat prints them, in a temporary file. Lines carry neither a state nor the hosts that they were
// captured from, nor keywords of one's own: the corpus is raw, and captured from every host. Kind, vendor and message are found out anew.
// Lines that hold no request are damage of the corpus.
func printed(ctx context.Context, name string, content io.Reader) (temp *output.Temp, err error) {
	if temp, err = output.NewTemp("", "reprise-*.rpz"); err != nil {
		return nil, fmt.Errorf("keep %s for a second reading: %w", name, err)
	}
	if err := fromLines(ctx, name, content, temp); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), temp.Close())
	}
	return temp, nil
}

// fromLines writes the corpus of lines.
func fromLines(ctx context.Context, name string, content io.Reader, to io.Writer) error {
	vendors := all.Table()
	classifier, err := sms.NewClassifier(sms.Options{Profile: sms.ProfileTwilio, Vendors: vendors.Keywords()})
	if err != nil {
		return err
	}
	unread := new(lost)
	account := &capture.Account{Skipped: map[string]int64{}, File: name}
	account.Report = func(p capture.Problem) { unread.note(account, p) }
	m, _ := logs.Preset(logs.PresetCat)
	src, err := logs.New(open.Cut(content), logs.Options{File: name, Map: m, Account: account})
	if err != nil {
		return err
	}
	w, err := corpus.NewWriter(to, corpus.Header{State: corpus.Raw, KeywordProfile: sms.ProfileTwilio})
	if err != nil {
		return err
	}
	w.AddHost(corpus.EveryHost)
	sorter := corpus.NewSorter(w, "", sortMemory)
	err = account.Copy(ctx, sorter, src, func(r *capture.Record) string {
		_ = vendors.Annotate(r, classifier) // what cannot be read is of kind other, as where it was captured
		return ""
	})
	if err == nil {
		err = sorter.Close(ctx)
	}
	if err = errors.Join(err, sorter.Discard()); err != nil {
		return err
	}
	w.Unread(unread.list)
	return w.Close()
}

// lost are the lines that hold no request.
type lost struct {
	list []corpus.Damage
	seen int64 // of the account: what was skipped, and bytes that could not be read
}

// note takes note of a problem, if a line is left out for it.
func (l *lost) note(a *capture.Account, p capture.Problem) {
	n := a.Lost
	for _, skipped := range a.Skipped {
		n += skipped
	}
	if n == l.seen {
		return // the record is kept all the same
	}
	l.seen = n
	if len(l.list) == mostUnread {
		l.list[mostUnread-1].Records++
		return
	}
	reason := p.Reason
	if p.Field != "" {
		reason = fmt.Sprintf("field %q: %s", p.Field, reason)
	}
	reason = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return -1
	}, reason)
	l.list = append(l.list, corpus.Damage{Line: cmp.Or(p.Record, 1), Reason: corpus.Reason(reason), Records: 1})
}
