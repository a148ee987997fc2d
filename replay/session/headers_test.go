package session_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/replay/session"
)

// TestReadHeaders holds what is read of which text, and that no error tells a value.
func TestReadHeaders(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	basic, token, several := file("basic", "joe:s3cret\n"), file("token", "s3cret\n"), file("several", "# mine\nX-A: 1\n\nX-B:\n")
	for _, tc := range []struct {
		texts []string
		want  string // NAME=VALUE of each, or the error
		open  []string
	}{
		{[]string{"X-Load-Test: {run}", "Reprise-Run:"}, "X-Load-Test={run} Reprise-Run=", nil},
		{[]string{"Authorization: Basic @" + basic}, "Authorization=Basic am9lOnMzY3JldA==", nil},
		{[]string{"X-Token: @" + token, "X-At: @@home"}, "X-Token=s3cret X-At=@home", nil},
		{[]string{"@" + several}, "X-A=1 X-B=", nil},
		{[]string{"X-Api-Key: s3cret"}, "X-Api-Key=s3cret", []string{"X-Api-Key"}},
		{[]string{"X-Token: @" + several}, "header X-Token: " + several + " holds more than one line", nil},
		{[]string{"X-Token: @" + filepath.Join(dir, "none")}, "header X-Token: stat ", nil},
		{[]string{"@" + file("empty", "# nothing")}, "headers: " + filepath.Join(dir, "empty") + " holds no header", nil},
		{[]string{"Proxy-Authorization: Basic s3cret"}, "headers: Proxy-Authorization is the proxy's", nil},
	} {
		edits, open, err := session.ReadHeaders(t.Context(), tc.texts)
		var got []string
		for _, h := range edits {
			got = append(got, h.Name+"="+h.Value)
		}
		text := strings.Join(got, " ")
		if err != nil {
			text = err.Error()
			if _, ok := errors.AsType[*session.HeaderError](err); !ok || strings.Contains(text, "s3cret") {
				t.Errorf("%q: %v", tc.texts, err)
			}
		}
		if !strings.HasPrefix(text, tc.want) || !slices.Equal(open, tc.open) {
			t.Errorf("%q: %q with %q in the open, want %q with %q", tc.texts, text, open, tc.want, tc.open)
		}
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := session.ReadHeaders(ended, []string{"X-A: 1"}); err != nil {
		t.Errorf("a header without a file: %v", err)
	}
}
