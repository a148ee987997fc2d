package texts

import (
	"unicode"
	"unicode/utf8"

	"reprise/capture/sms"
)

// plain returns the plan without what a text has once.
func (p plan) plain() plan {
	if p.Features &= Letters | Digits | EmojiOnly; p.Features.Has(Letters) {
		p.Features = Letters
	}
	p.Emojis, p.foreign, p.Extra = 0, false, Latin
	return p
}

// core writes p.units units, on p.Newlines+1 lines. The longest line gets the shape's features, the others words.
func (g *Generator) core(p plan) {
	if p.Newlines == 0 || p.units < p.Newlines+2 {
		g.line(p)
		return
	}
	text := p.units - p.Newlines
	full := min(max(text/12, 2), p.Newlines+1, text)
	main := g.intn(full)
	plain := min(8, text/full)
	rest := p.plain()
	blank := p.Newlines + 1 - full // lines that stay empty
	for i := range full {
		q := rest
		q.units = plain
		if i == main {
			q, q.units = p, text-plain*(full-1)
		}
		g.line(q)
		if i == full-1 {
			return
		}
		g.out = append(g.out, '\n')
		gap := blank / (full - 1)
		if i < blank%(full-1) {
			gap++
		}
		for range gap {
			g.out = append(g.out, '\n')
		}
	}
}

// line writes p.units units without a newline.
func (g *Generator) line(p plan) {
	from := len(g.out)
	switch {
	case p.Features.Has(EmojiOnly):
		g.emojis(p)
	case !p.Features.Has(Letters):
		g.symbols(p)
	default:
		g.sentences(p, from)
	}
}

// sentences writes words, then the extra word, the number, the link, the punctuation and the emoji that fit.
func (g *Generator) sentences(p plan, from int) {
	t := g.newTail(p)
	left := p.units - t.cost()
	first := true
	if t.opening != "" {
		g.put(t.opening)
		first = false
	}
	if near := g.near[p.Intent]; first && t.end != "" && left < len(near) && len(near[left]) > 0 && left+utf16Len(t.end) == p.units {
		g.put(g.pick(near[left]))
	} else {
		g.words(p, left, first)
	}
	for _, piece := range t.pieces {
		if piece != "" {
			g.out = append(append(g.out, ' '), piece...)
		}
	}
	g.setCase(from, p)
	if t.url {
		g.out = append(g.out, ' ')
		g.link(t.urlUnits)
	}
	g.out = append(g.out, t.end...)
	g.out = append(g.out, t.emoji...)
}

func (g *Generator) put(s string) { g.out = append(g.out, s...) }

// tail is what a line carries beside its plain words.
type tail struct {
	opening  string    // a contraction, written before the words
	pieces   [2]string // an extra word and a number, each after a space
	url      bool      // a link after a space
	urlUnits int
	end      string // closing punctuation
	emoji    string
}

func (t *tail) cost() int {
	n := utf16Len(t.opening) + utf16Len(t.end)
	for _, piece := range t.pieces {
		if piece != "" {
			n += 1 + utf16Len(piece)
		}
	}
	if t.url {
		n += 1 + t.urlUnits
	}
	return n + utf16Len(t.emoji)
}

// newTail chooses, in the order of what matters most, what fits beside at least one unit of words.
func (g *Generator) newTail(p plan) (t tail) {
	room := func() int { return p.units - t.cost() - 1 }
	foreign := p.foreign && p.Script == Latin
	if p.Emojis > 0 {
		t.emoji = g.emojiTail(p, room())
		foreign = foreign && t.emoji == ""
	}
	wide := p.Size.Encoding == sms.UCS2
	if wide && (p.Features.Has(Accents) || p.Extra != Latin) && p.Script == Latin {
		if t.pieces[0] = g.extraWord(p.Extra, room()-1); t.pieces[0] != "" {
			foreign = false
		}
	} else if !wide && p.Features.Has(Accents) {
		t.pieces[0] = g.fit(g.accents, room()-1)
	}
	if wide && p.Script == Latin && p.Features.Has(Curly) {
		if c := g.pick(g.contractions); len(c) < room() {
			t.opening, foreign = c, false
		}
	}
	if foreign && room() >= 1 || wide && p.Features.Has(Ellipsis) && room() >= 2 {
		t.end = "…"
	}
	if p.Features.Has(Digits) {
		t.pieces[1] = g.number(room() - 1)
	}
	if p.Features.Has(URL) {
		t.urlUnits = g.linkUnits(room() - 1)
		t.url = t.urlUnits > 0
	}
	t.end += g.closing(p, room())
	return t
}

