package texts

import "strconv"

// orderNumbers are the runs of four to six digits that a generator may write: a closed set, so that any other run is
// known to come from elsewhere. They begin with 9 and repeat a pair, as few real ones do.
func orderNumbers() (byLength [7][]string) {
	for i := range 30 {
		pair := 10 + 3*i
		p := strconv.Itoa(pair)
		byLength[4] = append(byLength[4], "90"+p)
		byLength[5] = append(byLength[5], "9"+p+p)
		byLength[6] = append(byLength[6], "90"+p+p)
	}
	return byLength
}

// number returns a number, perhaps with the word that goes with it, of at most room units; "" where none fits.
func (g *Generator) number(room int) string {
	switch {
	case room < 1:
		return ""
	case room >= 12 && g.intn(3) == 0:
		return "order " + g.pick(g.orders[4+g.intn(3)])
	case room >= 9 && g.intn(2) == 0:
		return g.pick(g.numberWords) + " " + g.digits(1+g.intn(2))
	}
	return g.digits(min(room, 1+g.intn(3)))
}

// digits returns a number of 1 to 3 digits that does not begin with 0.
func (g *Generator) digits(n int) string {
	low := 1
	for range n - 1 {
		low *= 10
	}
	return strconv.Itoa(low + g.intn(9*low))
}

func numberWordList() []string { return []string{"size", "for", "at", "by", "code", "about", "only"} }

// digitGroups writes exactly n units of digits, in groups of at most 3 but for a lone order number. Between groups stands
// a comma: with a dash or a space they would read as a telephone number.
func (g *Generator) digitGroups(n int) {
	if n >= 4 && n <= 6 {
		g.put(g.pick(g.orders[n]))
		return
	}
	for n > 0 {
		if n <= 3 {
			g.put(g.digits(n))
			return
		}
		l := 3
		if n == 4 {
			l = 2
		}
		g.put(g.digits(l))
		g.put(",")
		n -= l + 1
	}
}

// The host of every link: reserved by RFC 2606.
const (
	linkHost   = "example.com"
	linkScheme = "https://"
)

// linkUnits returns how many of at most room units a link is to take; 0 where none fits.
func (g *Generator) linkUnits(room int) int {
	switch {
	case room < len(linkHost):
		return 0
	case room < len(linkHost)+2:
		return len(linkHost)
	case room < len(linkScheme)+len(linkHost)+2:
		return len(linkHost) + 2 + g.intn(min(room-len(linkHost)-1, 8))
	}
	return len(linkScheme) + len(linkHost) + 2 + g.intn(min(room-len(linkScheme)-len(linkHost)-1, 16))
}

// link writes a link of exactly n units, as linkUnits gave them.
func (g *Generator) link(n int) {
	if n >= len(linkScheme)+len(linkHost)+2 {
		g.put(linkScheme)
		n -= len(linkScheme)
	}
	g.put(linkHost)
	for n -= len(linkHost); n > 0; {
		g.put("/")
		n--
		w := g.pick(g.paths.all)
		if l := len(w); l != n && l > n-2 {
			w = g.pick(g.paths.exact[min(n, g.paths.longest)])
			if n-len(w) == 1 {
				w = g.pick(g.paths.exact[1])
			}
		}
		g.put(w)
		n -= len(w)
	}
}

// networkCode is the mobile country and network code of every generated place.
const networkCode = "310260"
