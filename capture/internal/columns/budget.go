package columns

// budget is what a block's columns may still have, so that no block is written that a reader refuses. For every node that is to come it
// keeps what the plain way to write it takes.
type budget struct {
	numbers, nodes, work int
	texts                int // of lists
}

const plainNumbers = 2 // of a value that is written as it is

// reserve keeps room for nodes of so many rows each.
func (s *budget) reserve(rows, nodes int) {
	s.numbers += plainNumbers * rows * nodes
	s.work += rows * nodes
	s.nodes += nodes
}

// begin gives back what was kept for the numbers of a node of so many rows.
func (s *budget) begin(rows int) { s.numbers -= plainNumbers * rows }

// split takes so many more nodes of rows each, besides numbers; false where there is no room.
func (s *budget) split(rows, nodes, numbers int) bool {
	const rowNumbers = 8 << 16 // of times, kinds and so on
	if s.numbers+plainNumbers*rows*nodes+numbers > maxNumbers-rowNumbers || s.work+rows*nodes > maxWork/2 || s.nodes+nodes > maxNodes {
		return false
	}
	s.reserve(rows, nodes)
	s.numbers += numbers
	return true
}

// list takes a list of so many values and bytes.
func (s *budget) list(rows, values, bytes int) bool {
	if s.texts+bytes > maxPayload || !s.split(values, 1, 2*rows+values) {
		return false
	}
	s.texts += bytes
	return true
}
