package report

import (
	"reprise/capture/wording"
	"reprise/replay/compare"
)

// LeftOutNotes say which runs a baseline was not made of, and why; nothing where it is made of all that were given.
func LeftOutNotes(p *compare.Profile) []string {
	list := leftOut(p.LeftOut)
	if len(list) == 0 {
		return nil
	}
	return append(list, "the baseline is made of the other "+wording.Count(int64(len(p.Runs)), "run"))
}

func leftOut(list []compare.LeftOut) (out []string) {
	for _, l := range list {
		out = append(out, "left out of the baseline: "+l.Text)
	}
	return out
}
