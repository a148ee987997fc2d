package publish

import (
	"bytes"
	"regexp"
	"strings"
)

// pathsLine is where a policy's list of paths begins that is written in brackets.
func pathsLine() *regexp.Regexp { return regexp.MustCompile(`(?m)^paths:[ \t]*\[`) }

// quotePaths puts quotes around the patterns of a list in brackets that have braces, as in paths: [/hooks/{id}/inbound]: in YAML a
// brace in there begins a map. All else stays as it is, the lines too.
func quotePaths(text []byte) []byte {
	at := pathsLine().FindIndex(text)
	if at == nil {
		return text
	}
	out := bytes.Clone(text[:at[1]])
	rest := string(text[at[1]:])
	for rest != "" {
		space := len(rest) - len(strings.TrimLeft(rest, " \t\r\n,"))
		out = append(out, rest[:space]...)
		if rest = rest[space:]; rest == "" || rest[0] == ']' {
			return append(out, rest...)
		}
		end := entryEnd(rest)
		if end < 0 {
			break
		}
		out = append(out, quotedPath(rest[:end])...)
		rest = rest[end:]
	}
	return text // what this is, YAML says
}

// entryEnd returns where an entry of a list, or a comment in it, ends; -1 where that cannot be told.
func entryEnd(s string) int {
	switch s[0] {
	case '#':
		return strings.IndexByte(s, '\n')
	case '"', '\'':
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] == '\\' && s[0] == '"':
				i++
			case s[i] == s[0]:
				return i + 1
			}
		}
		return -1
	}
	depth := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == '\n', c == '[':
			return -1
		case c == '#' && s[i-1] == ' ':
			return -1 // a comment: the list goes on in the next line, or it does not end
		case depth <= 0 && (c == ',' || c == ']'):
			return i
		}
	}
	return -1
}

// quotedPath puts quotes around a pattern with braces.
func quotedPath(entry string) string {
	plain := strings.TrimRight(entry, " \t")
	if plain[0] != '/' || !strings.ContainsAny(plain, "{}") || strings.Contains(plain, ": ") {
		return entry
	}
	return "'" + strings.ReplaceAll(plain, "'", "''") + "'" + entry[len(plain):]
}
