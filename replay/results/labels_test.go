package results

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestParseLabels(t *testing.T) {
	many := make([]string, maxLabels+1)
	for i := range many {
		many[i] = fmt.Sprintf("k%d=v", i)
	}
	for _, tc := range []struct {
		name string
		list []string
		want map[string]string
		bad  string // what the error says
	}{
		{"none", nil, map[string]string{}, ""},
		{"two", []string{"commit=4f2c9aa", "branch=main"}, map[string]string{"commit": "4f2c9aa", "branch": "main"}, ""},
		{"the first = counts", []string{"query=a=b"}, map[string]string{"query": "a=b"}, ""},
		{"an unset variable", []string{"commit="}, map[string]string{"commit": ""}, ""},
		{"other alphabets", []string{"zweig=größe"}, map[string]string{"zweig": "größe"}, ""},
		{"no =", []string{"a=1", "secret"}, nil, "number 2 has no ="},
		{"no key", []string{"=secret"}, nil, "number 1 has no key"},
		{"a blank key", []string{" =secret"}, nil, "number 1 has no key"},
		{"a line break in a value", []string{"a=secret\nx"}, nil, "number 1 has characters"},
		{"an escape in a key", []string{"\x1b[2Jsecret=1"}, nil, "number 1 has characters"},
		{"text that turns round", []string{"a=\u202esecret"}, nil, "number 1 has characters"},
		{"no UTF-8", []string{"a=secret\xff"}, nil, "number 1 has characters"},
		{"a long key", []string{strings.Repeat("k", maxLabelKey+1) + "=secret"}, nil, "number 1 has a key of 65 bytes"},
		{"a long value", []string{"a=" + strings.Repeat("v", maxLabelValue+1)}, nil, "number 1 has a value of 257 bytes"},
		{"the longest", []string{strings.Repeat("k", maxLabelKey) + "=" + strings.Repeat("v", maxLabelValue)}, map[string]string{strings.Repeat("k", maxLabelKey): strings.Repeat("v", maxLabelValue)}, ""},
		{"one key twice", []string{"secret=1", "b=2", "secret=3"}, nil, "number 3 has the key of number 1"},
		{"many", many, nil, "a run has 32 labels at most, and these are 33"},
	} {
		got, err := ParseLabels(tc.list)
		switch {
		case tc.bad == "" && (err != nil || !maps.Equal(got, tc.want)):
			t.Errorf("%s: %v, %v", tc.name, got, err)
		case tc.bad != "" && (err == nil || !strings.Contains(err.Error(), tc.bad)):
			t.Errorf("%s: %v, want an error with %q", tc.name, err, tc.bad)
		case tc.bad != "" && strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: the error tells what the label holds: %v", tc.name, err)
		}
	}
}
