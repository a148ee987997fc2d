package corpus

import (
	"context"
	"errors"
	"io"

	"reprise/capture"
)

// Salvage says what Repair could save.
type Salvage struct {
	Kept int64 `json:"kept"`
	// Lost is how many records are known to be missing.
	Lost int64 `json:"lost"`
	// Unknown says that more may be missing than Lost counts.
	Unknown bool     `json:"unknown"`
	Damage  []Damage `json:"damage"`
}

// Repair writes every intact record of src, and the hosts that it was captured from, to dst, whose header should be src's.
// Records get new sequence numbers. The caller closes both.
func Repair(ctx context.Context, src *Reader, dst *Writer) (Salvage, error) {
	var s Salvage
	var rec capture.Record
	hosts := -1
	for {
		err := src.Next(ctx, &rec)
		if n := src.hosts.count; n != hosts {
			hosts = n
			dst.KeepHosts(src.hosts)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = dst.Write(&rec)
		}
		if err != nil {
			return s, err
		}
		s.Kept++
	}
	dst.KeepHosts(src.Hosts()) // which says whether the list is complete
	s.Damage = src.Damage()
	for _, d := range s.Damage {
		switch {
		case d.Records < 0:
			s.Unknown = true
		default:
			s.Lost += d.Records
		}
	}
	return s, nil
}
