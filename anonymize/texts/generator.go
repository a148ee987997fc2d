// Package texts writes texts that nobody wrote: sentences, names, places and links of a given shape.
//
// A generated text is a function of a seed and of a Shape, and of nothing else: no word of the text that the shape
// was taken from can come through. It has exactly the shape's encoding, units and parts, its white space around the
// text and its count of newlines; script, intent, case, emoji, digits, links and punctuation follow the shape as
// far as the size leaves room.
//
// Closed vocabulary: lower-case any output of this package (strings.ToLower) and cut it into words, a word being a
// maximal run of letters, marks and digits (unicode.IsLetter, IsMark, IsDigit) with the apostrophes ' and ’ inside
// it; then every word is one of Vocabulary(). A run of four or more digits comes from a small closed set that is
// listed there as well. Links have the host example.com.
//
// A generator may write a keyword of some platform by accident, most easily in texts of a few characters: the
// caller classifies what it gets and asks again with another seed. It never writes the default keywords alone.
//
// A Generator belongs to one goroutine; make one per worker. Its output for a seed does not depend on what it wrote
// before.
package texts

import (
	"math/bits"
	"math/rand/v2"
	"sync"

	"github.com/brianvoe/gofakeit/v7"

	"reprise/capture/sms"
)

// Version names what the texts of a seed depend on: this package's own tables and the release of gofakeit, of which another
// writes other names. It changes whenever the golden texts do.
const Version = "texts 2, gofakeit v7.18.1"

// Generator writes texts. Make it with New.
type Generator struct {
	*tables
	pcg   *rand.PCG
	faker *gofakeit.Faker
	out   []byte // the text that is being written
	tmp   []byte // a phrase that may not fit
}

// sharedTables are built once, at first use, and never change.
var sharedTables = sync.OnceValue(newTables)

// New returns a generator.
func New() *Generator {
	pcg := rand.NewPCG(0, 0)
	// (*gofakeit.Faker).Seed reseeds gofakeit's global source, not the instance: the source is kept here and seeded
	// for each text.
	return &Generator{tables: sharedTables(), pcg: pcg, faker: gofakeit.NewFaker(pcg, false)}
}

func (g *Generator) seed(seed [2]uint64) { g.pcg.Seed(seed[0], seed[1]) }

// intn returns a number in [0, n), n >= 1. It is part of the golden outputs: a change changes every text.
func (g *Generator) intn(n int) int {
	hi, _ := bits.Mul64(g.pcg.Uint64(), uint64(n))
	return int(hi)
}

func (g *Generator) pick(list []string) string { return list[g.intn(len(list))] }

// Text returns a text of the shape s; see the package comment for what it keeps. Equal seeds and shapes give equal
// texts.
func (g *Generator) Text(seed [2]uint64, s Shape) string {
	g.seed(seed)
	p := newPlan(s)
	if p.units <= 0 {
		return s.Lead + s.Trail
	}
	text := g.write(p)
	if sms.Measure(text) != s.Size {
		// An emoji of two units falls across the border of two parts.
		p.narrow = true
		text = g.write(p)
	}
	return text
}

// write returns the text of a plan, with the white space around it.
func (g *Generator) write(p plan) string {
	g.out = append(g.out[:0], p.Lead...)
	if waste := wastedUnits(p.Size); waste == 0 {
		g.core(p)
	} else {
		g.straddle(p, waste)
	}
	g.out = append(g.out, p.Trail...)
	return string(g.out)
}

// plan is a shape with the budget of what stands between its white space.
type plan struct {
	Shape
	units    int
	foreign  bool // a character outside the GSM alphabet must be written
	narrow   bool // characters of more than one unit must not
	sentence bool // a capital is due at the beginning
}

func newPlan(s Shape) plan {
	around := sms.Measure(s.Lead + s.Trail)
	p := plan{Shape: s, units: s.Size.Units - around.Units, sentence: true}
	if s.Size.Encoding == sms.UCS2 {
		p.foreign = around.Encoding == sms.GSM7
		p.units = s.Size.Units - utf16Len(s.Lead) - utf16Len(s.Trail)
	} else {
		p.Script, p.Extra = Latin, Latin
		p.Features &^= Curly | Ellipsis | EmojiOnly
		p.Emojis = 0
	}
	return p
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// wastedUnits returns how many units must be left empty at the ends of parts for the text to take as many parts as it
// does: a character of two units that does not fit a part leaves one.
func wastedUnits(z sms.Size) int {
	single, part := partUnits(z.Encoding)
	if z.Units <= single {
		return 0
	}
	return max(0, part*(z.Parts-1)-z.Units+1)
}

func partUnits(e sms.Encoding) (single, part int) {
	if e == sms.UCS2 {
		return 70, 67
	}
	return 160, 153
}

// straddle writes p.units units such that characters of two units fall across the first borders of parts.
func (g *Generator) straddle(p plan, waste int) {
	_, part := partUnits(p.Size.Encoding)
	pairs := []string{"€"}
	if p.Size.Encoding == sms.UCS2 {
		pairs = g.emojiTwo
	}
	p.narrow = true
	newlines := p.Newlines
	write := func(n int) {
		if n < 1 {
			return
		}
		q := p
		q.units, q.Newlines = n, min(newlines, max(0, n-2))
		newlines -= q.Newlines
		g.core(q)
		p = p.plain()
	}
	inPart := (p.Size.Units - p.units - g.trailUnits(p)) % part
	for ; waste > 0 && p.units >= part-1-inPart+2; waste-- {
		write(part - 1 - inPart)
		g.put(g.pick(pairs))
		p.units -= part - 1 - inPart + 2
		inPart = 2
	}
	write(p.units)
}

func (g *Generator) trailUnits(p plan) int {
	if p.Size.Encoding == sms.UCS2 {
		return utf16Len(p.Trail)
	}
	return sms.Measure(p.Trail).Units
}
