// Package numberfile reads files of telephone numbers that a user wrote: a list of numbers, or pairs that say which number
// becomes which, as plain lines or as CSV. Errors name lines, never what stands on them.
package numberfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"reprise/capture/sms"
)

// File is what a file of telephone numbers holds: a list, or pairs that say which number becomes which. It is not changed
// after Read or Parse returns, and any goroutine may read it.
type File struct {
	// Name is the file's name, without the columns that were named behind it; Parse leaves it empty.
	Name string
	// Pairs says that every entry is a pair; of a list, no entry has a From.
	Pairs   bool
	Entries []Entry
}

// Entry is one line, each number in its canonical spelling.
type Entry struct {
	// Line is its place in the file, from 1.
	Line int
	// From is the first of a pair: a number or a sender's name of the corpus.
	From string
	// To is what the first becomes, or the number of a list.
	To string
	// Class says what To is.
	Class sms.Class
}

// Help says in one line how such a file is written.
const Help = "lines NUMBER or FAKE STAGING, or a CSV with columns number or fake,staging; FILE:COLUMN names others"

// Error says what is wrong with a file's content, by its line and never by what is on it.
type Error struct {
	// Name is the file's.
	Name string
	Err  error
}

// Error implements error.
func (e *Error) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Read reads a file that is named as FILE, FILE:COLUMN or FILE:COLUMN,COLUMN. A content that makes no sense is an *Error.
func Read(name string) (*File, error) {
	text, err := os.ReadFile(name)
	columns := ""
	if i := strings.LastIndexByte(name, ':'); err != nil && i > 0 {
		if more, err2 := os.ReadFile(name[:i]); err2 == nil {
			text, err, name, columns = more, nil, name[:i], name[i+1:]
			if columns == "" {
				return nil, fmt.Errorf("a column's name is missing after the colon of %s", name+":")
			}
		}
	}
	if err != nil {
		return nil, err
	}
	f, err := Parse(text, columns)
	if err != nil {
		return nil, &Error{name, err}
	}
	f.Name = name
	return f, nil
}

// Parse reads lines, or a CSV where columns are named ("a" or "a,b") or the first line names some that are known. A number or a
// name that is there twice is an error.
func Parse(text []byte, columns string) (*File, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}), bytes.IndexByte(text, 0) >= 0:
		return nil, errors.New("it is UTF-16 or no text: save it as UTF-8")
	case !utf8.Valid(text):
		return nil, errors.New("it is not UTF-8: save it as that")
	}
	line, head := firstLine(string(text))
	if line == 0 {
		return nil, errors.New("it lists nothing")
	}
	f := new(File)
	var err error
	if delimiter, ok := csvDelimiter(head, columns); ok {
		err = f.readCSV(text, delimiter, columns)
	} else {
		err = f.readLines(string(text))
	}
	if err != nil {
		return nil, err
	}
	if len(f.Entries) == 0 {
		return nil, errors.New("it lists nothing")
	}
	return f, f.unique()
}

// firstLine is the first line that says something, and its place from 1; 0 where there is none.
func firstLine(text string) (n int, content string) {
	for line := range strings.Lines(text) {
		n++
		if content = uncommented(line); content != "" {
			return n, content
		}
	}
	return 0, ""
}

// uncommented is a line without what stands behind a # at its start or after white space.
func uncommented(line string) string {
	for i := 0; i < len(line); i++ {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
		}
	}
	return strings.TrimSpace(line)
}

// readLines reads a number or a pair a line.
func (f *File) readLines(text string) error {
	n, first, names := 0, 0, false
	for line := range strings.Lines(text) {
		n++
		content := uncommented(line)
		if content == "" {
			continue
		}
		from, to, isPair, err := splitPair(content)
		if first == 0 {
			first, f.Pairs = n, isPair
		}
		switch {
		case err != nil:
			err = fmt.Errorf("line %d: %w", n, err)
		case isPair && !f.Pairs:
			return fmt.Errorf("line %d is a pair, and line %d one number: write every line as NUMBER, or every line as FAKE STAGING", n, first)
		case !isPair && f.Pairs:
			return fmt.Errorf("line %d is one number, and line %d a pair: write every line as NUMBER, or every line as FAKE STAGING", n, first)
		default:
			err = f.add(n, from, to)
		}
		switch plain := !strings.ContainsAny(content, digits); {
		case names && !plain:
			return fmt.Errorf("line %d looks like the header of a CSV, and none of its columns has a name that is known: name them, FILE:COLUMN; a pair of names stands in a later line", first)
		case err != nil && plain && n == first:
			return fmt.Errorf("%w; if it is the header of a CSV, name its column: FILE:COLUMN", err)
		case err != nil:
			return err
		}
		names = names || n == first && strings.ContainsAny(content, ",;\t") && !strings.ContainsAny(content, digits)
	}
	return nil
}

