package cli

import (
	"errors"

	"reprise/capture/sms/numberfile"
	"reprise/cmd/internal/exit"
)

// readNumberFile reads the file of telephone numbers that a flag names.
func readNumberFile(flag, name string) (*numberfile.File, error) {
	f, err := numberfile.Read(name)
	switch {
	case errors.As(err, new(*numberfile.Error)):
		return nil, exit.Misuse("%s %w", flag, err)
	case err != nil:
		return nil, exit.Misuse("%s: %w", flag, err)
	}
	return f, nil
}
