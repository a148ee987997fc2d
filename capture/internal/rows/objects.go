package rows

import (
	"bytes"
	"io"
)

// Objects cuts an input into its JSON objects, whatever stands between them: white space or nothing, commas, and the brackets of
// arrays. What is no JSON is given, too, up to where an object may begin.
type Objects struct {
	Window
	o ObjectOptions
	// Broken says that what Next gave last is no whole object. Of one that is, only its brackets and quotes are known to be right.
	Broken bool

	begun  bool
	cut    Cutter
	number int64 // of the object last given, from 1
	lines  int64 // that were taken
	line   int64 // on which the object begins that was last given, from 1, and which it is of that line
	nth    int64
	arrays int    // that are open, of the innermost page where there is one
	pages  []page // that reading is within
	atRows bool   // the rows of the innermost page come next
	give   int    // bytes of the window that the last call gave
	gone   int64  // bytes of the object given up last
}

// page is an object whose rows are read one after another.
type page struct {
	depth  int // how many objects the rows stand in
	arrays int // that are open around it
}

// deepestPage is how many pages may be within each other.
const deepestPage = 8

// ObjectOptions say what is more to an input than its objects. All may be nil.
type ObjectOptions struct {
	// Whole says how long the object is that data begins with; 0 where it is not whole, or broken. Most are read in one go by it.
	Whole func(data []byte) int
	// Pages are the names of members: an object that has an array or an object in one is a page, whose rows stand there.
	Pages []string
	// Enter says where the array begins in an object too long to be held whose elements are read in its place, and how many objects it stands
	// in; 0 where there is none. Left is called at the end of such an object.
	Enter func(data []byte) (at, depth int)
	Left  func()
}

// NewObjects returns one that gives objects of at most limit bytes.
func NewObjects(in io.Reader, limit int, o ObjectOptions) *Objects {
	return &Objects{Window: NewWindow(in, limit), o: o}
}

// Number is which of the input Next gave last, from 1.
func (o *Objects) Number() int64 { return o.number }

// Gone is how many bytes an object had that was too long.
func (o *Objects) Gone() int64 { return o.gone }

// Within says that reading is within an array or a page.
func (o *Objects) Within() bool { return o.arrays > 0 || len(o.pages) > 0 }

// Next gives the next object, valid until the next call. One that is too long is nil, without an error. An error may come with what stands
// before it, which is not whole.
func (o *Objects) Next() ([]byte, error) {
	if !o.begun {
		o.begun = true
		o.passMark()
	}
	o.take(o.give)
	o.give, o.Broken = 0, false
	for {
		if o.atEnd() {
			if !o.leave() {
				return nil, o.err
			}
			continue
		}
		if !o.between() {
			if !o.More() {
				return nil, o.err
			}
			continue
		}
		if o.atEnd() {
			continue
		}
		if object, entered, err := o.object(); !entered {
			return object, err
		}
	}
}

// take goes on behind n bytes, and counts their lines.
func (o *Objects) take(n int) {
	o.lines += int64(bytes.Count(o.Data()[:n], []byte{'\n'}))
	o.Take(n)
}

// begin notes where an object begins.
func (o *Objects) begin() {
	o.number++
	if line := o.lines + 1; line != o.line {
		o.line, o.nth = line, 0
	}
	o.nth++
}

// atEnd says that the rows of the innermost page are behind.
func (o *Objects) atEnd() bool { return len(o.pages) > 0 && o.arrays == 0 && !o.atRows }

