package cli

import (
	"slices"
	"testing"
)

func TestJoinTrace(t *testing.T) {
	for _, tc := range []struct{ args, want []string }{
		{[]string{"replay", "a.rpz", "--trace"}, nil},
		{[]string{"replay", "--trace", "a.rpz"}, nil},
		{[]string{"replay", "--trace", "--quiet"}, nil},
		{[]string{"replay", "--trace", "sampled", "a.rpz"}, []string{"replay", "--trace=sampled", "a.rpz"}},
		{[]string{"replay", "a.rpz", "--trace", "off"}, []string{"replay", "a.rpz", "--trace=off"}},
		{[]string{"replay", "--trace=sampled", "a.rpz"}, nil},
		{[]string{"replay", "--", "--trace", "on"}, nil},
		{nil, nil},
	} {
		want := tc.want
		if want == nil {
			want = tc.args
		}
		if got := joinTrace(slices.Clone(tc.args)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", tc.args, got, want)
		}
	}
}
