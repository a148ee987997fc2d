package rows

import (
	"bufio"
	"bytes"
)

// Await gives as much of an input as has come when enough says that it is enough, or when no more comes or fits; it is still to be read. It asks
// after each line that comes and, when it has asked often, each time that as much again has come: looking costs no more than reading.
func Await(in *bufio.Reader, enough func(start []byte) bool) []byte {
	const often, few = 100, 512
	lines, asked, again := -1, 0, 0
	for n := max(in.Buffered(), 1); ; n = in.Buffered() + 1 {
		_, err := in.Peek(n) // what ends it comes again
		start, _ := in.Peek(in.Buffered())
		if err != nil {
			return start
		}
		came := bytes.Count(start, []byte{'\n'})
		if (came == lines || asked > often) && len(start) < again {
			continue
		}
		if enough(start) {
			return start
		}
		lines, asked, again = came, asked+1, max(2*len(start), few)
	}
}
