package anonymize

import (
	"strings"

	"reprise/anonymize/texts"
	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// opaque replaces all of a record that nothing could read: the body by a generated one of the same length and Content-Type, the query and
// the headers by what edit answers of them.
func (a *Anonymizer) opaque(r *capture.Record, rewrite func(*capture.Record, dialect.Edit) error, edit dialect.Edit) {
	a.report.Opaque++
	body := r.Body
	json := payload.IsJSON(r)
	form := !json && payload.IsForm(r)
	r.Body = nil
	if rewrite(r, edit) != nil {
		r.URL, _, _ = strings.Cut(r.URL, "?")
	}
	switch n := len(body); {
	case json && n >= len(`{"":""}`)+1:
		r.Body = a.filler(body, `{"a":"`, `"}`, " ")
	case form && n >= len("a=")+1:
		r.Body = a.filler(body, "a=", "", "+")
	case json:
		r.Body = append([]byte("{"), strings.Repeat(" ", n-1)...)
	case n > 0:
		r.Body = a.filler(body, "", "", " ")
	}
}

// fillerLength is the length of the text that a filler repeats: long enough to compress like text, short enough to make.
const fillerLength = 4096

// filler returns n bytes of generated words between two ends, with another character for the spaces. It depends on what
// it stands for, as a keyed hash alone tells.
func (a *Anonymizer) filler(old []byte, before, after, space string) []byte {
	seed := a.keys.body.seed("filler", string(old), "")
	n := len(old)
	out := append(make([]byte, 0, n), before...)
	room := n - len(before) - len(after)
	if room > fillerLength {
		chunk := a.words(seed, fillerLength-1, space) + space
		for ; room > fillerLength; room -= fillerLength {
			out = append(out, chunk...)
		}
	}
	out = append(out, a.words(seed, room, space)...)
	return append(out, after...)
}

// words returns n bytes of plain lower-case words.
func (a *Anonymizer) words(seed [2]uint64, n int, space string) string {
	size := sms.Size{Units: n, Parts: 1}
	if n > 160 {
		size.Parts = (n + 152) / 153
	}
	text := a.texts.Text(seed, texts.Shape{Size: size, Features: texts.Letters, Case: texts.Lower, Intent: texts.AskHelp})
	return strings.NewReplacer(" ", space, ".", "-", ",", "-").Replace(text)
}