const digits = "0123456789"

// splitPair parts a line. Blanks alone may be those within one number: they part two only where each side is one by itself.
func splitPair(line string) (from, to string, pair bool, err error) {
	if strings.ContainsAny(line, ",;\t") {
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' })
		for i := range fields {
			fields[i] = unquoted(fields[i])
		}
		fields = slices.DeleteFunc(fields, func(s string) bool { return s == "" })
		switch len(fields) {
		case 1:
			return "", fields[0], false, nil
		case 2:
			return fields[0], fields[1], true, nil
		}
		return "", "", false, errors.New("it is neither one number nor two")
	}
	fields := strings.Fields(line)
	if len(fields) == 2 && isPart(fields[0]) && isPart(fields[1]) {
		return fields[0], fields[1], true, nil
	}
	if _, class := sms.Canonical(line); len(fields) > 1 && class != sms.E164 {
		return "", "", false, errors.New("it is neither one number nor two")
	}
	return "", unquoted(line), false, nil
}

// isPart says whether one of two words is a number or a name by itself, not the beginning or end of a number with a blank
// in it: "+353" is such a beginning.
func isPart(word string) bool {
	number, class := sms.Canonical(word)
	switch class {
	case sms.ShortCode:
		return number == word
	case sms.None:
		return hasLetter(word)
	}
	return true
}

func unquoted(s string) string { return strings.TrimSpace(strings.Trim(strings.TrimSpace(s), `"`)) }

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// add takes one entry; from is empty where it is no pair.
func (f *File) add(line int, from, to string) error {
	e := Entry{Line: line}
	e.To, e.Class = sms.Canonical(to)
	number := e.Class == sms.E164 || e.Class == sms.ShortCode
	if !f.Pairs {
		if !number {
			return fmt.Errorf("line %d is no telephone number", line)
		}
		f.Entries = append(f.Entries, e)
		return nil
	}
	var class sms.Class
	e.From, class = sms.Canonical(from)
	name := class != sms.E164 && class != sms.ShortCode
	switch {
	case from == "" || to == "":
		return fmt.Errorf("line %d: one of the two numbers is missing", line)
	case name && !hasLetter(e.From):
		return fmt.Errorf("line %d: the first is no telephone number", line)
	case number:
	case !hasLetter(e.To):
		return fmt.Errorf("line %d: the second is no telephone number", line)
	case !name:
		return fmt.Errorf("line %d: a telephone number becomes what is none", line)
	}
	f.Entries = append(f.Entries, e)
	return nil
}

// unique refuses what says something twice.
func (f *File) unique() error {
	seen := make(map[string]int, len(f.Entries))
	for _, e := range f.Entries {
		key := e.To
		if f.Pairs {
			key = e.From
		}
		first, twice := seen[key]
		switch {
		case twice && f.Pairs:
			return fmt.Errorf("line %d says again what the first number of line %d becomes", e.Line, first)
		case twice:
			return fmt.Errorf("line %d is the number of line %d again", e.Line, first)
		}
		seen[key] = e.Line
	}
	return nil
}

// Numbers are the numbers of a list, in the order of the file.
func (f *File) Numbers() (list []string) {
	for _, e := range f.Entries {
		list = append(list, e.To)
	}
	return list
}

// Table is what the pairs say, from what is in the corpus to what it becomes.
func (f *File) Table() map[string]string {
	table := make(map[string]string, len(f.Entries))
	for _, e := range f.Entries {
		table[e.From] = e.To
	}
	return table
}

// Order is a list as a table: the place of each number, as nine digits, and the number.
func (f *File) Order() map[string]string {
	table := make(map[string]string, len(f.Entries))
	for i, e := range f.Entries {
		table[fmt.Sprintf("%09d", i)] = e.To
	}
	return table
}
