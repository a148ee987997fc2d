package answers

import (
	"slices"
	"strings"
)

// Difference is one path at which two shapes are not the same.
type Difference struct {
	Path string
	// What is "added", "removed", "type", "value", "noise" (both are ids or moments of one class, or numbers in a field that is
	// called an id) or "form".
	What string
	// Base and Candidate say what is there in words, never the value: "text of 12 bytes".
	Base, Candidate Class
}

// Differ lists where b is not like a.
func Differ(a, b *Shape) []Difference {
	if a.Form != b.Form {
		return []Difference{{What: "form", Base: Class(a.Form), Candidate: Class(b.Form)}}
	}
	var list []Difference
	x, y := a.Values, b.Values
	for len(x) > 0 || len(y) > 0 {
		var path string
		switch {
		case len(y) == 0 || len(x) > 0 && x[0].Path < y[0].Path:
			path = x[0].Path
		default:
			path = y[0].Path
		}
		i, j := prefix(x, path), prefix(y, path)
		if d, differs := at(path, x[:i], y[:j]); differs {
			list = append(list, d)
		}
		x, y = x[i:], y[j:]
	}
	return list
}

// prefix is how many of the first values have the path.
func prefix(v []Value, path string) int {
	n := slices.IndexFunc(v, func(v Value) bool { return v.Path != path })
	if n < 0 {
		return len(v)
	}
	return n
}

// at compares what is at one path: lists of values, sorted.
func at(path string, x, y []Value) (Difference, bool) {
	d := Difference{Path: path}
	if len(x) > 0 {
		d.Base = x[0].Class
	}
	if len(y) > 0 {
		d.Candidate = y[0].Class
	}
	switch {
	case slices.Equal(x, y):
		return d, false
	case len(x) == 0:
		d.What = "added"
	case len(y) == 0:
		d.What = "removed"
	case d.Base != d.Candidate:
		d.What = "type"
	case len(x) == len(y) && (d.Base.Fleeting() || d.Base == Number && namesID(path)) && sameKind(x, y):
		d.What = "noise"
	default:
		d.What = "value"
	}
	return d, true
}

// namesID says whether a field is called an id: "id", "message_id", "messageId". A number there counts something up.
func namesID(path string) bool {
	name := strings.TrimSuffix(path, "/text") // an element's
	name = strings.TrimPrefix(name[strings.LastIndexByte(name, '/')+1:], "@")
	for _, end := range []string{"_id", "-id", "Id", "ID"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return name == "id"
}

// sameKind says whether the values pair up in class and length; a moment's length may differ by its fraction's zeros, a
// count's by its digits.
func sameKind(x, y []Value) bool {
	for i := range x {
		if x[i].Class != y[i].Class || x[i].Len != y[i].Len && x[i].Class != Time && x[i].Class != Number {
			return false
		}
	}
	return true
}
