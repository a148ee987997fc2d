package frame

import "slices"

// Damage is a part of a file that could not be used.
type Damage struct {
	// Offset is where the part begins, in bytes from the start of the file; Length is how much it takes, as far as is known.
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
	// Line is where it is in place of Offset, from 1, where a corpus was made of lines.
	Line int64 `json:"line,omitempty"`
	// Reason is a fixed phrase, with counts where a file contradicts itself.
	Reason Reason `json:"reason"`
	// Records is how many records of a corpus are lost by it; -1 where that cannot be known.
	Records int64 `json:"records,omitempty"`
	// Block says that records or hosts of a corpus may be lost, not just the header or the footer.
	Block bool `json:"block,omitempty"`
	// Spare says that nothing is lost: another copy of what the part held is whole.
	Spare bool `json:"spare,omitempty"`
}

// Lossless says whether nothing is lost of a file with such damage.
func Lossless(list []Damage) bool {
	return !slices.ContainsFunc(list, func(d Damage) bool { return !d.Spare })
}

// maxDamage bounds a list: what comes after is added up in its last entry.
const maxDamage = 4096

// Damages is what could not be used of a file, in the order in which it was met.
type Damages struct {
	list []Damage
	open int // 1 + the index of an entry whose lost records are not known yet; 0 where there is none
}

// List returns the parts; it is nil where there are none.
func (l *Damages) List() []Damage { return l.list }

// Add takes note of damage, once however often it is met. Where it does not say how many records are lost, Settle may.
func (l *Damages) Add(d Damage) {
	same := func(o Damage) bool { return o.Offset == d.Offset && o.Line == d.Line && o.Reason == d.Reason }
	if i := slices.IndexFunc(l.list, same); i >= 0 { // met before a seek
		l.wait(i, d)
		return
	}
	if len(l.list) == maxDamage {
		last := &l.list[maxDamage-1]
		last.Length = d.Offset + d.Length - last.Offset
		if last.Records < 0 || d.Records < 0 {
			last.Records = -1
		} else {
			last.Records += d.Records
		}
		return
	}
	l.list = append(l.list, d)
	l.wait(len(l.list)-1, d)
}

// Extend takes note of damage as Add does; where it follows the last part without a gap, it is counted to that.
func (l *Damages) Extend(d Damage) {
	if n := len(l.list); n > 0 && l.list[n-1].Offset+l.list[n-1].Length == d.Offset {
		l.list[n-1].Length += d.Length
		l.list[n-1].Spare = false
		return
	}
	l.Add(d)
}

// Spare says of the part at an offset that it was one of two copies, so long, and that the other is whole. A part of another length has
// taken more with it, and stays as it is.
func (l *Damages) Spare(offset, length int64) {
	for i := range l.list {
		if d := &l.list[i]; d.Offset == offset && d.Length == length {
			d.Spare = true
		}
	}
}

func (l *Damages) wait(i int, d Damage) {
	if d.Records < 0 && l.open == 0 {
		l.open = i + 1
	}
}

// Settle says how many records are missing before the next one that is known to exist, which is at offset. The first damage
// since the last known record takes the blame for all.
func (l *Damages) Settle(missing, offset int64) {
	if l.open == 0 && missing > 0 {
		l.Add(Damage{Offset: offset, Reason: Missing, Records: missing, Block: true})
	}
	for i := l.open - 1; i >= 0 && i < len(l.list); i++ {
		if l.list[i].Records < 0 {
			l.list[i].Records, missing = missing, 0
		}
	}
	l.open = 0
}

// Forget says that reading goes on elsewhere: what is missing there is no matter of the damage so far.
func (l *Damages) Forget() { l.open = 0 }
