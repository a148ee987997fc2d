package capture

import "strings"

// HashRule returns the rule by which a corpus' content hash was made, the word before its colon: hashes of two rules cannot be compared,
// and nothing tells whether the corpora are the same. It is empty for the rule of the first corpus files, whose hashes name how
// the records are encoded, too.
func HashRule(hash string) string {
	rule, _, found := strings.Cut(hash, ":")
	if !found {
		return ""
	}
	return rule
}
