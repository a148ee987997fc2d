package live

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/replay/results"
)

const (
	// csvColumns is how many columns of values a table has at most, csvRows how many rows are read of it.
	csvColumns = 16
	csvRows    = 1 << 20
	// csvRow is the longest row: a file without lines is no table.
	csvRow = 1 << 20
)

// rowReader bounds what is read of one row.
type rowReader struct {
	in   io.Reader
	left int
}

// Read ends a row that is too long with an error.
func (r *rowReader) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errors.New("a row is longer than 1 MiB")
	}
	n, err := r.in.Read(p)
	r.left -= n
	return n, err
}

// ReadFigures reads figures of the platform's own from a table of times and values (RFC 4180): a column of times, then one for each
// figure, named by the first row where that has no time. Times are RFC 3339, "2006-01-02 15:04:05" (UTC), or seconds, milliseconds or
// nanoseconds since the epoch; begun is the run's start. name, where it is not empty, names the figure of a table with one, and stands
// before the names of several. Rows whose time cannot be read count as refused, values that are no number as such.
func ReadFigures(in io.Reader, begun time.Time, name string) (all []results.Watched, err error) {
	bounded := &rowReader{in: in}
	r := csv.NewReader(bounded)
	r.FieldsPerRecord, r.ReuseRecord, r.TrimLeadingSpace, r.LazyQuotes = -1, true, true, true
	refused := int64(0)
	for n := 0; n < csvRows; n++ {
		bounded.left = csvRow
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("it is no table: %w", err)
		}
		at, ok := parseTime(row[0])
		if n == 0 {
			if all, err = figuresOf(row, ok, name); err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
		}
		if !ok {
			refused++
			continue
		}
		for i := range all {
			addCell(&all[i], at.Sub(begun), row, i+1)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("it is empty")
	}
	for i := range all {
		all[i].Asked.All += refused
		all[i].Asked.Refused = refused
		slices.SortStableFunc(all[i].Points, func(a, b results.WatchedPoint) int { return cmp.Compare(a.At, b.At) })
	}
	return all, nil
}

// figuresOf are the figures of a table by its first row, which holds values or their names.
func figuresOf(row []string, values bool, name string) (all []results.Watched, err error) {
	if len(row) < 2 || len(row) > csvColumns+1 {
		return nil, fmt.Errorf("a table has a column of times and up to %d of values", csvColumns)
	}
	for i, cell := range row[1:] {
		one := results.Watched{Name: strings.TrimSpace(cell)}
		if values || one.Name == "" || len(one.Name) > longestName {
			one.Name = "column " + strconv.Itoa(i+2)
		}
		switch {
		case name != "" && len(row) == 2:
			one.Name = name
		case name != "":
			one.Name = name + " " + one.Name
		}
		all = append(all, one)
	}
	return all, nil
}

// addCell adds the value of a row to a figure. An empty cell is no value, and no trouble.
func addCell(w *results.Watched, at time.Duration, row []string, column int) {
	if column >= len(row) || strings.TrimSpace(row[column]) == "" {
		return
	}
	w.Asked.All++
	v, err := strconv.ParseFloat(strings.TrimSpace(row[column]), 64)
	if err != nil || !isNumber(v) {
		w.Asked.NotNumber++
		return
	}
	w.Points = append(w.Points, results.WatchedPoint{At: at, Value: v})
}

// parseTime reads a time.
func parseTime(s string) (time.Time, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "\ufeff")
	if v, err := strconv.ParseFloat(s, 64); err == nil && isNumber(v) && v > 0 && v < 1e19 {
		switch {
		case v < 1e11:
			return time.UnixMicro(int64(v * 1e6)), true
		case v < 1e14:
			return time.UnixMilli(int64(v)), true
		}
		return time.Unix(0, int64(v)), true
	}
	for _, layout := range []string{time.RFC3339, time.DateTime} { // both take fractions of a second
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
