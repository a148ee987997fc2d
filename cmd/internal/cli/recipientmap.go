package cli

import "reprise/capture/sms"

// readRecipientMap reads --map-recipients: what the platform's own numbers become, in pairs; "" is no file. A number may become
// itself.
func readRecipientMap(name string, pool sms.Pool) (map[string]string, error) {
	if name == "" {
		return nil, nil
	}
	const flag = "--map-recipients"
	f, err := readNumberFile(flag, name)
	if err != nil {
		return nil, err
	}
	given := make(map[string]int, len(f.entries))
	for _, e := range f.entries {
		first, twice := given[e.to]
		switch {
		case !f.pairs:
			return nil, misuse("%s %s: line %d is not two numbers: write REAL STAGING", flag, f.name, e.line)
		case e.toClass != sms.E164 && e.toClass != sms.ShortCode:
			return nil, misuse("%s %s: line %d: the second is no telephone number", flag, f.name, e.line)
		case twice:
			return nil, misuse("%s %s: line %d: the number becomes what that of line %d becomes, and two would be one", flag, f.name, e.line, first)
		case pool.Contains(e.to) || sms.Wide().Contains(e.to):
			return nil, misuse("%s %s: line %d: the second number is of a pool, and may be someone's fake", flag, f.name, e.line)
		}
		given[e.to] = e.line
	}
	return f.table(), nil
}
