package logs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// node is a step of the wanted places, all of them in one tree.
type node struct {
	slot     int // where in scanner.found the value goes; -1 where it is only passed through
	children map[string]*node
	marks    uint64 // those of the children's names
	members  []member
	changes  int // of members
}

// member is what stood last at a place of an object.
type member struct {
	name  string // as it was written; "" is none
	child *node
}

// remember notes a member, unless it is too far back or its name too long.
func (n *node) remember(at int, name []byte, child *node) {
	const most, longest, enough = 64, 64, 1 << 14 // where names never come in the same order, it is no use
	if at >= most || len(name) > longest || n.changes == enough {
		return
	}
	n.changes++
	for len(n.members) <= at {
		n.members = append(n.members, member{})
	}
	n.members[at] = member{string(name), child}
}

// markOf is one bit that a name has: most names that are not looked for have another than those that are.
func markOf[T []byte | string](name T) uint64 {
	if len(name) == 0 {
		return 1
	}
	return 1 << ((len(name) + 5*int(name[len(name)-1])) & 63)
}

// at returns the child for an array's element; n may be nil.
func (n *node) at(index int) *node {
	if n == nil || n.children == nil {
		return nil
	}
	var digits [20]byte
	return n.children[string(strconv.AppendInt(digits[:0], int64(index), 10))]
}

// tree collects pointers and gives each its slot; equal pointers share one.
type tree struct {
	root  *node
	slots int
}

func newTree() *tree { return &tree{root: &node{slot: noSlot}} }

// noSlot is the slot of a field that the map leaves out.
const noSlot = -1

// add returns the slot of a place; "" has none.
func (t *tree) add(place string) int {
	if place == "" {
		return noSlot
	}
	n := t.root
	for _, token := range tokens(place) {
		if n.children == nil {
			n.children = make(map[string]*node)
		}
		next := n.children[token]
		if next == nil {
			next = &node{slot: noSlot}
			n.children[token] = next
			n.marks |= markOf(token)
		}
		n = next
	}
	if n.slot == noSlot {
		n.slot = t.slots
		t.slots++
	}
	return n.slot
}

// tokens are the names on the way to a place: those of a JSON pointer, or a bare name.
func tokens(place string) []string {
	if !strings.HasPrefix(place, "/") {
		return []string{place}
	}
	list := strings.Split(place[1:], "/")
	escapes := strings.NewReplacer("~1", "/", "~0", "~")
	for i := range list {
		list[i] = escapes.Replace(list[i])
	}
	return list
}

// checkPlace says what is wrong with a place.
func checkPlace(place string) error {
	if place == "" {
		return errors.New("a place is empty")
	}
	if !strings.HasPrefix(place, "/") {
		return nil
	}
	for i := 0; i < len(place); i++ {
		if place[i] != '~' {
			continue
		}
		if i+1 >= len(place) || place[i+1] != '0' && place[i+1] != '1' {
			return fmt.Errorf(`%q is no JSON pointer: "~" is written "~0"`, place)
		}
		i++
	}
	return nil
}
