package payload

import (
	"slices"
	"testing"
)

func TestElements(t *testing.T) {
	for _, tc := range []struct {
		body string
		want []string
	}{
		{`[{"a":"],\"["},[1,2], "x]" ]`, []string{`{"a":"],\"["}`, `[1,2]`, ` "x]" `}},
		{" \n[]", []string{""}},
		{`{"a":[1]}`, nil},
		{``, nil},
		{`[{"a":"\`, nil},
	} {
		var got []string
		Elements([]byte(tc.body), func(start, end int) { got = append(got, tc.body[start:end]) })
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.body, got, tc.want)
		}
	}
}
