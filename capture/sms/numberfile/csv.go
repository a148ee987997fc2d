package numberfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// csvDelimiter says what parts the columns of a header, and whether the first line is one: where the user named columns, or
// it has a name that is known and nothing that is a number.
func csvDelimiter(head, columns string) (delimiter rune, ok bool) {
	delimiter = ','
	for _, d := range ",;\t" {
		if strings.ContainsRune(head, d) {
			delimiter = d
			break
		}
	}
	if columns != "" {
		return delimiter, true
	}
	for cell := range strings.SplitSeq(head, string(delimiter)) {
		name := columnName(unquoted(cell))
		ok = ok || slices.Contains(slices.Concat(fakeColumns(), stagingColumns(), eitherColumns()), name)
		if strings.ContainsAny(cell, digits) {
			return 0, false
		}
	}
	return delimiter, ok
}

// The names of columns that are understood, those that say most first: who is in the corpus, and who takes their place. A
// column of either can be the other where a clearer one stands beside it.
func fakeColumns() []string    { return []string{"fake", "real", "recorded", "old", "from"} }
func stagingColumns() []string { return []string{"staging", "new", "to"} }
func eitherColumns() []string  { return []string{"number", "phone_number", "phone"} }

// columnName is a column's name as it is compared.
func columnName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return '_'
		}
		return unicode.ToLower(r)
	}, strings.TrimSpace(s))
}

// readCSV reads the columns that hold the numbers.
func (f *File) readCSV(text []byte, delimiter rune, columns string) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = delimiter, '#', -1, delimiter != '\t', true
	fake, staging, header := -1, -1, 0
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			return fmt.Errorf("line %d: as CSV, %w", bad.Line, bad.Err)
		} else if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		if !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		if header == 0 {
			if fake, staging, err = chooseColumns(row, columns); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			header, f.Pairs = line, fake >= 0
			continue
		}
		if max(fake, staging) >= len(row) {
			return fmt.Errorf("line %d has fewer columns than the header in line %d", line, header)
		}
		from := ""
		if fake >= 0 {
			from = strings.TrimSpace(row[fake])
		}
		if err := f.add(line, from, strings.TrimSpace(row[staging])); err != nil {
			return err
		}
	}
}

// chooseColumns finds the columns that hold the numbers: those that were named, or those whose names are known. fake is -1
// where the file is a list.
func chooseColumns(header []string, columns string) (fake, staging int, err error) {
	names := make([]string, len(header))
	for i := range header {
		names[i] = columnName(header[i])
	}
	if columns != "" {
		first, second, two := strings.Cut(columns, ",")
		fake, staging = -1, slices.Index(names, columnName(first))
		if two {
			fake, staging = staging, slices.Index(names, columnName(second))
		}
		if staging < 0 || two && fake < 0 {
			return 0, 0, fmt.Errorf("it has no column of the name that was given after FILE:%s", listColumns(header))
		}
		return fake, staging, nil
	}
	if staging = findColumn(names, stagingColumns(), -1); staging >= 0 {
		return findColumn(names, slices.Concat(fakeColumns(), eitherColumns(), stagingColumns()), staging), staging, nil
	}
	if staging = findColumn(names, eitherColumns(), -1); staging < 0 {
		return 0, 0, fmt.Errorf("no column is called staging: name the one that is meant, FILE:COLUMN%s", listColumns(header))
	}
	return findColumn(names, fakeColumns(), -1), staging, nil
}

// findColumn is the place of the first of the wanted names that is there, but for one place; -1 where none is.
func findColumn(names, wanted []string, but int) int {
	for _, w := range wanted {
		if i := slices.Index(names, w); i >= 0 && i != but {
			return i
		}
	}
	return -1
}

// listColumns names the columns there are, as long as they look like names.
func listColumns(header []string) string {
	var names []string
	for _, h := range header {
		if h = strings.TrimSpace(h); h == "" || len(h) > 40 || strings.ContainsAny(h, digits+"@") || strings.ContainsFunc(h, unicode.IsControl) {
			continue
		}
		names = append(names, h)
	}
	if len(names) == 0 {
		return ""
	}
	return "; its columns are " + strings.Join(names, ", ")
}
