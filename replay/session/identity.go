package session

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"reprise/replay"
)

// About says which run it is, beside its process and its beginning. It is known after Plan.
func (s *Session) About() replay.About {
	a := replay.About{Run: s.run.Run}
	if s.target != nil {
		a.Target = s.target.Scheme + "://" + s.target.Host
	}
	return a
}

// Identity says as whom the run sends and to whom, in digests. It is known after Plan.
func (s *Session) Identity() replay.Identity {
	digest := func(of ...any) string {
		text, err := json.Marshal(of)
		if err != nil {
			panic("session: internal error: an identity has no JSON")
		}
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:8])
	}
	people := digest("people", s.plan.corpusHash, s.numbers.digests()["senders"])
	seed := s.seed
	if s.o.KeepIDs { // then those of the corpus are sent, whatever the seed
		seed = 0
	}
	i := replay.Identity{Run: s.run.Run, People: people, IDs: digest("ids", people, seed, s.o.KeepIDs)}
	if s.target != nil {
		i.Target = digest("target", s.target.Scheme, s.target.Host)
	}
	return i
}
