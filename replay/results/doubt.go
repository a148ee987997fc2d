package results

import (
	"fmt"

	"reprise/replay"
)

// contradicted says that a ledger counts other results than the rows are: something of the run is missing, or twice there, and
// no damage of the file tells why.
const contradicted = "the ledger counts %d ok, %d failed and %d shed, and the rows are %d, %d and %d"

// doubt compares the last footer with the rows before it. It is called at the end of the file. Where rows are known to be
// damaged that has been said already. What was never sent has rows or none, so that the ledger can only hold more of it.
func (r *Reader) doubt() {
	if r.footer == nil || len(r.damage.List()) > 0 {
		return
	}
	told, are, lost := r.footer.Ledger.Tally, r.counted, r.footer.Lost // which a repair of the file has told
	apart := func(told, are int64) bool { return told < are || told > are+lost }
	if apart(told.OK, are.OK) || apart(told.Failed, are.Failed) || apart(told.Shed, are.Shed) || told.Unsent < are.Unsent ||
		told.OK+told.Failed+told.Shed > are.OK+are.Failed+are.Shed+lost {
		r.damage.Add(Damage{
			Offset: r.in.Offset(), Reason: Reason(fmt.Sprintf(contradicted, told.OK, told.Failed, told.Shed, are.OK, are.Failed, are.Shed)),
		})
	}
}

// count keeps account of the rows of a block.
func (r *Reader) count(rows []replay.Result) {
	for i := range rows {
		r.counted.Count(&rows[i])
	}
}
