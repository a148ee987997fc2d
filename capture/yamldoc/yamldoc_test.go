package yamldoc

import (
	"reflect"
	"testing"
)

func TestLinesOfFields(t *testing.T) {
	d, err := Parse([]byte("a:\n  b: 1\n  c:\n    - d: 2\n    - {d: 3, e: 4}\nf: 5\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path []string
		want int
	}{{[]string{"a", "b"}, 2}, {[]string{"a", "c", "1", "d"}, 5}, {[]string{"a", "c", "1", "x"}, 5}, {[]string{"f"}, 6}, {[]string{"g"}, 0}} {
		if got := d.Line(tc.path...); got != tc.want {
			t.Errorf("%v is in line %d, want %d", tc.path, got, tc.want)
		}
	}
	for line, want := range map[int][]string{2: {"a", "b"}, 4: {"a", "c", "0", "d"}, 5: {"a", "c", "1"}, 6: {"f"}, 9: nil} {
		if got := fieldAt(d.root, line); !reflect.DeepEqual(got, want) {
			t.Errorf("line %d is of %v, want %v", line, got, want)
		}
	}
}
