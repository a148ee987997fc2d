package replay

import "time"

// About tells one run from another of the same user: enough to steer the right one, and nothing secret.
type About struct {
	// Run is the run's id, PID that of its process.
	Run string `json:"run,omitempty"`
	PID int    `json:"pid,omitempty"`
	// Corpus is the name of its file without the folder, Target the scheme and the host that it sends to, without path, query and user.
	Corpus string `json:"corpus,omitempty"`
	Target string `json:"target,omitempty"`
	// Began is when it began, by the wall clock.
	Began time.Time `json:"began,omitzero"`
}

// Introduce says what the run is called. It is called before the run.
func (c *Control) Introduce(a About) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.about = a
}
