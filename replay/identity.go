package replay

// Identity says as whom a run sends and to whom, so that another run on this machine can tell whether it would send as the same. All but
// Run are digests: equal for equal things, and nothing else can be told from them.
type Identity struct {
	// Run is the run's id: shares of one plan have the same.
	Run string `json:"run"`
	// Target is where it sends.
	Target string `json:"target"`
	// People are those who send, of one corpus and one choice of senders; IDs are those and the message ids that they send under.
	People string `json:"people"`
	IDs    string `json:"ids"`
}

// Collides says what two runs have in common that a receiver would take for one: nothing, the people, or their message ids too.
func (i *Identity) Collides(other *Identity) (people, ids bool) {
	if i == nil || other == nil || i.Run == other.Run || i.Target != other.Target || i.People != other.People {
		return false, false
	}
	return true, i.IDs == other.IDs
}

// Identify says as whom the run sends. It is called before the run.
func (c *Control) Identify(i Identity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.identity = &i
}
