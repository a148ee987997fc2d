package cli

import (
	"errors"

	"reprise/capture/sms/numberfile"
)

// readNumberFile reads the file of telephone numbers that a flag names.
func readNumberFile(flag, name string) (*numberfile.File, error) {
	f, err := numberfile.Read(name)
	switch {
	case errors.As(err, new(*numberfile.Error)):
		return nil, misuse("%s %w", flag, err)
	case err != nil:
		return nil, misuse("%s: %w", flag, err)
	}
	return f, nil
}
