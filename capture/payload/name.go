package payload

import "bytes"

// fieldName is the name of the field that a Scanner stands at. It holds names of the usual length itself, so that
// reading a record need not allocate.
type fieldName struct {
	n     int
	short [96]byte
	long  []byte // once a name was longer
}

func (f *fieldName) bytes() []byte {
	if f.long != nil {
		return f.long[:f.n]
	}
	return f.short[:f.n]
}

// room returns memory for a name of n bytes, with the name in it.
func (f *fieldName) room(n int) []byte {
	switch {
	case f.long == nil && n <= len(f.short):
		return f.short[:]
	case n > len(f.long):
		long := make([]byte, max(512, 2*n))
		copy(long, f.bytes())
		f.long = long
	}
	return f.long
}

// extend appends a step, after a dot where it is not the first.
func (f *fieldName) extend(step []byte) {
	room := f.room(f.n + 1 + len(step))
	if f.n > 0 {
		room[f.n] = '.'
		f.n++
	}
	f.n += copy(room[f.n:], step)
}

// setKey makes the name that of a form's key.
func (f *fieldName) setKey(key []byte) {
	room := f.room(len(key))
	if bytes.IndexByte(key, '%') < 0 && bytes.IndexByte(key, '+') < 0 {
		f.n = copy(room, key)
		return
	}
	f.n = len(appendDecodedForm(room[:0], key))
}

// setData makes the name that of a key that is none.
func (f *fieldName) setData() {
	f.room(1)[0] = '#'
	f.n = 1
}
