//go:build unix && !linux && !darwin

package output

import "errors"

func renameExclusive(string, string) error { return errors.ErrUnsupported }
