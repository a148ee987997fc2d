package messages

import (
	"bytes"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/internal/rows"
	"reprise/capture/payload"
)

// Detect says of which export an input is, by the first row that it begins with, and whether its rows are lines of CSV. ok is false where it is of none.
func Detect(start []byte, exports []dialect.VendorExport) (e dialect.VendorExport, csv, ok bool) {
	csv = IsCSV(start)
	most := 0
	for _, one := range exports {
		names := names(start, csv, one.Pages)
		if n := len(one.Marks); n > most && hasAll(names, one.Marks, csv) {
			e, most = one, n
		}
	}
	return e, csv, most > 0
}

// IsCSV says whether an input that is an export is lines of CSV, and no JSON.
func IsCSV(start []byte) bool {
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	return len(start) > 0 && start[0] != '{' && start[0] != '['
}

// names are those of the first row, or of the heading: of CSV in lower case.
func names(start []byte, csv bool, pages []string) map[string]bool {
	r := rows.New(bytes.NewReader(start), rows.Options{CSV: csv, Pages: pages})
	object, _, _ := r.Next()
	found := make(map[string]bool)
	for _, name := range r.Heading() {
		found[strings.ToLower(name)] = true
	}
	var s payload.Scanner
	for s.ResetJSON(object); s.Next(); {
		found[string(s.Name())] = true
	}
	return found
}

func hasAll(names map[string]bool, marks []string, csv bool) bool {
	for _, m := range marks {
		if csv {
			m = strings.ToLower(m)
		}
		if !names[m] {
			return false
		}
	}
	return true
}
