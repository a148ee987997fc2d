// Package credentials reads the keys by which vendors' requests are signed, and the schemes, from files, since every user of a
// machine can read its command lines. No error of it quotes what stands in a file.
package credentials

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"reprise/capture/source/open"
)

// maxKeyFile is more than any key's file has.
const maxKeyFile = 64 << 10

// Key reads a token or a key, 64 KiB at most. Of text it leaves out the byte order mark and the line end that editors add.
func Key(ctx context.Context, name string) ([]byte, error) {
	key, err := open.Secret(ctx, name, maxKeyFile, nil)
	switch {
	case errors.Is(err, open.ErrLarge):
		return nil, fmt.Errorf("%s is larger than 64 KiB, which no key is", name)
	case err != nil:
		return nil, err
	case bytes.HasPrefix(key, []byte("\xff\xfe")) || bytes.HasPrefix(key, []byte("\xfe\xff")):
		return nil, fmt.Errorf("%s is text in UTF-16: write it in UTF-8", name)
	}
	if utf8.Valid(key) && !bytes.ContainsFunc(key, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		key = bytes.TrimSpace(bytes.TrimPrefix(key, []byte("\ufeff")))
	}
	if len(key) == 0 {
		return nil, fmt.Errorf("%s is empty", name)
	}
	return key, nil
}
