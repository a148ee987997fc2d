// Package terminal is the way of text to people: nothing in it steers a terminal, whatever file it came from, and a line tells how far
// long work has come.
package terminal

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// Printer is the way of all text to stdout and stderr. What would steer a terminal is written as an escape, whatever file
// it came from: control characters other than line breaks and tabs, characters that reverse the direction of writing, and
// bytes that are no UTF-8. The escapes are those of JSON, so that JSON stays what it was. What could not be written is
// remembered: Run ends with an error then, though the verb looked away.
type Printer struct {
	mu   sync.Mutex
	w    io.Writer
	part []byte // the beginning of a character whose end was not written yet
	text []byte
	err  error // the first
}

// NewPrinter returns w itself where it is a printer.
func NewPrinter(w io.Writer) *Printer {
	if p, ok := w.(*Printer); ok {
		return p
	}
	return &Printer{w: w}
}

// Write writes text.
func (p *Printer) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := text
	if len(p.part) > 0 {
		all = append(p.part, text...)
		p.part = nil
	}
	if cut := len(all) - unfinished(all); cut < len(all) {
		p.part = append(p.part, all[cut:]...)
		all = all[:cut]
	}
	if harmless(all) {
		return len(text), p.put(all)
	}
	p.text = appendPrintable(p.text[:0], all)
	return len(text), p.put(p.text)
}

// put writes bytes as they are.
func (p *Printer) put(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := p.w.Write(b)
	if p.err == nil {
		p.err = err
	}
	return err
}

// End writes what is left over, and returns the first error there was.
func (p *Printer) End() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.part) > 0 {
		_ = p.put(appendPrintable(nil, p.part))
		p.part = nil
	}
	return p.err
}

// Decides joins an error of a verb with that of its stdout: who reads there has not got everything.
func (p *Printer) Decides(err error) error {
	failed := p.End()
	if failed == nil || errors.Is(err, failed) {
		return err
	}
	return errors.Join(err, fmt.Errorf("not everything could be printed: %w", failed))
}

// data is a writer of bytes that are no text, such as a corpus.
type data struct{ p *Printer }

// Write writes b as it is.
func (d data) Write(b []byte) (int, error) {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	return len(b), d.p.put(b)
}

// Bytes is where bytes go that are no text: a corpus, or what is drawn on a terminal.
func Bytes(w io.Writer) io.Writer {
	if p, ok := w.(*Printer); ok {
		return data{p}
	}
	return w
}

// harmless says that text is printed as it is. Most is ASCII.
func harmless(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// Steers says whether a character does something to a terminal other than to stand there.
func Steers(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0: // C0 and C1
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 // of direction
}

// appendPrintable appends text with escapes in place of what steers a terminal.
func appendPrintable(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = fmt.Appendf(dst, `\x%02x`, text[0])
		case Steers(r):
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
	return dst
}

// unfinished is the length of the beginning of a character at the end of text.
func unfinished(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(text[len(text)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
