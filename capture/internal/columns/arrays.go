package columns

import "bytes"

// arraysOf finds what is between the brackets of the arrays of a JSON text that are in no other one.
func arraysOf(text []byte) (list []cut) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += 1 + ending(stopString, 0, text[i+1:])
		case '[':
			from := i + 1
			i = from + arrayEnd(text[from:])
			if i == len(text) {
				return list
			}
			list = append(list, cut{from, i})
		}
	}
	return list
}

// arrayEnd is where the array ends in which s begins.
func arrayEnd[T string | []byte](s T) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i += 1 + ending(stopString, 0, s[i+1:])
		case '[':
			depth++
		case ']':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return len(s)
}

// keyOfArray is the key before an array's bracket, with which the text ends; empty where there is none.
func keyOfArray(text []byte) string {
	text, ok := bytes.CutSuffix(text, []byte(`":[`))
	if !ok {
		return ""
	}
	return string(text[bytes.LastIndexByte(text, '"')+1:])
}
