package columns

// arena gives memory for the numbers of one block, and the same memory again for the next.
type arena struct {
	small []uint32
	wide  []int64
	texts []byte // of lists, one after another
	full  int    // bytes of lists that have other memory
	lent  int    // bytes of lists that are parts of others
	usual int    // bytes of all lists of the block before
}

func (a *arena) reset() {
	a.usual, a.full, a.lent = a.full+len(a.texts), 0, 0
	a.small, a.wide, a.texts = a.small[:0], a.wide[:0], a.texts[:0]
}

// written is how many bytes the lists have.
func (a *arena) written() int { return a.full + a.lent + len(a.texts) }

// room makes room for more bytes of the list that begins at from, and returns where it begins then. Other lists are not moved: they keep the
// memory that they have.
func (a *arena) room(from, more int) int {
	const least, most = 1 << 14, 1 << 20
	if cap(a.texts)-len(a.texts) >= more {
		return from
	}
	begun := a.texts[from:]
	a.full += from
	room := max(more, least, min(2*cap(a.texts), most), min(a.usual-a.full, maxPayload))
	a.texts = append(make([]byte, 0, len(begun)+room), begun...)
	return 0
}

// ahead guesses how many bytes a list of rows values takes to its end, of which the first few take so many.
func ahead(rows, few, bytes int) int {
	const most = 4 << 20 // what a file says is not believed beyond
	return min(int(int64(bytes)*int64(rows-few)/int64(few))*9/8+shortValue, most)
}

const (
	firstValues = 32  // by which the length of others is guessed
	shortValue  = 256 // bytes
)

// numbers returns memory for n numbers. It is not cleared.
func (a *arena) numbers(n int) []uint32 {
	a.small = grown(a.small, n)
	at := len(a.small)
	a.small = a.small[:at+n]
	return a.small[at : at+n : at+n]
}

// zeros returns memory for n numbers that are 0.
func (a *arena) zeros(n int) []uint32 {
	list := a.numbers(n)
	clear(list)
	return list
}

func (a *arena) wides(n int) []int64 {
	a.wide = grown(a.wide, n)
	at := len(a.wide)
	a.wide = a.wide[:at+n]
	return a.wide[at : at+n : at+n]
}

// grown returns s, or an empty slice where s has no room for n more: what was given of s stays with those who have it.
func grown[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return make([]T, 0, max(n, 1<<14, min(2*cap(s), 1<<20)))
}

func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

func (a *arena) copyOf(list []uint32) []uint32 {
	c := a.numbers(len(list))
	copy(c, list)
	return c
}
