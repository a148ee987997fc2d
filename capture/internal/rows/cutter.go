package rows

import (
	"bytes"
	"slices"
)

// Cutter finds where an object ends, in as many steps as its bytes come. It sees where one was cut off, and the next one begins within
// it: its damage is then no more than it.
type Cutter struct {
	// Broken says that the object does not end where End says: that is where reading goes on behind it.
	Broken bool

	names  []string // of the members that hold rows
	page   bool     // End says where such a member's value begins
	at     int      // looked at so far
	depth  int
	arrays uint64 // which of the innermost 64 that are open are arrays, by bit
	deep   bool   // there were more
	quote  int    // where the string that is open begins; 0 where none is
	long   bool   // its begin is gone
	before byte
}

// looked is how much of the data need not be there any more: what was looked at, but for what tells whether a quote is escaped.
func (c *Cutter) looked() int {
	const slashes = 64
	return max(0, c.at-slashes)
}

// drop has the cutter go on where n bytes are gone.
func (c *Cutter) drop(n int) {
	c.at = max(0, c.at-n)
	if c.quote > 0 {
		c.long = c.long || c.quote <= n
		c.quote = max(1, c.quote-n)
	}
}

// End returns how many bytes an object that data begins with has; 0 where more is needed. Of one that was cut off it is where that shows.
func (c *Cutter) End(data []byte) int {
	if c.Broken {
		return c.resume(data)
	}
	for c.at < len(data) {
		if c.quote > 0 {
			if n := c.endString(data); n > 0 || c.quote > 0 {
				return n
			}
			continue
		}
		switch b := data[c.at]; b {
		case ' ', '\t', '\r', '\n':
			c.at++
			continue
		case '"':
			if c.before != '{' && c.before != '[' && c.before != ',' && c.before != ':' {
				return c.resume(data)
			}
			c.quote, c.long = c.at+1, false
		case '{', '[':
			if !c.mayOpen() {
				return c.resume(data)
			}
			c.open(b)
		case '}', ']':
			if !c.closes(b) {
				return c.resume(data)
			}
			if c.depth == 0 {
				return c.at + 1
			}
		}
		c.before = data[c.at]
		c.at++
	}
	return 0
}

// mayOpen says whether an object or an array may begin behind what stands before it: in an object that is a colon alone.
func (c *Cutter) mayOpen() bool {
	switch c.before {
	case 0, '[', ':':
		return true
	case ',':
		return c.deep || c.arrays&1 == 1
	}
	return false
}

// open goes into an object or an array.
func (c *Cutter) open(bracket byte) {
	c.depth++
	c.deep = c.deep || c.depth > 64
	c.arrays <<= 1
	if bracket == '[' {
		c.arrays |= 1
	}
}

// closes leaves what is open; false where the bracket is of the other kind.
func (c *Cutter) closes(bracket byte) bool {
	if array := c.arrays&1 == 1; !c.deep && array != (bracket == ']') {
		return false
	}
	c.depth--
	c.arrays >>= 1
	return true
}

// broken says where reading goes on behind an object whose damage shows at a place: there, or at the last line before it that begins with
// a brace, as that is an object of its own that the damaged one seemed to hold.
func (c *Cutter) broken(data []byte, at int) int {
	c.Broken = true
	if line := bytes.LastIndex(data[:at], []byte("\n{")); line >= 0 {
		return line + 1
	}
	return at
}

// resume is where reading goes on behind damage: at the next brace or line; 0 where more is needed to see that.
func (c *Cutter) resume(data []byte) int {
	c.Broken = true
	if i := bytes.IndexAny(data[c.at:], "{\n"); i >= 0 {
		return c.broken(data, c.at+i)
	}
	c.at = len(data)
	return 0
}

// endString goes on to behind the string that is open, and returns 0. Where it cannot be one, it returns where reading goes on: no
// line ends within a string, and what follows one is a comma, a colon or the end of something.
func (c *Cutter) endString(data []byte) int {
	for from := c.at; ; from = c.at {
		i := bytes.IndexByte(data[from:], '"')
		last := i < 0
		if last {
			i = len(data) - from
		}
		if line := bytes.IndexByte(data[from:from+i], '\n'); line >= 0 {
			return c.broken(data, from+line)
		}
		if last {
			c.at = len(data)
			return 0
		}
		c.at = from + i + 1
		if !escaped(data[c.quote : from+i]) {
			break
		}
	}
	text := data[c.quote : c.at-1]
	rest := bytes.TrimLeft(data[c.at:], " \t\r\n")
	if len(rest) == 0 { // what follows has yet to come
		c.at--
		return 0
	}
	if bytes.IndexByte([]byte(",:}]"), rest[0]) < 0 {
		if open := bytes.LastIndexByte(text, '{'); open >= 0 && len(bytes.TrimSpace(text[open+1:])) == 0 {
			return c.broken(data, c.quote+open)
		}
		return c.resume(data)
	}
	if rest[0] == ':' && c.depth == 1 && !c.long && slices.Contains(c.names, string(text)) {
		switch value := bytes.TrimLeft(rest[1:], " \t\r\n"); {
		case len(value) == 0: // has yet to come, too
			c.at--
			return 0
		case value[0] == '[', value[0] == '{':
			c.page = true
			return len(data) - len(value)
		}
	}
	c.quote, c.before = 0, '"'
	return 0
}

// escaped says whether what follows a text is escaped by a backslash.
func escaped(text []byte) bool {
	slashes := 0
	for k := len(text) - 1; k >= 0 && text[k] == '\\'; k-- {
		slashes++
	}
	return slashes%2 == 1
}
