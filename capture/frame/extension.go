package frame

import (
	"encoding/binary"
	"slices"
)

// Extension is the type of a block that a reader who does not know its name passes over: everything else in the file means the
// same without it. It is the same in both formats. Part of the file formats; never change.
const Extension = 'X'

// maxName is how long the name of an extension may be.
const maxName = 64

// AppendName appends an extension's name, with which its payload begins: 1 to 64 lower-case letters, digits, dots and hyphens.
func AppendName(payload []byte, name string) []byte {
	if !validName(name) {
		panic("frame: internal error: an extension has a name that is not allowed")
	}
	return append(binary.AppendUvarint(payload, uint64(len(name))), name...)
}

// CutName splits an extension's payload into its name and the rest; false where it does not begin with a name.
func CutName(payload []byte) (name string, rest []byte, ok bool) {
	n, used := binary.Uvarint(payload)
	if used <= 0 || n > maxName || n > uint64(len(payload)-used) {
		return "", nil, false
	}
	rest = payload[used:]
	name = string(rest[:n])
	return name, rest[n:], validName(name)
}

func validName(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return false
		}
	}
	return name != "" && len(name) <= maxName
}

// Names is a set of extensions' names, in the order in which they were met.
type Names struct{ list []string }

// maxNames bounds a set: a file that has more names only some of them.
const maxNames = 256

// Add takes a name in.
func (n *Names) Add(name string) {
	if len(n.list) < maxNames && !slices.Contains(n.list, name) {
		n.list = append(n.list, name)
	}
}

// List returns the names; it is nil where there are none.
func (n *Names) List() []string { return n.list }
