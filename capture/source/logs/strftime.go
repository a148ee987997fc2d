package logs

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// verbs are those of strftime that a layout of package time can say. A flag that leaves out padding is read, as is the padding.
func verbs() map[byte]string {
	return map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'j': "002", 'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
		'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'P': "pm", 'z': "-0700", 'Z': "MST",
		'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'r': "03:04:05 PM", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
		'n': "\n", 't': "\t", '%': "%",
	}
}

// unpadded are the verbs that a minus may stand in.
func unpadded() map[byte]string {
	return map[byte]string{'m': "1", 'd': "2", 'e': "2", 'H': "15", 'I': "3", 'M': "4", 'S': "5", 'j': "__2"}
}

// layoutOf makes a layout of package time of strftime's verbs. An error says which cannot be read.
func layoutOf(format string) (string, error) {
	var b, literal strings.Builder
	known, short := verbs(), unpadded()
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			literal.WriteByte(format[i])
			continue
		}
		verb, length := verbAt(format[i+1:])
		i += length
		text, ok := known[verb.letter], verb.flag == 0 || verb.flag == '0' || verb.flag == '_'
		switch {
		case verb.letter == 0:
			return "", errors.New("its last % has no verb")
		case verb.letter == 'f', verb.letter == 'L', verb.letter == 'N':
			if err := fractionVerb(&literal); err != nil {
				return "", fmt.Errorf("%%%s: %w", format[i+1-length:i+1], err)
			}
			text, ok = "999999999", true
		case verb.letter == 'z' && verb.colon:
			text = "-07:00"
		case verb.flag == '-' || verb.flag == '#':
			text, ok = short[verb.letter], true
		}
		if !ok || text == "" || verb.colon && verb.letter != 'z' {
			return "", fmt.Errorf("%%%s cannot be read", format[i+1-length:i+1])
		}
		if err := flush(&b, &literal); err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	if before, zulu := strings.CutSuffix(literal.String(), "Z"); zulu {
		literal.Reset()
		literal.WriteString(before)
		err := flush(&b, &literal)
		return b.String() + "Z07:00", err
	}
	err := flush(&b, &literal)
	return b.String(), err
}

// verb is what follows a percent sign.
type verb struct {
	flag, letter byte
	colon        bool
}

// verbAt reads it, and how long it is: a flag, a width or a colon, and the letter.
func verbAt(text string) (v verb, length int) {
	i := 0
	for ; i < len(text) && strings.IndexByte("-_0#^", text[i]) >= 0; i++ {
		v.flag = text[i]
	}
	for ; i < len(text) && text[i] >= '1' && text[i] <= '9'; i++ { // %3N
		continue
	}
	if i < len(text) && text[i] == ':' {
		v.colon = true
		i++
	}
	if i >= len(text) {
		return v, i
	}
	v.letter = text[i]
	return v, i + 1
}

// fractionVerb checks that a fraction follows the seconds' point or comma, the one place where package time can read it.
func fractionVerb(literal *strings.Builder) error {
	if text := literal.String(); text != "." && text != "," {
		return errors.New("a fraction can be read behind seconds and a point or a comma alone")
	}
	return nil
}

// flush writes what stands between verbs, unless package time would read it as one of its own.
func flush(b, literal *strings.Builder) error {
	text := literal.String()
	literal.Reset()
	for _, t := range [...]time.Time{time.Date(2022, 11, 25, 13, 59, 7, 123456789, time.UTC), time.Date(2031, 2, 3, 4, 5, 58, 0, time.UTC)} {
		if text != "." && text != "," && t.Format(text) != text {
			return errors.New("what stands between its verbs reads as a part of a time")
		}
	}
	b.WriteString(text)
	return nil
}
