package session

import (
	"fmt"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/replay/pace"
	"reprise/replay/render"
)

// readKeys reads the keys and begins to count for which requests they are.
func (s *Session) readKeys() error {
	keys, err := dialect.NewKeyring(s.o.Keys)
	if err != nil {
		return s.o.bad("Keys", err)
	}
	s.keys = dialect.NewKeyUses(keys, s.o.Table)
	return nil
}

// Keys says for which requests of the plan there are keys; it is known after Plan.
func (s *Session) Keys() *dialect.KeyUses { return s.keys }

// visit counts for whom the requests of the plan are; nil where nobody asks.
func (s *Session) visit() func(*capture.Record, pace.Play) {
	numbers := s.numbers.visit(s.o.CountRecipients)
	if len(s.o.Keys) == 0 {
		return numbers
	}
	paths := render.NewPaths(s.target, s.o.PathRewrites)
	var sent capture.Record
	return func(r *capture.Record, p pace.Play) {
		if numbers != nil {
			numbers(r, p)
		}
		if sent = *r; s.keys.Keys().Selective() {
			sent.URL = paths.Of(r.URL)
		}
		s.keys.Choose(&sent)
	}
}

// signed says in a run's settings whose requests are signed, without a secret and without an account.
func (o *Options) signed(m map[string]string) {
	keys := make(map[string]int)
	for name := range o.Keys {
		if selector, err := dialect.ParseSelector(name); err == nil {
			keys[selector.Vendor]++
		}
	}
	for vendor, n := range keys {
		m["sign "+vendor] = "yes"
		if n > 1 {
			m["sign "+vendor] = fmt.Sprintf("%d keys", n)
		}
	}
}
