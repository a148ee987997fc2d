package corpus

import (
	"errors"

	"github.com/cespare/xxhash/v2"

	"reprise/capture"
)

// BadDigest is why a block is damaged whose records are not those that its head's digest is of, though its checksums are right.
const BadDigest = Reason("a block's records are not those that its digest is of")

// concluded is the digest of what the digest of a record leaves out: what was concluded from it.
type concluded struct{ buf []byte }

func (c *concluded) digest(r *capture.Record) uint64 {
	b := append(c.buf[:0], byte(r.Kind), byte(r.Origin))
	for _, s := range [...]string{r.Vendor, r.Message.ID, r.Message.From, r.Message.To, r.Message.Text} {
		b = appendString(b, s)
	}
	c.buf = b
	return xxhash.Sum64(b)
}

// verifier decodes blocks of columns that were made: what is written must be what was given.
type verifier struct {
	decode *columnDecoder
	digest digester
	others concluded
}

var errNotGiven = errors.New("corpus: internal error: a block of columns does not give its records back")

// verify fails where a block's records are not those of the head's digest, or what was concluded from them is not what others is of.
func (v *verifier) verify(h *head, payload []byte, others uint64) error {
	var r capture.Record
	var sum, sum2 uint64
	v.decode.start(h, payload)
	for i := range int64(h.Records) {
		if _, err := v.decode.next(&r); err != nil {
			return errNotGiven
		}
		size, err := checkRecord(&r)
		if err != nil {
			return errNotGiven
		}
		v.digest.look(&r, size)
		sum += v.digest.digest(h.Seq+i, &r, size)
		sum2 += v.others.digest(&r)
	}
	if sum != h.Digest || sum2 != others {
		return errNotGiven
	}
	return nil
}

// checking is the digest of the records of the block under way, where a reader looks whether it is that of the head.
type checking struct {
	digester
	sum, want uint64
}

// Verify makes Next and Inspect compare the records of each block with the digest in its head, which takes half as much time again. What
// differs is damage: BadDigest. It is called before Next. Files of version 1 have no such digests.
func (r *Reader) Verify() {
	if r.version > 1 && r.unsorted == nil {
		r.checks = &checking{}
	}
}

func (c *checking) add(rec *capture.Record) {
	size, err := checkRecord(rec)
	if err != nil {
		c.sum++ // no writer takes it: it cannot be what was written
		return
	}
	c.look(rec, size)
	c.sum += c.digest(rec.Seq, rec, size)
}

// checked compares the digests at a block's end.
func (r *Reader) checked() {
	if r.checks.sum != r.checks.want {
		if r.tally != nil {
			r.tally.spoiled()
		}
		r.damage.Add(Damage{Offset: r.at, Length: r.in.Offset() - r.at, Reason: BadDigest, Block: true})
	}
}
