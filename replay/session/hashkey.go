package session

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"

	"reprise/capture"
)

// keyRecords is how many records the key of hashes is made of.
const keyRecords = 64

// hashKey is the key under which the run file keeps people and recipients. It is made of the run's seed and of what the first records
// hold, so that a run that is gone on with, and every machine of one, has the same; who has the run file alone does not have it, and
// who has the corpus too has the numbers anyway.
func (s *Session) hashKey(ctx context.Context) (key [16]byte, err error) {
	r, err := s.base.Twin()
	if err != nil {
		return key, err
	}
	defer r.Close()
	h := sha256.New()
	h.Write([]byte("people and recipients of a run"))
	h.Write(binary.LittleEndian.AppendUint64(nil, s.seed))
	var rec capture.Record
	for range keyRecords {
		err := r.Next(ctx, &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return key, err
		}
		add(h, []byte(rec.URL))
		add(h, rec.Body)
		for i := range rec.Headers {
			add(h, []byte(rec.Headers[i].Value))
		}
	}
	copy(key[:], h.Sum(nil))
	return key, nil
}

// add adds a text and where it ends.
func add(h hash.Hash, text []byte) {
	h.Write(binary.AppendUvarint(nil, uint64(len(text))))
	h.Write(text)
}
