package publish

import (
	"fmt"

	"reprise/capture/sms"
	"reprise/capture/sms/numberfile"
)

// Recipients makes Options.Recipients of a file: what the platform's own numbers become, in pairs. A number may become itself.
// None may be of a pool, which is given, or what two others become. An error says which line is wrong.
func Recipients(f *numberfile.File, pool sms.Pool) (map[string]string, error) {
	given := make(map[string]int, len(f.Entries))
	for _, e := range f.Entries {
		first, twice := given[e.To]
		switch {
		case !f.Pairs:
			return nil, fmt.Errorf("line %d is not two numbers: write REAL STAGING", e.Line)
		case e.Class != sms.E164 && e.Class != sms.ShortCode:
			return nil, fmt.Errorf("line %d: the second is no telephone number", e.Line)
		case twice:
			return nil, fmt.Errorf("line %d: the number becomes what that of line %d becomes, and two would be one", e.Line, first)
		case pool.Contains(e.To) || sms.Wide().Contains(e.To):
			return nil, fmt.Errorf("line %d: the second number is of a pool, and may be someone's fake", e.Line)
		}
		given[e.To] = e.Line
	}
	return f.Table(), nil
}

// ReadRecipients makes Options.Recipients of the file of that name; "" is none. What is wrong with its content is a
// *numberfile.Error.
func ReadRecipients(name string, pool sms.Pool) (map[string]string, error) {
	if name == "" {
		return nil, nil
	}
	f, err := numberfile.Read(name)
	if err != nil {
		return nil, err
	}
	table, err := Recipients(f, pool)
	if err != nil {
		return nil, &numberfile.Error{Name: f.Name, Err: err}
	}
	return table, nil
}
