package compare

import "fmt"

// missing says of which runs damage took a part.
func missing(sides ...*Side) (list []Reason) {
	for _, s := range sides {
		m, text := s.Summary.Missing, ""
		switch {
		case m == nil:
			continue
		case m.Unknown:
			text = fmt.Sprintf("%s is damaged, and it is not known how many of its results are missing: what is compared is the rest.", s.Name)
		case m.Results > 0:
			text = fmt.Sprintf("%d of %d results of %s are missing, as they were damaged: what is compared is the rest.", m.Results, m.Of, s.Name)
		default:
			text = fmt.Sprintf("the completions in %s are damaged and left out.", s.Name)
		}
		list = append(list, Reason{What: "missing", Run: s.Name, Text: text})
	}
	return list
}
