package payload

// Elements calls f for each element of the array of JSON that body is, with where it begins and ends: nothing where it is none. Of
// what is no valid JSON the parts mean nothing.
func Elements(body []byte, f func(start, end int)) {
	at := skipMark(body)
	for at < len(body) && (body[at] == ' ' || body[at] == '\t' || body[at] == '\r' || body[at] == '\n') {
		at++
	}
	if at == len(body) || body[at] != '[' {
		return
	}
	start, depth, inString := at+1, 0, false
	for i := start; i < len(body); i++ {
		switch c := body[i]; {
		case inString:
			if c == '\\' {
				i++
			}
			inString = c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == ']'):
			if f(start, i); c == ']' {
				return
			}
			start = i + 1
		case c == '}' || c == ']':
			depth--
		}
	}
}
