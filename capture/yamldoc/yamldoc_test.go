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

// A text has one document, whose keys are texts; keys that may be somebody's number are not repeated.
func TestRefused(t *testing.T) {
	type settings struct {
		A int            `yaml:"a"`
		B map[string]int `yaml:"b"`
	}
	for text, want := range map[string]string{
		"a: 1\n---\na: 2\n":           "line 2: it holds more than one document",
		"a: 1\n---\n[\n":              "it holds more than one document",
		"a: 1\n...\n":                 "",
		"---\na: 1\n":                 "",
		"a: 1\n# --- a comment\n":     "",
		"a: 1\n? [x, y]\n: 2\n":       "line 2: a key is a text, and no list, mapping or alias",
		"b: {? {x: y} : 2}\n":         "line 1: a key is a text, and no list, mapping or alias",
		"a: &k 1\nb: {*k : 2}\n":      "line 2: a key is a text, and no list, mapping or alias",
		"+12025550143: 1\n":           "line 1: there is no field a key that is not shown, but a, b",
		"b: {+12025550143: x}\n":      "line 1: b.a key that is not shown: it is not a whole number",
		"b: {ann@example.com: x}\n":   "line 1: b.a key that is not shown: it is not a whole number",
		"b:\n  555-0143: x\n  c: y\n": "line 2: b.a key that is not shown: it is not a whole number",
		"b: {step2: x}\n":             "line 1: b.step2: it is not a whole number",
	} {
		_, err := Decode([]byte(text), new(settings))
		if got := ""; err != nil {
			got = err.Error()
			if got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		} else if want != "" {
			t.Errorf("%q: no error, want %s", text, want)
		}
	}
}
