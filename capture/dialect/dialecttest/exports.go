package dialecttest

import (
	"strings"
	"testing"

	"reprise/capture/dialect"
)

// checkExports finds exports that nobody could read or tell from others.
func checkExports(t *testing.T, d *dialect.Vendor) {
	t.Helper()
	for _, e := range d.Exports {
		if e.Name != d.Name && !strings.HasPrefix(e.Name, d.Name+"-") || e.Title == "" || !strings.HasPrefix(e.Docs, "https://") || len(e.Marks) < 3 {
			t.Errorf("export %q: it is called after its vendor, has a title and the page of its vendor, and three marks at least", e.Name)
		}
		if (e.Columns == nil) != (e.Requests != nil) {
			t.Errorf("export %q holds either messages or requests", e.Name)
		}
		if e.Requests != nil {
			continue
		}
		has := make(map[dialect.Column]int)
		for _, c := range e.Columns {
			has[c]++
		}
		for _, c := range [...]dialect.Column{dialect.ColumnID, dialect.ColumnFrom, dialect.ColumnTo, dialect.ColumnTime, dialect.ColumnDirection} {
			if has[c] == 0 {
				t.Errorf("export %q lacks column %d", e.Name, c)
			}
		}
		for c, n := range has {
			if n > 1 || c == dialect.NoColumn || c >= dialect.ColumnCount {
				t.Errorf("export %q has column %d %d times", e.Name, c, n)
			}
		}
		if len(e.Inbound) == 0 || e.Textless != (has[dialect.ColumnText] == 0) || e.Textless && has[dialect.ColumnLength]+has[dialect.ColumnParts] == 0 {
			t.Errorf("export %q: it says what came in, and has texts, or lengths or segments of which to generate them", e.Name)
		}
		if d.Maker == nil || d.Maker.Events || has[dialect.ColumnStatus] > 0 && d.Maker.Receipt == nil {
			t.Errorf("export %q: nobody writes the requests that its messages were", e.Name)
		}
	}
}