// object gives what stands next. Of a page it gives nothing: entered says that its rows come next.
func (o *Objects) object() (object []byte, entered bool, err error) {
	o.begin()
	o.atRows = false
	if o.Data()[0] != '{' {
		object, err = o.garbage()
		return object, false, err
	}
	if o.o.Whole != nil {
		if n := o.o.Whole(o.Data()); n > 0 {
			o.give = n
			return o.Data()[:n], false, nil
		}
	}
	o.cut = Cutter{}
	if len(o.pages) < deepestPage {
		o.cut.names = o.o.Pages
	}
	for {
		if n := o.cut.End(o.Data()); n > 0 {
			if o.cut.page {
				o.enter(n, 1)
				return nil, true, nil
			}
			o.give, o.Broken = n, o.cut.Broken
			return o.Data()[:n], false, nil
		}
		if o.More() {
			continue
		}
		if o.err == nil {
			return nil, o.tooLong(), nil
		}
		o.give, o.Broken = len(o.Data()), true
		return o.Data(), false, o.err
	}
}

// enter goes on with the rows of a page that begin at a place.
func (o *Objects) enter(at, depth int) {
	o.number--
	o.nth--
	o.take(at)
	o.pages = append(o.pages, page{depth, o.arrays})
	o.arrays, o.atRows = 0, true
}

// tooLong gives up an object that is too long, up to its end, unless it has rows that can be entered.
func (o *Objects) tooLong() (entered bool) {
	if o.o.Enter != nil && len(o.pages) == 0 {
		if at, depth := o.o.Enter(o.Data()); at > 0 {
			o.enter(at, depth)
			return true
		}
	}
	o.gone = 0
	for {
		n := o.cut.End(o.Data())
		if n > 0 && o.cut.page {
			o.enter(n, 1)
			return true
		}
		ended := n > 0
		if !ended {
			n = o.cut.looked()
			o.cut.drop(n)
		}
		o.take(n)
		o.gone += int64(n)
		if ended || !o.More() {
			return false
		}
	}
}

// leave goes on behind the innermost page, or with more rows of it; false where the input ends within it.
func (o *Objects) leave() bool {
	p := o.pages[len(o.pages)-1]
	o.cut = Cutter{depth: p.depth, before: ']', names: o.o.Pages}
	for {
		if n := o.cut.End(o.Data()); n > 0 {
			o.take(n)
			if o.cut.page {
				o.atRows = true
				return true
			}
			o.arrays, o.pages = p.arrays, o.pages[:len(o.pages)-1]
			if o.o.Left != nil {
				o.o.Left()
			}
			return true
		}
		n := o.cut.looked()
		o.cut.drop(n)
		o.take(n)
		if !o.More() {
			o.take(len(o.Data()))
			return false
		}
	}
}

// between passes over what stands between objects, up to one or to the end of a page's rows; false where the window ends first.
func (o *Objects) between() bool {
	data := o.Data()
	for i, c := range data {
		switch c {
		case ' ', '\t', '\r', '\n', ',', 0x1e: // which begins each text of a JSON sequence (RFC 7464)
		case '[':
			o.arrays++
			o.atRows = false
		case ']':
			if o.arrays = max(0, o.arrays-1); o.atEnd() {
				o.take(i + 1)
				return true
			}
		default:
			o.take(i)
			return true
		}
	}
	o.take(len(data))
	return false
}

// garbage gives what is no object, up to the next one or to the end of the line.
func (o *Objects) garbage() ([]byte, error) {
	o.Broken = true
	for from := 1; ; {
		if i := bytes.IndexAny(o.Data()[from:], "{\n"); i >= 0 {
			o.give = from + i
			return o.Data()[:o.give], nil
		}
		from = len(o.Data())
		if o.More() {
			continue
		}
		if o.err == nil {
			o.discard()
			return nil, nil
		}
		o.give = from
		return o.Data(), o.err
	}
}

// discard gives up what is no object and too long: reading goes on behind the next line's end, or with the object that is next.
func (o *Objects) discard() {
	o.gone = 0
	for {
		n := bytes.IndexByte(o.Data(), '\n')
		if n >= 0 {
			o.gone += int64(n)
			o.take(n)
			return
		}
		o.gone += int64(len(o.Data()))
		o.take(len(o.Data()))
		if !o.More() {
			return
		}
	}
}
