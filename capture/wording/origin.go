package wording

import "fmt"

// Origins says how many of all requests were rebuilt, and of how many of these the text is generated, and what that means. It is nothing
// where the vendor sent all. Accounts, plans and reports of runs say it in the same words.
func Origins(rebuilt, synthetic, all int64) (notes []string) {
	if rebuilt > 0 {
		notes = append(notes, fmt.Sprintf("%d of %s %s rebuilt from a message export or a parsed payload: headers and order are the vendor's usual ones, not recorded",
			rebuilt, Count(all, "request"), Choose(rebuilt, "was", "were")))
	}
	if synthetic > 0 {
		notes = append(notes, fmt.Sprintf("%d of %s %s a generated text, of the length and encoding that was recorded",
			synthetic, Count(all, "request"), Choose(synthetic, "has", "have")))
	}
	return notes
}
