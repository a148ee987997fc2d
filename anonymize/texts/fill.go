package texts

// words writes exactly n units of phrases; first says that nothing stands before them on the line. n is at least 1
// unless the caller asks for nothing.
func (g *Generator) words(p plan, n int, first bool) {
	if p.Script != Latin && p.Size.Encoding != 0 {
		g.scriptWords(g.scripts[p.Script], p, n)
		return
	}
	if p.foreign && n == 1 && p.units == 1 {
		g.put(g.pick(g.accentsWide.exact[1]))
		return
	}
	last := -1
	for n > 0 {
		if !first {
			if n == 1 {
				g.put(".")
				return
			}
			n -= g.joint(n)
		}
		first = false
		n -= g.phrase(p, n, &last)
	}
}

// joint writes what stands between two phrases and returns its units, leaving at least one.
func (g *Generator) joint(n int) int {
	switch g.intn(4) {
	case 0:
		if n > 14 {
			g.put(". ")
			return 2
		}
	case 1:
		if n > 14 {
			g.put(", ")
			return 2
		}
	}
	g.put(" ")
	return 1
}

// phrase writes a phrase other than the last that leaves nothing or at least three units of n, and returns its units.
func (g *Generator) phrase(p plan, n int, last *int) int {
	list := g.phrases[p.Intent]
	for range 3 {
		i := g.intn(len(list))
		if i == *last {
			continue
		}
		g.tmp = g.render(g.tmp[:0], list[i])
		if l := len(g.tmp); l == n || l <= n-3 {
			*last = i
			g.out = append(g.out, g.tmp...)
			return l
		}
	}
	if exact := g.short[p.Intent]; n < len(exact) && len(exact[n]) > 0 {
		g.put(g.pick(exact[n]))
		return n
	}
	l := n
	if n > g.fillers.longest {
		l = 3 + g.intn(7)
	}
	g.put(g.pick(g.fillers.exact[l]))
	return l
}

// render writes a phrase with its slots filled. Everything is ASCII, so bytes are units.
func (g *Generator) render(dst []byte, t template) []byte {
	for _, part := range t {
		switch part.slot {
		case 'p':
			dst = append(dst, g.pick(g.products)...)
		case 'n':
			dst = append(dst, g.faker.FirstName()...)
		case 'c':
			dst = append(dst, g.pick(g.cities)...)
		default:
			dst = append(dst, part.text...)
		}
	}
	return dst
}

// scriptWords writes exactly n units of a script's words.
func (g *Generator) scriptWords(l *lexicon, p plan, n int) {
	sep := p.Script.wordBreak()
	for first := true; n > 0; first = false {
		if !first {
			if n == 1 {
				g.put(".")
				return
			}
			g.put(sep)
			n--
		}
		w := g.pick(l.all)
		if u := utf16Len(w); u != n && u > n-2 {
			w = g.pick(l.exact[min(n, l.longest)])
			if n > l.longest && n-l.longest < 2 {
				w = g.pick(l.exact[1])
			}
		}
		g.put(w)
		n -= utf16Len(w)
	}
}

// emojis writes exactly p.units units of emoji, in groups where the text had white space.
func (g *Generator) emojis(p plan) {
	n := p.units
	for i := 0; n > 0; i++ {
		switch {
		case p.Features.Has(Spaced) && i%2 == 1 && n >= 2:
			g.put(" ")
			n--
		case n >= 2 && !p.narrow && (p.units%2 == 0 || n > 2):
			g.put(g.pick(g.emojiTwo))
			n -= 2
		default:
			g.put(g.pick(g.emojiOne))
			n--
		}
	}
}

// symbols writes exactly p.units units without a letter: digits in groups, punctuation, emoji.
func (g *Generator) symbols(p plan) {
	n := p.units
	emoji := ""
	if p.Emojis > 0 {
		emoji = g.emojiTail(p, n)
		n -= utf16Len(emoji)
	} else if p.foreign {
		emoji, n = "…", n-1
	}
	end := ""
	if n > 0 && p.Features.Has(Question) && (n > 1 || !p.Features.Has(Digits)) {
		end, n = "?", n-1
	}
	if n > 0 && p.Features.Has(Exclaim) && (n > 1 || !p.Features.Has(Digits)) {
		end, n = end+"!", n-1
	}
	if p.Features.Has(Digits) {
		g.digitGroups(n)
	} else {
		g.dots(n, end)
	}
	g.put(end)
	g.put(emoji)
}

// dots writes n units of punctuation.
func (g *Generator) dots(n int, end string) {
	mark := "."
	switch {
	case end != "":
		mark = end[:1]
	case n == 2 && g.intn(2) == 0:
		g.put(":)")
		return
	}
	for range n {
		g.put(mark)
	}
}
