package cli

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"reprise/cmd/internal/exit"
)

// An open-file limit that is met in the middle is this machine's too.
func TestOutOfFiles(t *testing.T) {
	for _, tc := range []struct {
		err  error
		code exit.Code
		own  bool
	}{
		{fmt.Errorf("take over a connection: %w", syscall.EMFILE), exit.Failed, true},
		{fmt.Errorf("dial: %w", syscall.ENFILE), exit.Failed, true},
		{exit.With(exit.Unreachable, syscall.ECONNREFUSED), exit.Unreachable, false},
		{exit.With(exit.Unreachable, errors.New("no address is known")), exit.Unreachable, false},
	} {
		err := new(replayOptions).explain(tc.err, nil)
		if own := strings.Contains(err.Error(), "this machine allows no more open files"); own != tc.own || exit.CodeOf(err) != tc.code {
			t.Errorf("%v: %v, code %d", tc.err, own, exit.CodeOf(err))
		}
	}
}
