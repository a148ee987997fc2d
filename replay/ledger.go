package replay

import (
	"fmt"

	"reprise/capture"
)

// Tally says what became of the requests of one kind, or of all.
// It balances: Recorded + Added = Filtered + OK + Failed + Shed + Unsent.
type Tally struct {
	// Recorded counts the records of the corpus, Added the copies beyond the first that the schedule made.
	Recorded int64 `json:"recorded"`
	Added    int64 `json:"added"`
	// Filtered counts records that the selection, the thinning or the limit left out.
	Filtered int64 `json:"filtered"`
	// OK counts 2xx and 3xx answers; Failed every other request that was sent or could not be.
	OK     int64 `json:"ok"`
	Failed int64 `json:"failed"`
	// Shed counts requests dropped at the in-flight cap; Unsent those whose turn never came.
	Shed   int64 `json:"shed"`
	Unsent int64 `json:"unsent"`
}

// Scheduled is the number of requests that the schedule holds.
func (t Tally) Scheduled() int64 { return t.Recorded + t.Added - t.Filtered }

// Balanced says whether every request is accounted for.
func (t Tally) Balanced() bool { return t.Scheduled() == t.OK+t.Failed+t.Shed+t.Unsent }

// Count puts a result under what became of it.
func (t *Tally) Count(res *Result) {
	switch {
	case res.Error == ReasonShed:
		t.Shed++
	case res.Error == ReasonUnsent:
		t.Unsent++
	case res.OK():
		t.OK++
	default:
		t.Failed++
	}
}

// Plus returns the sum of two tallies.
func (t Tally) Plus(u Tally) Tally {
	t.Recorded += u.Recorded
	t.Added += u.Added
	t.Filtered += u.Filtered
	t.OK += u.OK
	t.Failed += u.Failed
	t.Shed += u.Shed
	t.Unsent += u.Unsent
	return t
}

// Ledger is the tally of a run, in all and per kind. Kinds are keyed by name; a kind with nothing is absent.
type Ledger struct {
	Tally
	Kinds map[string]Tally `json:"kinds"`
}

// Check returns an error that names the kind for which the ledger does not balance, or nil.
func (l Ledger) Check() error {
	var sum Tally
	for name, t := range l.Kinds {
		if !t.Balanced() {
			return fmt.Errorf("replay: internal error: the ledger of kind %s does not balance: %+v", name, t)
		}
		sum = sum.Plus(t)
	}
	if sum != l.Tally {
		return fmt.Errorf("replay: internal error: the ledger's kinds sum to %+v, its total is %+v", sum, l.Tally)
	}
	return nil
}

// Book holds a tally for every kind and makes a Ledger of them. Its zero value is empty.
type Book struct {
	kinds [capture.KindCount]Tally
	// retried counts what a plan does not know: requests added because an earlier one failed.
	retried [capture.KindCount]int64
}

// Of returns the tally of one kind, for counting.
func (b *Book) Of(k capture.Kind) *Tally {
	return &b.kinds[k.Known()]
}

// Again counts a request that was added to what was planned.
func (b *Book) Again(k capture.Kind) {
	b.Of(k).Added++
	b.retried[k.Known()]++
}

// Add sums another book into this one.
func (b *Book) Add(o *Book) {
	for k := range b.kinds {
		b.kinds[k] = b.kinds[k].Plus(o.kinds[k])
		b.retried[k] += o.retried[k]
	}
}

// Ledger returns what the book holds.
func (b *Book) Ledger() Ledger {
	l := Ledger{Kinds: make(map[string]Tally)}
	for k, t := range b.kinds {
		if t == (Tally{}) {
			continue
		}
		l.Kinds[capture.Kind(k).String()] = t
		l.Tally = l.Tally.Plus(t)
	}
	return l
}

// Book returns the ledger as a book. A kind it does not know is taken for Other.
func (l Ledger) Book() *Book {
	var b Book
	for name, t := range l.Kinds {
		k, _ := capture.ParseKind(name)
		*b.Of(k) = b.Of(k).Plus(t)
	}
	return &b
}
