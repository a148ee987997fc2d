package dialect

import (
	"bytes"
	"strings"

	"reprise/capture"
)

// form finds fields in a form, or in the query that begins at pos.
func (f *finder) form(r *capture.Record, which func(*capture.Record) int, src []byte, pos int) {
	for pos < len(src) {
		end := len(src)
		if i := bytes.IndexByte(src[pos:], '&'); i >= 0 {
			end = pos + i
		}
		item := src[pos:end]
		if eq := bytes.IndexByte(item, '='); eq < 0 {
			if len(item) > 0 {
				f.bare(src, pos, end, r, which)
			}
		} else {
			k := f.schema.names.find(item[:eq])
			switch {
			case k == nil || !k.form:
				f.odd(src, pos, pos+eq, end, r, which)
			case f.want&k.any == 0:
			default:
				if class := f.classOf(k, r, which); f.want.Has(class) {
					f.add(pos+eq+1, end, class, formValue, k.name, src)
				}
			}
		}
		pos = end + 1
	}
}

// odd is for the item from start to end whose key, which ends at eq, no table lists as it stands.
func (f *finder) odd(src []byte, start, eq, end int, r *capture.Record, which func(*capture.Record) int) {
	key := src[start:eq]
	escaped := bytes.IndexByte(key, '%') >= 0 || bytes.IndexByte(key, '+') >= 0
	if !escaped && !f.want.Has(Unknown) && (eq == start || digits(src[eq-1:eq]) == 0) {
		return
	}
	var buffer [3 * 64]byte
	name := key
	if escaped {
		name = appendDecodedForm(buffer[:0], key)
	}
	if len(key) > 0 && !nameLike(name) {
		if f.want.Has(Unknown) {
			f.add(start, eq, Unknown, formKey, "", src)
		}
		name = []byte("#")
	}
	if class, known := f.class(name, r, which); f.want.Has(class) {
		f.add(eq+1, end, class, formValue, known, src)
	}
}

// bare is for an item without an equals sign, which may be a name or a value.
func (f *finder) bare(src []byte, start, end int, r *capture.Record, which func(*capture.Record) int) {
	if !f.want.Has(Unknown) {
		return
	}
	var buffer [3 * 64]byte
	name := appendDecodedForm(buffer[:0], src[start:end])
	if nameLike(name) {
		if class, _ := f.class(name, r, which); class != Unknown {
			return
		}
	}
	f.add(start, end, Unknown, formKey, "", src)
}

// path finds fields among the segments of the path of a URL.
func (f *finder) path(url string) {
	path, _, _ := strings.Cut(url, "?")
	if !hasData(path) {
		return
	}
	f.part = InPath
	src := bytesOf(path)
	eachPathField(src, func(name string, start, end int) {
		if class := PathClass(name); f.want.Has(class) {
			f.add(start, end, class, pathValue, name, src)
		}
	})
}
