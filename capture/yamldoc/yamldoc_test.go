package yamldoc

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
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
		"a: 1\n---\na: 2\n":           "line 2: the file: it holds more than one document",
		"a: 1\n---\n[\n":              "line 2: the file: it holds more than one document",
		"a: 1\n...\n":                 "",
		"---\na: 1\n":                 "",
		"a: 1\n# --- a comment\n":     "",
		"a: 1\n? [x, y]\n: 2\n":       "line 2: the file: a key is a text, and no list, mapping or alias",
		"b: {? {x: y} : 2}\n":         "line 1: b: a key is a text, and no list, mapping or alias",
		"a: &k 1\nb: {*k : 2}\n":      "line 2: b: a key is a text, and no list, mapping or alias",
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

// What is no YAML is told with its line and, of the fields that there are, the one that it is in. Nothing that stands there is repeated.
func TestNoYAML(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	const noAnchor = "an alias stands for nothing, as no anchor of its name stands before it"
	for _, tc := range []struct{ text, want string }{
		{"a: *secret\n", "line 1: a: " + noAnchor},
		{"a: 1\nb:\n- '*secret'\n- x # *secret\n- *secret\n- *secret\n", "line 5: b: " + noAnchor},
		{"a: 1\nb:\n- [x,\n  *secret, &secret y]\n", "line 4: b: " + noAnchor},
		{"a: &secret\n- x\n- {y: *secret}\n", "line 3: a.1.y: it stands within what it is an alias of"},
		{"a: 1\nb:\n\t- secret\n", "line 3: b: it is indented by a tab, and YAML takes spaces alone"},
		{"a: 1\nb:\n- x: secret\n\ty: 2\n", "line 4: b: it is indented by a tab, and YAML takes spaces alone"},
		{"a: @secret\n", "line 1: a: found character that cannot start any token"},
		{"a: 1\nb: c: secret\n", "line 2: b: mapping values are not allowed in this context"},
		{"secret: x: 1\n", "line 1: the file: mapping values are not allowed in this context"},
		{"a:\n  - secret\n - x\n", "line 3: a: did not find expected key"},
		{"a: 1\nb: |\n  secret\n x\nc: 2\n", "line 4: b: did not find expected key"},
		{"a: [secret\n", "line 1: a: did not find expected ',' or ']'"},
		{"a: [x,\n  y]\nb: [secret,\n  y\nc: 1\n", "line 4: b: did not find expected ',' or ']'"},
		{"a: \"x\n  y\"\nb:\n- \"secret\n- 2\n", "line 4: b: found unexpected end of stream"},
		{"a: \"secret \\q\"\n", "line 1: a: found unknown escape character"},
		{"a: 1\nb: !secret!x 5\n", "line 2: b: found undefined tag handle"},
		{"a: 1\nb: x\x00secret\n", "line 2: b: control characters are not allowed"},
		{"a: 1\n\nb: x\xffsecret\n", "line 3: b: invalid leading UTF-8 octet"},
		{"%secret\n", "line 1: the file: found unknown directive name"},
		{"a: 1\nb: " + deep(200), "line 2: b: it is nested more than 100 levels deep"},
		{"a: 1\nb: " + deep(20_000), "line 2: b: it is nested more than 100 levels deep"},
		{"a: !!int secret\n", "a value cannot be read as its tag says"},
	} {
		_, err := Decode([]byte(tc.text), new(struct {
			A any `yaml:"a"`
			B any `yaml:"b"`
		}))
		if err == nil || err.Error() != tc.want {
			t.Errorf("%.40q: %v, want %s", tc.text, err, tc.want)
		}
	}
}

// FuzzParse tells of each text where it is wrong, within it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"a: *b", "a: [", "\xff\xfea\x00", "- x\n\ty", "a: &b [*b]", "a: 1\n---\nb: ["} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := Parse(text, "a")
		if err == nil {
			return
		}
		var field *FieldError
		if !errors.As(err, &field) || field.Line < 1 || field.Line > bytes.Count(text, []byte("\n"))+1+bytes.Count(text, []byte("\r")) || field.Field == "" {
			t.Errorf("%q: %v", text, err)
		}
	})
}
