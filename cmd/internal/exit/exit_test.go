package exit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCodeAndHint(t *testing.T) {
	plain := errors.New("it broke")
	for _, tc := range []struct {
		err       error
		code      Code
		hint      string
		explained bool
	}{
		{plain, Failed, "", false},
		{Hint(plain, ""), Failed, "", false},
		{Hint(plain, "mend it"), Failed, "mend it", true},
		{fmt.Errorf("verb: %w", Hint(Misuse("--x: %w", plain), "mend it")), Misused, "mend it", true},
		{With(Damaged, plain), Damaged, "", true},
		{fmt.Errorf("verb: %w", context.Canceled), Interrupted, "", false},
	} {
		if CodeOf(tc.err) != tc.code || HintOf(tc.err) != tc.hint || Explained(tc.err) != tc.explained {
			t.Errorf("%v: code %d, hint %q, explained %v", tc.err, CodeOf(tc.err), HintOf(tc.err), Explained(tc.err))
		}
		if !strings.Contains(tc.err.Error(), "verb") && !errors.Is(tc.err, plain) {
			t.Errorf("%v does not wrap its cause", tc.err)
		}
	}
	if With(Damaged, nil) != nil {
		t.Error("no error has a code")
	}
}

func TestDescribe(t *testing.T) {
	got := Describe([]Code{Unmet, Damaged}, "the run was not faithful")
	for _, want := range []string{"  0    done", "  1    ", "  2    ", "  3    the run was not faithful", "  6    bytes", "  130  interrupted"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, Refused.Meaning()) {
		t.Errorf("it lists what the verb does not end with:\n%s", got)
	}
}
