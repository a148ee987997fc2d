package session

import "reprise/replay/send"

// SendBy puts another engine in place of the one that Plan made.
func (s *Session) SendBy(e send.Engine) {
	s.engine.Close()
	s.engine = e
}