// closing returns the question and exclamation marks that fit.
func (g *Generator) closing(p plan, room int) string {
	question, exclaim := "?", "!"
	if p.Script == Han || p.Script == Kana {
		question, exclaim = "？", "！"
	}
	end := ""
	if p.Features.Has(Question) && room > 0 {
		end, room = question, room-1
	}
	if p.Features.Has(Exclaim) && room > 0 {
		end, room = end+exclaim, room-1
	}
	if end == "" && p.Features.Has(FullStop) && room > 0 {
		return "."
	}
	return end
}

// emojiTail returns up to p.Emojis emoji that take at most room units.
func (g *Generator) emojiTail(p plan, room int) string {
	text := ""
	if room > 8 {
		text, room = " ", room-1
	}
	n := 0
	for range p.Emojis {
		if !p.narrow && room >= 2 {
			text, room, n = text+g.pick(g.emojiTwo), room-2, n+1
		} else if room >= 1 {
			text, room, n = text+g.pick(g.emojiOne), room-1, n+1
		}
	}
	if n == 0 {
		return ""
	}
	return text
}

// fit returns a word of the lexicon of at most room units, or "".
func (g *Generator) fit(l *lexicon, room int) string {
	if room < 1 {
		return ""
	}
	for range 3 {
		if w := g.pick(l.all); utf16Len(w) <= room {
			return w
		}
	}
	return g.pick(l.exact[min(room, l.longest)])
}

// extraWord returns a word of another script, or of Latin with letters that GSM-7 does not have.
func (g *Generator) extraWord(s Script, room int) string {
	if s == Latin {
		return g.fit(g.accentsWide, room)
	}
	return g.fit(g.scripts[s], room)
}

// setCase gives the text from that offset on the plan's case style.
func (g *Generator) setCase(from int, p plan) {
	text := g.out[from:]
	curly := p.Size.Encoding == sms.UCS2 && p.Features.Has(Curly)
	if p.Case == Lower && !curly {
		lowerASCII(text)
		return
	}
	g.tmp = append(g.tmp[:0], text...)
	g.out = g.out[:from]
	stop, word := true, true
	for i, r := range string(g.tmp) {
		switch {
		case r == '\'' && curly:
			r = '’'
		case !unicode.IsLetter(r):
			stop = stop || r == '.'
			word = r != '\''
		default:
			r = g.caseOf(r, p.Case, stop, word, i)
			stop, word = false, false
		}
		g.out = utf8.AppendRune(g.out, r)
	}
}

// caseOf returns a letter in the case style, given whether it begins a sentence or a word.
func (g *Generator) caseOf(r rune, c Case, begin, word bool, at int) rune {
	switch c {
	case Lower:
		return unicode.ToLower(r)
	case Upper:
		return unicode.ToUpper(r)
	case Sentence:
		if begin || word && r == 'i' && g.alone(at) {
			return unicode.ToUpper(r)
		}
	case Mixed:
		if word && (begin || g.intn(3) == 0) {
			return unicode.ToUpper(r)
		}
	}
	return r
}

// alone says whether the letter at that offset of g.tmp is a word by itself, as in "i" and "i'm".
func (g *Generator) alone(at int) bool {
	return at+1 >= len(g.tmp) || g.tmp[at+1] == ' ' || g.tmp[at+1] == '\''
}

func lowerASCII(b []byte) {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
}
