package results

import (
	"bytes"
	"slices"

	"reprise/capture/frame"
)

// Missing says what damage took of a run file: the figures are of the rest.
type Missing struct {
	// Results is how many of all that the run had, Of, are missing.
	Results int64 `json:"results"`
	Of      int64 `json:"of"`
	// Unknown says that some may be, and that the file's end, which counts them, is lost too: Results and Of are 0 then.
	Unknown bool `json:"unknown,omitempty"`
	// Completions says that the completions which the file holds are damaged and were left out.
	Completions bool `json:"completions,omitempty"`
}

// lost is what the damage that was met so far may have taken.
type lost struct {
	rows        bool // results
	completions bool // what a block of completions held
	unknown     bool // before the rows, and nobody knows what it was
	before      bool // results, before a repair, of a run without an end
}

// lostBefore is the name of the extension by which a repair says that rows may be lost, where no footer counts them. Part of the file format.
const lostBefore = "lost"

// lose has the file say that rows may be lost.
func (w *Writer) lose() {
	w.block(&frame.Head{Type: frame.Extension}, frame.AppendName(nil, lostBefore))
}

// losing takes note of a block that cannot be read: stored is what there is of its payload, and alone says that its head is whole and that the
// damage ends where the block does. A block of another kind than rows costs no result.
func (r *Reader) losing(h *frame.Head, stored []byte, alone bool) {
	switch {
	case !alone || r.version == 1 || h.Type == blockRows: // heads of version 1 have no checksum of their own
		r.lost.rows = true
		r.lost.unknown = r.lost.unknown || !r.begun
	case h.Type == frame.Extension && !r.begun:
		name := damagedName(stored)
		r.lost.completions = r.lost.completions || name == storedCompletions
		r.lost.unknown = r.lost.unknown || name == ""
	}
}

// namePlace is how far from the beginning of a payload, packed or not, the name of an extension is.
const namePlace = 64

// damagedName is the name that a damaged extension begins with; "" where that is not to be read. No packing changes a short text at the
// beginning of a payload.
func damagedName(stored []byte) string {
	stored = stored[:min(len(stored), namePlace)]
	names := []string{storedCompletions, playedSteps, capacityBlock, watchedFigures, disturbances, lostBefore}
	i := slices.IndexFunc(names, func(name string) bool { return bytes.Contains(stored, frame.AppendName(nil, name)) })
	if i < 0 {
		return ""
	}
	return names[i]
}

// Missing is what the file lacks; nil where that is nothing. It is asked after the last row.
func (r *Reader) Missing() *Missing {
	m := Missing{Completions: r.stored != nil && uint64(len(r.stored.entries)) != r.stored.total || r.stored == nil && r.lost.completions}
	rows := r.lost.rows || r.lost.before
	if r.footer != nil {
		if m.Of = r.footer.Rows + r.footer.Lost; m.Of > r.given {
			m.Results = m.Of - r.given
		}
		rows = m.Results > 0
	}
	m.Unknown = rows && r.footer == nil
	// What stood before the rows and was none of them is what a step of a search begins with, or completions.
	m.Completions = m.Completions || r.lost.unknown && r.stored == nil && !rows && len(r.played) == 0
	if !rows && !m.Completions {
		return nil
	}
	return &m
}
