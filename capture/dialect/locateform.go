package dialect

import (
	"bytes"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
)

// query finds fields in the query of r's URL.
func (f *finder) query(r *capture.Record) {
	if query := strings.IndexByte(r.URL, '?'); query >= 0 {
		f.part = payload.InQuery
		f.form(r, bytesOf(r.URL), query+1)
	}
}

// form finds fields in a form, or in the query that begins at pos. It is the loop of payload's Scanner written out: a replay spends a tenth of its
// rendering in this loop, and calls for each item would make it a quarter longer (BenchmarkLocate).
func (f *finder) form(r *capture.Record, src []byte, pos int) {
	for pos < len(src) {
		end := len(src)
		if i := bytes.IndexByte(src[pos:], '&'); i >= 0 {
			end = pos + i
		}
		item := src[pos:end]
		if eq := bytes.IndexByte(item, '='); eq >= 0 {
			k := f.schema.names.find(item[:eq])
			switch {
			case k == nil || !k.form:
				f.unlisted(r, src, pos, pos+eq, end)
			case f.want&k.any == 0:
			default:
				class := f.classOf(k, r)
				if class.holdsJSON() {
					class = f.innerForm(class, k.name, r, src, pos+eq+1, end)
				}
				if f.want.Has(class) {
					f.add(class, k.name).SetForm(f.part, src, pos+eq+1, end)
					f.observe(src)
				}
			}
		} else if len(item) > 0 {
			f.bare(r, src, pos, end)
		}
		pos = end + 1
	}
}

// unlisted is for the item from start to end whose key, which ends at eq, no table lists as it stands.
func (f *finder) unlisted(r *capture.Record, src []byte, start, eq, end int) {
	key := src[start:eq]
	escaped := bytes.IndexByte(key, '%') >= 0 || bytes.IndexByte(key, '+') >= 0
	if !escaped && !f.want.Has(Unknown) && (eq == start || src[eq-1] < '0' || src[eq-1] > '9') {
		return
	}
	var buffer [3 * 64]byte
	name := key
	if escaped {
		name = payload.AppendDecodedForm(buffer[:0], key)
	}
	if len(key) > 0 && !payload.NameLike(name) {
		name = append(buffer[:0], '#')
		if f.want.Has(Unknown) {
			f.add(Unknown, f.named(name, "")).SetKey(f.part, src, start, eq)
			f.observe(src)
		}
	}
	class, listed := f.class(name, r)
	if class.holdsJSON() {
		class = f.innerForm(class, string(name), r, src, eq+1, end)
	}
	if f.want.Has(class) {
		f.add(class, f.named(name, listed)).SetForm(f.part, src, eq+1, end)
		f.observe(src)
	}
}

// innerForm is inner for the form's value from start to end.
func (f *finder) innerForm(class Class, name string, r *capture.Record, src []byte, start, end int) Class {
	var at payload.Span
	at.SetForm(f.part, src, start, end)
	var in payload.Inner
	return f.inner(&in, in.Open(&at, src, []byte(name)), class, src, r)
}

// bare is for an item without an equals sign, which may be a name or a value.
func (f *finder) bare(r *capture.Record, src []byte, start, end int) {
	if !f.want.Has(Unknown) {
		return
	}
	var buffer [3 * 64]byte
	name := payload.AppendDecodedForm(buffer[:0], src[start:end])
	if payload.NameLike(name) {
		if class, _ := f.class(name, r); class != Unknown {
			return
		}
	}
	f.add(Unknown, f.named(append(buffer[:0], '#'), "")).SetKey(f.part, src, start, end)
	f.observe(src)
}

// path finds fields among the segments of the path of a URL.
func (f *finder) path(url string) {
	path, _, _ := strings.Cut(url, "?")
	src := bytesOf(path)
	payload.EachPathField(src, func(name string, start, end int) {
		if class := PathClass(name); f.want.Has(class) {
			f.add(class, name).SetPath(src, start, end)
			f.observe(src)
		}
	})
}
