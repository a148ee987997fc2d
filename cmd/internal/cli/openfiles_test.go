package cli

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// An open-file limit that is met in the middle is this machine's too.
func TestOutOfFiles(t *testing.T) {
	for _, tc := range []struct {
		err  error
		code exitCode
		own  bool
	}{
		{fmt.Errorf("take over a connection: %w", syscall.EMFILE), exitFailed, true},
		{fmt.Errorf("dial: %w", syscall.ENFILE), exitFailed, true},
		{withCode(exitUnreachable, syscall.ECONNREFUSED), exitUnreachable, false},
		{withCode(exitUnreachable, errors.New("no address is known")), exitUnreachable, false},
	} {
		err := new(replayOptions).explain(tc.err, nil)
		if own := strings.Contains(err.Error(), "this machine allows no more open files"); own != tc.own || codeOf(err) != int(tc.code) {
			t.Errorf("%v: %v, code %d", tc.err, own, codeOf(err))
		}
	}
}
