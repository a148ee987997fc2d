package logs

import (
	"fmt"
	"strconv"
	"strings"
)

// node is a step of the wanted JSON pointers (RFC 6901), all of them in one tree.
type node struct {
	slot     int // where in scanner.found the value goes; -1 where it is only passed through
	children map[string]*node
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

// add returns the slot of pointer; "" has none.
func (t *tree) add(pointer string) int {
	if pointer == "" {
		return noSlot
	}
	escapes := strings.NewReplacer("~1", "/", "~0", "~")
	n := t.root
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = escapes.Replace(token)
		if n.children == nil {
			n.children = make(map[string]*node)
		}
		next := n.children[token]
		if next == nil {
			next = &node{slot: noSlot}
			n.children[token] = next
		}
		n = next
	}
	if n.slot == noSlot {
		n.slot = t.slots
		t.slots++
	}
	return n.slot
}

// checkPointer says what is wrong with a pointer.
func checkPointer(pointer string) error {
	if !strings.HasPrefix(pointer, "/") {
		return fmt.Errorf(`%q is no JSON pointer: it must begin with "/"`, pointer)
	}
	for i := strings.IndexByte(pointer, '~'); i >= 0; {
		if i+1 >= len(pointer) || pointer[i+1] != '0' && pointer[i+1] != '1' {
			return fmt.Errorf(`%q is no JSON pointer: "~" is written "~0"`, pointer)
		}
		next := strings.IndexByte(pointer[i+1:], '~')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return nil
}
