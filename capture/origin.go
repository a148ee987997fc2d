package capture

// Origin says where the bytes of a record are from. It is about one record; a corpus that fixtures were made for has a state of its own
// (corpus.Synthetic), and its records have no mark.
type Origin uint8

// Where a record's bytes are from. The numbers are part of the corpus format; never renumber.
const (
	// Recorded bytes are as the vendor sent them.
	Recorded Origin = iota
	// Rebuilt ones were made of a message export, or of a payload that was logged as a parsed object: what is said is what was said
	// then, and headers, order and spelling are the vendor's usual ones.
	Rebuilt
	// Synthetic ones were rebuilt, and the text is generated too, as the export knows its length alone.
	Synthetic
)

// Rebuilt says that the vendor never sent these bytes. That holds for an origin of a later version, too.
func (o Origin) Rebuilt() bool { return o != Recorded }

// Origins counts records by where their bytes are from.
type Origins struct {
	// Rebuilt counts those whose bytes the vendor never sent, and Synthetic those of them whose text is generated.
	Rebuilt   int64 `json:"rebuilt"`
	Synthetic int64 `json:"synthetic"`
}

// Count counts a record.
func (n *Origins) Count(o Origin) {
	if o.Rebuilt() {
		n.Rebuilt++
	}
	if o == Synthetic {
		n.Synthetic++
	}
}
