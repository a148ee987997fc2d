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
	given := make(map[string]int, len(f.Entries))
	for _, e := range f.Entries {
		first, twice := given[e.To]
		switch {
		case !f.Pairs:
			return nil, misuse("%s %s: line %d is not two numbers: write REAL STAGING", flag, f.Name, e.Line)
		case e.Class != sms.E164 && e.Class != sms.ShortCode:
			return nil, misuse("%s %s: line %d: the second is no telephone number", flag, f.Name, e.Line)
		case twice:
			return nil, misuse("%s %s: line %d: the number becomes what that of line %d becomes, and two would be one", flag, f.Name, e.Line, first)
		case pool.Contains(e.To) || sms.Wide().Contains(e.To):
			return nil, misuse("%s %s: line %d: the second number is of a pool, and may be someone's fake", flag, f.Name, e.Line)
		}
		given[e.To] = e.Line
	}
	return f.Table(), nil
}
