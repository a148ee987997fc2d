package logs

import "regexp"

// The parts of the patterns of lines of text. What stands in a form has no space, and the query of a path is none.
const (
	textRequest = `[^{]*?\b(?P<method>POST|GET|PUT) (?P<url>/[^\s{"]*)`
	textJSON    = `(?P<json>\{.*\})\s*$`
	textForm    = `.*?[\s="'(\[:>](?P<body>[A-Za-z][\w.\[\]-]*=[^\s&="]*(?:&[^\s&="]+=[^\s&="]*)+)`
	textStatus  = `(?:.*?\bstatus[=: ]+(?P<status>[1-5]\d\d)\b)?`
)

// textTime is how a line may begin with a time, and what stands between that and the payload where no request does.
type textTime struct{ time, between string }

func textTimes() []textTime {
	return []textTime{
		{`^(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)`, ` .*?`},
		{`^.*?\[?(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ \]]*)`, `.*?`},
	}
}

// textPatterns take apart lines of text with a time at their beginning, and JSON at their end or a form in them: with a method and a path between
// these, where each payload has such before it.
func (s *sampled) textPatterns() (list []string) {
	for _, t := range append(textTimes(), textTime{`^(?P<time>)`, `[^{]*`}) { // whose time is in the JSON
		pattern := t.time + t.between + textJSON
		all, bodies := s.match(pattern, "json")
		if all == 0 || float64(all) < fewest*float64(len(s.rows)) {
			continue
		}
		if request := t.time + textRequest + `[^{]*` + textJSON; s.asMany(request, "json", bodies) {
			pattern = request
		}
		list = append(list, pattern)
		break
	}
	for _, t := range textTimes() {
		pattern := t.time + textForm
		_, bodies := s.match(pattern, "body")
		if bodies == 0 {
			continue
		}
		if request := t.time + textRequest + textForm; s.asMany(request, "body", bodies) {
			pattern = request
		}
		if n, _ := s.match(pattern+textStatus, "status"); n > 0 {
			pattern += textStatus
		}
		list = append(list, pattern)
		break
	}
	return list
}

// asMany says whether a pattern finds as many payloads as another did, of which there are some.
func (s *sampled) asMany(pattern, group string, want int) bool {
	_, n := s.match(pattern, group)
	return n > 0 && n == want
}

// match says in how many lines a group of a pattern finds something, or an object where that is wanted, and in how many of these a payload.
func (s *sampled) match(pattern, group string) (all, bodies int) {
	for _, v := range s.matched(pattern) {
		f := v[0].get(group)
		if f == nil || f.text == "" || group == "json" && objectIn(f.text) == nil {
			continue
		}
		all++
		if as, _ := s.payloads.ofText(f.text); as != "" {
			bodies++
		}
	}
	return all, bodies
}

// matched are the lines that a pattern takes apart, as documents of its groups.
func (s *sampled) matched(pattern string) (views []view) {
	re := regexp.MustCompile(pattern)
	for _, row := range s.rows {
		at := re.FindSubmatch(row)
		if at == nil {
			continue
		}
		var d document
		for i, name := range re.SubexpNames() {
			if name != "" && (at[i] != nil || name == "time") {
				d = append(d, found{place: name, name: name, kind: jsonString, text: string(at[i])})
			}
		}
		views = append(views, view{d})
	}
	return views
}
