package dialect

import (
	"slices"
	"strings"
)

// RouteWords returns the words that the paths of webhooks are made of, in lower case and sorted: what receivers call their
// routes, and the vendors' names. None of them tells of a person or of a business.
func (t Table) RouteWords() []string {
	words := strings.Fields(routeWords)
	for _, v := range t.vendors {
		if v.definition != "" {
			continue // who wrote it may have called it as a person or a brand is called
		}
		words = append(append(words, strings.ToLower(v.Name)), v.FormerNames...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// HeaderWords returns the words, in lower case and sorted, that the values of the vendors' own headers and their User-Agents are made
// of. None of them tells of a person or of a business.
func (t Table) HeaderWords() []string {
	var words []string
	for _, v := range t.vendors {
		words = append(append(append(words, v.Name), v.FormerNames...), v.HeaderWords...)
		for _, agent := range v.Agents {
			for word := range strings.FieldsFuncSeq(strings.ToLower(agent), func(r rune) bool { return r < 'a' || r > 'z' }) {
				if word != "v" { // of a version
					words = append(words, word)
				}
			}
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// routeWords are the words that need no vendor. Before one is added, ask whether it could be somebody's name, a brand's, or the
// name of what somebody bought.
const routeWords = `
	webhook webhooks hook hooks callback callbacks listener listeners handler handlers endpoint endpoints notify notification
	notifications event events ingest ingestion intake gateway proxy router routes
	sms mms rcs whatsapp message messages messaging text texts texting media voice call calls shortcode tollfree longcode
	inbound outbound incoming outgoing in out receive received receiver receipt receipts reply replies response responses send
	status statuses delivery deliveries delivered dlr update updates fallback failover retry
	subscribe unsubscribe optin optout keyword keywords stop help
	api apis rest rpc graphql public private internal external ext app apps service services server web www cgi bin
	integration integrations provider providers vendor vendors carrier carriers channel channels plugin plugins
	account accounts user users tenant tenants application applications
	v0 v1 v2 v3 v4 v5 v6 v7 v8 v9 v10 2010-04-01 latest
	prod production stage staging dev development test testing qa sandbox live demo
	create new post process queue async sync health healthz ping index default main
	json xml form image images video audio file files jpeg webp heic smil
	php asp aspx jsp do cgi html htm py rb js
`
