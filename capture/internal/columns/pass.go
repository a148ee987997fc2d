package columns

import (
	"slices"

	"reprise/capture"
)

// Pass passes over the next record if it is older than a time: ok is false where it is not, or where there is none. No more of it is made than
// what numbers keys that later records need, and of r its kind alone is set.
func (d *Decoder) Pass(r *capture.Record, before int64) (ns int64, ok bool, err error) {
	if d.given != nil {
		d.advance(d.given)
		d.given = nil
	}
	if d.at >= d.count || d.some {
		return 0, false, nil
	}
	if ns = d.first + d.columnOf[rowTime].at(d.at); ns >= before {
		return ns, false, nil
	}
	t, ok := d.record()
	if !ok {
		return 0, false, d.give()
	}
	if t.numbers == nil {
		t.numbers = d.numbering(t)
	}
	if len(t.numbers) > 0 && !d.ahead(t.numbers) {
		return 0, false, d.give()
	}
	r.Kind = capture.Kind(d.columnOf[rowKind].at(d.at))
	d.advance(t)
	return ns, true, nil
}

// numbering lists the columns of a template that number keys, and those that they follow from, in the order of their numbers.
func (d *Decoder) numbering(t *shape) []int {
	list := make([]int, 0, len(t.columns))
	has := make([]bool, len(d.columns))
	add := func(columns []int) {
		for _, c := range columns {
			if !has[c] {
				has[c] = true
				list = append(list, c)
			}
		}
	}
	for _, c := range t.columns {
		if d.columns[c].keyed() {
			add([]int{c})
		}
	}
	for i := 0; i < len(list); i++ {
		add(d.columns[list[i]].needs)
	}
	slices.Sort(list)
	return list
}
