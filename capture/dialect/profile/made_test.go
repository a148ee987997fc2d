package profile

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write made.go")

// TestMadeProfiles holds that the profiles in made.go are those of the files in shipped.
func TestMadeProfiles(t *testing.T) {
	files, err := filepath.Glob("shipped/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	slices.Sort(files)
	made := madeProfiles()
	var source bytes.Buffer
	source.WriteString("package profile\n\nimport (\n\t\"time\"\n\n\t\"reprise/capture/dialect/signature\"\n\t\"reprise/capture/yamldoc\"\n)\n\n" +
		"// madeProfiles are the profiles of the files in shipped, in the order of their names. The tests write them: go test -run TestMadeProfiles -update\n" +
		"func madeProfiles() []Profile {\n\treturn []Profile{\n")
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !*update && (i >= len(made) || !reflect.DeepEqual(*p, made[i])) {
			t.Errorf("made.go does not have what %s says: go test ./capture/dialect/profile -run TestMadeProfiles -update", file)
		}
		source.WriteString("{\n")
		v := reflect.ValueOf(*p)
		for j := range v.NumField() {
			if f := v.Field(j); !f.IsZero() {
				fmt.Fprintf(&source, "%s: %s,\n", v.Type().Field(j).Name, literal(t, f))
			}
		}
		source.WriteString("},\n")
	}
	source.WriteString("\t}\n}\n")
	if !*update {
		if len(made) != len(files) {
			t.Errorf("%d profiles of %d files", len(made), len(files))
		}
		return
	}
	text, err := format.Source(source.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("made.go", text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// typeName is a type's name in made.go.
func typeName(v reflect.Value) string { return strings.ReplaceAll(v.Type().String(), "profile.", "") }

// element writes a value in a list or a map, which say its type.
func element(t *testing.T, v reflect.Value) string {
	text := literal(t, v)
	if inner, ok := strings.CutPrefix(text, typeName(v)+"{"); ok {
		return "{" + inner
	}
	return text
}

// literal writes a value of a profile in Go.
func literal(t *testing.T, v reflect.Value) string {
	name := typeName(v)
	var parts []string
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Int64:
		if d, ok := v.Interface().(time.Duration); ok && d%time.Millisecond == 0 {
			return fmt.Sprintf("%d*time.Millisecond", d/time.Millisecond)
		}
	case reflect.Pointer:
		return "&" + literal(t, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			parts = append(parts, element(t, v.Index(i)))
		}
		return name + "{" + strings.Join(parts, ", ") + "}"
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			parts = append(parts, literal(t, k)+": "+element(t, v.MapIndex(k)))
		}
		return name + "{" + strings.Join(parts, ", ") + "}"
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsZero() {
				parts = append(parts, v.Type().Field(i).Name+": "+literal(t, f))
			}
		}
		return name + "{" + strings.Join(parts, ", ") + "}"
	}
	t.Fatalf("made.go has no way to write a %s", v.Type())
	return ""
}
