package capture

import (
	"fmt"
	"strings"
)

// Kind says what the message of a record is, as the platform that receives it would treat it.
type Kind uint8

// The seven kinds of inbound message, then delivery receipts and everything else. The numbers are part of the
// corpus format; never renumber.
const (
	Other         Kind = iota // a payload that is no SMS event
	Subscribe                 // an opt-in keyword: START
	Unsubscribe               // an opt-out keyword: STOP
	Help                      // HELP
	Info                      // INFO
	Unrecognized              // free text
	Reaction                  // a tapback: Loved “…”
	CustomKeyword             // a keyword of the brand's own
	Status                    // a delivery receipt
)

// KindCount is the number of kinds, and one more than the highest: an array of that length is indexed by Kind.Known.
const KindCount = len(kindNames)

var kindNames = [...]string{
	Other: "other", Subscribe: "subscribe", Unsubscribe: "unsubscribe", Help: "help", Info: "info",
	Unrecognized: "unrecognized", Reaction: "reaction", CustomKeyword: "custom_keyword", Status: "status",
}

// Kinds returns every kind in the order in which people read them.
func Kinds() []Kind {
	return []Kind{Subscribe, Unsubscribe, Help, Info, Unrecognized, Reaction, CustomKeyword, Status, Other}
}

// Known returns the kind, or Other where this version does not know it. Whoever counts by kind counts under Known, so that
// a kind of a later version's file is Other everywhere.
func (k Kind) Known() Kind {
	if int(k) >= KindCount {
		return Other
	}
	return k
}

// String returns the kind's name as users write it, such as "custom_keyword".
func (k Kind) String() string {
	if k.Known() == k {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// IsKeyword says whether messages of this kind are one keyword, white space apart.
func (k Kind) IsKeyword() bool {
	switch k {
	case Subscribe, Unsubscribe, Help, Info, CustomKeyword:
		return true
	}
	return false
}

// ParseKind is the inverse of Kind.String. With an error it returns Other.
func ParseKind(name string) (Kind, error) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), nil
		}
	}
	return Other, fmt.Errorf("no kind is called %.60q", name) // it may be anything, of any length
}

// KindNames are the names of every kind, in the order of Kinds.
func KindNames() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.String())
	}
	return names
}

// ParseKinds reads names of kinds, with white space around them or not. An error says which kinds there are.
func ParseKinds(names []string) ([]Kind, error) {
	var kinds []Kind
	for _, name := range names {
		k, err := ParseKind(strings.TrimSpace(name))
		if err != nil {
			return nil, fmt.Errorf("%w; the kinds are %s", err, strings.Join(KindNames(), " "))
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}
