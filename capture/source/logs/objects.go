package logs

import (
	"bytes"

	"reprise/capture/internal/rows"
)

// objects cuts an input into its JSON objects, whatever stands between them: white space or nothing, commas, and the brackets of
// arrays. What is no JSON is given, too, up to where an object may begin: whoever reads it will see.
type objects struct {
	rows.Window
	// whole says how long the object is that data begins with; 0 where it is not whole, or broken. Most are read in one go by it.
	whole  func(data []byte) int
	cut    cutter
	number int64 // of the object last given, from 1
	arrays int   // that are open
	give   int   // bytes of the window that the last call gave
	gone   int64 // bytes of the object given up last
	large  *large
}

// next implements splitter.
func (o *objects) next() ([]byte, error) {
	o.Take(o.give)
	o.give = 0
	for !o.between() {
		if !o.More() {
			return nil, o.Err()
		}
	}
	o.number++
	if o.Data()[0] != '{' {
		return o.garbage()
	}
	if n := o.whole(o.Data()); n > 0 {
		o.give = n
		return o.Data()[:n], nil
	}
	o.cut = cutter{}
	for {
		if n := o.cut.end(o.Data()); n > 0 {
			o.give = n
			return o.Data()[:n], nil
		}
		if o.More() {
			continue
		}
		if o.Err() == nil {
			if o.large.enter(o) {
				o.number--
				return o.next()
			}
			return o.passOver()
		}
		o.give = len(o.Data())
		return o.Data(), o.Err()
	}
}

// passOver gives up an object that is too long, up to its end.
func (o *objects) passOver() ([]byte, error) {
	o.gone = 0
	for {
		n := o.cut.end(o.Data())
		ended := n > 0
		if !ended {
			n = o.cut.looked()
			o.cut.drop(n)
		}
		o.Take(n)
		o.gone += int64(n)
		if ended || !o.More() {
			return nil, nil
		}
	}
}

// between passes over what stands between objects; false where the window ends first.
func (o *objects) between() bool {
	data := o.Data()
	for i, c := range data {
		switch c {
		case ' ', '\t', '\r', '\n', ',', 0x1e: // which begins each text of a JSON sequence (RFC 7464)
		case '[':
			o.arrays++
		case ']':
			if o.arrays = max(0, o.arrays-1); o.arrays == 0 && o.large.entered() {
				o.Take(i + 1)
				o.large.leave(o)
				return o.between()
			}
		default:
			if i == 0 && o.Taken() == 0 && bytes.HasPrefix(data, []byte("\ufeff")) {
				o.Take(len("\ufeff"))
				return o.between()
			}
			o.Take(i)
			return true
		}
	}
	o.Take(len(data))
	return false
}

// garbage gives what is no object, up to the next one or to the end of the line.
func (o *objects) garbage() ([]byte, error) {
	for from := 1; ; {
		if i := bytes.IndexAny(o.Data()[from:], "{\n"); i >= 0 {
			o.give = from + i
			return o.Data()[:o.give], nil
		}
		from = len(o.Data())
		if o.More() {
			continue
		}
		if o.Err() == nil {
			return o.discard()
		}
		o.give = from
		return o.Data(), o.Err()
	}
}

// discard gives up what is no object and too long: reading goes on behind the next line's end, or with the object that is next.
func (o *objects) discard() ([]byte, error) {
	o.gone = 0
	for {
		n := bytes.IndexByte(o.Data(), '\n')
		if n >= 0 {
			o.gone += int64(n)
			o.Take(n)
			return nil, nil
		}
		o.gone += int64(len(o.Data()))
		o.Take(len(o.Data()))
		if !o.More() {
			return nil, nil
		}
	}
}

func (o *objects) position() (number int64, unit string) { return o.number, "object" }

func (o *objects) lost() int64 { return o.gone }

// cutter finds where an object ends, in as many steps as its bytes come. It sees where one was cut off, and the next one begins within
// it: its damage is then no more than it.
type cutter struct {
	at     int // looked at so far
	depth  int
	quote  int // where the string that is open begins; 0 where none is
	before byte
}

// looked is how much of the data need not be there any more: what was looked at, but for what tells whether a quote is escaped.
func (c *cutter) looked() int {
	const slashes = 64
	return max(0, c.at-slashes)
}

// drop has the cutter go on where n bytes are gone.
func (c *cutter) drop(n int) {
	c.at = max(0, c.at-n)
	if c.quote > 0 {
		c.quote = max(1, c.quote-n)
	}
}

// end returns how many bytes an object that data begins with has; 0 where more is needed. Of one that was cut off it is where that shows.
func (c *cutter) end(data []byte) int {
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
				return resume(data, c.at)
			}
			c.quote = c.at + 1
		case '{', '[':
			if c.before != 0 && c.before != '[' && c.before != ',' && c.before != ':' {
				return resume(data, c.at)
			}
			c.depth++
		case '}', ']':
			if c.depth--; c.depth == 0 {
				return c.at + 1
			}
		}
		c.before = data[c.at]
		c.at++
	}
	return 0
}

// resume is where reading goes on behind damage: at the next brace or line.
func resume(data []byte, from int) int {
	if i := bytes.IndexAny(data[from:], "{\n"); i >= 0 {
		return from + i
	}
	return len(data)
}

// endString goes on to behind the string that is open, and returns 0. Where it cannot be one, it returns where reading goes on: no
// line ends within a string, and what follows one is a comma, a colon or the end of something.
func (c *cutter) endString(data []byte) int {
	for from := c.at; ; from = c.at {
		i := bytes.IndexByte(data[from:], '"')
		last := i < 0
		if last {
			i = len(data) - from
		}
		if line := bytes.IndexByte(data[from:from+i], '\n'); line >= 0 {
			return from + line
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
			return c.quote + open
		}
		return resume(data, c.at)
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
