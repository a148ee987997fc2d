package cli

import (
	"errors"

	"reprise/capture/sms/numberfile"
	"reprise/capture/yamldoc"
	"reprise/cmd/internal/exit"
)

// fileError is the error for a flag that names a file: one that cannot be read, or one whose content makes no sense, which begins
// with the file's name.
func fileError(flag string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*numberfile.Error)), errors.As(err, new(*yamldoc.ContentError)):
		return exit.Misuse("%s %w", flag, err)
	}
	return exit.Misuse("%s: %w", flag, err)
}

// readYAML decodes a file of settings and refuses keys that it does not know.
func readYAML(flag, name string, into any) error {
	_, err := yamldoc.Load(name, into)
	return fileError(flag, err)
}

// readNumberFile reads the file of telephone numbers that a flag names.
func readNumberFile(flag, name string) (*numberfile.File, error) {
	f, err := numberfile.Read(name)
	return f, fileError(flag, err)
}
