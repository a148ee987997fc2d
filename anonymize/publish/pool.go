package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"reprise/capture/sms"
	"reprise/capture/sms/numberfile"
)

// ReadPool returns the pool of that name: wide, strict, or the file that lists one, a number a line; blank lines and lines that
// begin with # are left out. What is wrong with its numbers is a *numberfile.Error.
func ReadPool(name string) (sms.Pool, error) {
	switch name {
	case sms.Wide().Name():
		return sms.Wide(), nil
	case sms.Strict().Name():
		return sms.Strict(), nil
	}
	text, err := os.ReadFile(name)
	if _, missing := os.Stat(name); missing != nil {
		return sms.Pool{}, fmt.Errorf("no pool is called %q (wide, strict), and as a file: %w", name, errors.Unwrap(missing))
	} else if err != nil {
		return sms.Pool{}, err
	}
	var numbers []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			numbers = append(numbers, line)
		}
	}
	if len(numbers) == 0 {
		return sms.Pool{}, fmt.Errorf("%s lists nothing", name)
	}
	p, err := ListedPool(numbers)
	if err != nil {
		return sms.Pool{}, &numberfile.Error{Name: name, Err: err}
	}
	return p, nil
}

// ListedPool makes a pool of a list of numbers, whose name follows from them.
func ListedPool(numbers []string) (sms.Pool, error) {
	sum := sha256.Sum256([]byte(strings.Join(numbers, "\n")))
	return sms.NewPool("list-"+hex.EncodeToString(sum[:4]), numbers)
}
