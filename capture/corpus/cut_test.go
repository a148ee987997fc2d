package corpus

import (
	"path/filepath"
	"reflect"
	"testing"

	"reprise/capture"
)

// TestCut: records that are read by their templates and made whole are those that are read whole.
func TestCut(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/testdata/*.rpz")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpora", err)
	}
	cuts := 0
	for _, name := range append(files, "testdata/v2/columns.rpz", "testdata/v2/columns-damaged.rpz") {
		var r [2]*Reader
		for i := range r {
			if r[i], err = Open(name); err != nil {
				t.Fatal(err)
			}
			defer r[i].Close()
		}
		r[1].Cut()
		for n := 0; ; n++ {
			var whole, cut capture.Record
			end, err := r[0].Next(t.Context(), &whole), r[1].Next(t.Context(), &cut)
			if end != err {
				t.Fatalf("%s: record %d: %v, whole %v", name, n, err, end)
			}
			if err != nil {
				break
			}
			if cut.Cuts != nil {
				cuts++
			}
			if len(whole.Headers) == 0 {
				whole.Headers = nil
			}
			got := *cut.Clone()
			if len(got.Headers) == 0 {
				got.Headers = nil
			}
			if !reflect.DeepEqual(got, *whole.Clone()) {
				t.Fatalf("%s: record %d:\n got %+v\nwant %+v", name, n, got, whole)
			}
		}
		if !reflect.DeepEqual(r[0].Damage(), r[1].Damage()) {
			t.Errorf("%s: damage differs", name)
		}
	}
	if cuts == 0 {
		t.Error("no record was read by its template")
	}
}
