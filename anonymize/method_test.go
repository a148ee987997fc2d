package anonymize

import "testing"

func TestMethod(t *testing.T) {
	for name, want := range map[string]string{"POST": "POST", "PROPFIND": "PROPFIND", "X4153212345": "POST", "sarah.connor": "POST", "post": "POST", "": "POST"} {
		if got := method(name); got != want {
			t.Errorf("%q becomes %q", name, got)
		}
	}
}
