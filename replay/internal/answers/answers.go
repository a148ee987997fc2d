// Package answers says what the body of an answer looks like, path by path, without holding what is in it.
//
// A Shape tells two bodies apart and says where they differ: it keeps each value's path, class and length and 32 bits of
// its SHA-256, of which billions of other values have the same. Bodies are answers of the system under test; what of them
// is somebody's stays there.
package answers

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
)

// The bounds. What is beyond them is not kept.
const (
	// MaxBody is the longest body that is looked into, in bytes.
	MaxBody = 16 << 10
	// MaxShapes is how many different bodies of a run are kept.
	MaxShapes = 4096
	// maxValues and maxPath bound a shape's values and the bytes of a path.
	maxValues = 512
	maxPath   = 200
	maxDepth  = 32
)

// Shape is a body without its contents. Equal bodies have equal shapes.
type Shape struct {
	// Hash is the CRC-32C of the body, as in a run's rows.
	Hash uint32 `json:"hash"`
	// Form is "json", "xml", "form" or "text".
	Form  string `json:"form"`
	Bytes int    `json:"bytes"`
	// Values are sorted by path; the values of a list have one path, and their order is not kept.
	Values []Value `json:"values,omitempty"`
}

// Value is one leaf of a body.
type Value struct {
	// Path is like "messages/*/status": the list's index is a star, and so is a name that may be somebody's number or address.
	Path  string `json:"p"`
	Class Class  `json:"c"`
	// Len is the value's length in bytes, of an epoch without its fraction; Mark is 32 bits of its hash.
	Len  int    `json:"l,omitempty"`
	Mark uint32 `json:"m,omitempty"`
}

// Class is what a value is.
type Class string

// The classes. Those of ids and moments differ from run to run by their nature.
const (
	Null   Class = "null"
	Bool   Class = "bool"
	Number Class = "number"
	Text   Class = "text"
	Empty  Class = "empty" // a list, an object or a text without contents
	UUID   Class = "uuid"  // RFC 9562
	ULID   Class = "ulid"
	Time   Class = "time" // RFC 3339
	Epoch  Class = "epoch"
	Hex    Class = "hex" // 16 digits or more
	Base64 Class = "base64"
	ID     Class = "id" // letters and digits of one length, 16 or more, such as a vendor's SM…
)

// Fleeting says whether values of the class differ between any two runs.
func (c Class) Fleeting() bool {
	return slices.Contains([]Class{UUID, ULID, Time, Epoch, Hex, Base64, ID}, c)
}

// Keeper collects the shapes of a run's answers. It may be called by many goroutines.
type Keeper struct {
	mu     sync.RWMutex
	shapes map[uint32]*Shape
}

// Keep looks at a body whose CRC-32C is hash, unless one like it was seen or there are enough. The body is not kept.
func (k *Keeper) Keep(hash uint32, body []byte) {
	k.mu.RLock()
	_, known := k.shapes[hash]
	full := len(k.shapes) >= MaxShapes
	k.mu.RUnlock()
	if known || full || len(body) == 0 || len(body) > MaxBody {
		return
	}
	s := ShapeOf(body)
	s.Hash = hash
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shapes == nil {
		k.shapes = make(map[uint32]*Shape)
	}
	if len(k.shapes) < MaxShapes {
		k.shapes[hash] = &s
	}
}

// Shapes returns what was kept, in order of the hashes.
func (k *Keeper) Shapes() []Shape {
	k.mu.RLock()
	defer k.mu.RUnlock()
	list := make([]Shape, 0, len(k.shapes))
	for _, s := range k.shapes {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Shape) int { return int(int64(a.Hash) - int64(b.Hash)) })
	return list
}

// ShapeOf looks at a body: JSON, XML or a form by what it begins with, else it is one text.
func ShapeOf(body []byte) Shape {
	f := flat{}
	text := strings.TrimSpace(string(body))
	form := "text"
	switch {
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		if f.json(text) {
			form = "json"
		}
	case strings.HasPrefix(text, "<"):
		if f.xml(text) {
			form = "xml"
		}
	case isForm(text):
		if f.form(text) {
			form = "form"
		}
	}
	if form == "text" {
		f = flat{}
		f.text("", text)
	}
	slices.SortStableFunc(f.values, func(a, b Value) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		if c := strings.Compare(string(a.Class), string(b.Class)); c != 0 {
			return c
		}
		return int(int64(a.Mark) - int64(b.Mark))
	})
	return Shape{Form: form, Bytes: len(body), Values: f.values}
}

// mark is 32 bits of a value's hash.
func mark(v string) uint32 {
	sum := sha256.Sum256([]byte(v))
	return binary.LittleEndian.Uint32(sum[:])
}
