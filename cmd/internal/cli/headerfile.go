package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"reprise/capture/source/open"
	"reprise/replay/render"
)

// parseHeaders reads --header: 'NAME: VALUE', 'NAME:', 'NAME: @FILE' and @FILE.
func (o *replayOptions) parseHeaders(ctx context.Context) (edits []render.Header, err error) {
	for _, text := range o.headers {
		if name, ok := strings.CutPrefix(text, "@"); ok {
			more, err := headersOf(ctx, name)
			if err != nil {
				return nil, err
			}
			edits = append(edits, more...)
			continue
		}
		h, err := parseHeader(text)
		if err != nil {
			return nil, err
		}
		open := h.Value
		if err := fillHeader(ctx, &h); err != nil {
			return nil, err
		}
		if isCredential(h.Name) && h.Value == open && strings.Trim(open, "{}") != "run" && !h.Remove {
			o.warn("--header %s: the value stands on the command line, where every user of this machine can read it: give --header '%s: @FILE'", h.Name, h.Name)
		}
		edits = append(edits, h)
	}
	return edits, nil
}

// parseHeader reads one header. Its errors quote no value.
func parseHeader(text string) (render.Header, error) {
	if name, _, _ := strings.Cut(text, ":"); strings.EqualFold(strings.TrimSpace(name), "Proxy-Authorization") {
		return render.Header{}, misuse("--header: Proxy-Authorization is the proxy's and is never sent to a target: give --proxy-auth @FILE")
	}
	h, err := render.ParseHeader(text)
	if err != nil {
		return h, misuse("--header: %v", err)
	}
	return h, nil
}

// headersOf reads a file of headers: one 'NAME: VALUE' or 'NAME:' a line; blank lines and those that begin with # are left out.
func headersOf(ctx context.Context, name string) (edits []render.Header, err error) {
	if name == "" {
		return nil, misuse("--header: name a file after the @")
	}
	text, err := open.Private(ctx, name)
	if err != nil {
		return nil, secretError("--header", err, false)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		h, err := parseHeader(line)
		if err != nil {
			return nil, misuse("--header: %s: line %d: %s", name, n, strings.TrimPrefix(err.Error(), "--header: "))
		}
		edits = append(edits, h)
	}
	if len(edits) == 0 {
		return nil, misuse("--header: %s holds no header", name)
	}
	return edits, nil
}

// fillHeader puts the content of a file in the place of @FILE: of the whole value, or of what follows the scheme of an Authorization.
// Nothing is filled in there: a secret may hold braces.
func fillHeader(ctx context.Context, h *render.Header) error {
	scheme, rest := "", h.Value
	if strings.EqualFold(h.Name, "Authorization") {
		if first, after, ok := strings.Cut(h.Value, " "); ok && strings.HasPrefix(strings.TrimLeft(after, " "), "@") {
			scheme, rest = first, strings.TrimLeft(after, " ")
		}
	}
	name, ok := strings.CutPrefix(rest, "@")
	if !ok {
		return nil
	}
	if strings.HasPrefix(name, "@") {
		h.Value = strings.TrimSpace(scheme + " " + name)
		return nil
	}
	if name == "" {
		return misuse("--header: %s: name a file after the @, or write @@ for a value that begins with one", h.Name)
	}
	text, err := open.Private(ctx, name)
	if err != nil {
		return secretError("--header "+h.Name, err, true)
	}
	value := strings.TrimSpace(string(text))
	switch {
	case value == "":
		return misuse("--header %s: %s is empty", h.Name, name)
	case strings.ContainsAny(value, "\r\n\x00"):
		return misuse("--header %s: %s holds more than one line; --header @FILE reads a file of headers", h.Name, name)
	case len(value) > len(h.Name) && strings.EqualFold(value[:len(h.Name)+1], h.Name+":"):
		return misuse("--header %s: %s holds the header's name too: give --header @%s", h.Name, name, name)
	}
	if strings.EqualFold(scheme, "Basic") && strings.Contains(value, ":") { // no base64 holds a colon
		value = base64.StdEncoding.EncodeToString([]byte(value))
	}
	h.Value, h.Literal = strings.TrimSpace(scheme+" "+value), true
	return nil
}

// isCredential says whether a header's value is a secret, by its name.
func isCredential(name string) bool {
	name = strings.ToLower(name)
	if strings.Contains(name, "idempotency") { // a token that is told to everybody
		return false
	}
	switch name {
	case "authorization", "cookie", "x-api-key", "api-key", "apikey":
		return true
	}
	for _, end := range []string{"-token", "-secret", "-api-key", "-auth-key", "-password"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// warn keeps what is to be said before the run: once, however many runs there are.
func (o *replayOptions) warn(format string, args ...any) {
	o.warnings = append(o.warnings, fmt.Sprintf(format, args...))
}

// secretError is the error of a flag whose value names a file by an @. Where there is no such file, the @ may have been meant.
func secretError(flag string, err error, literal bool) error {
	if errors.Is(err, fs.ErrNotExist) && literal {
		return withHint(misuse("%s: %w", flag, err), "what follows an @ is a file to read; a value that begins with one is written @@")
	}
	return misuse("%s: %w", flag, err)
}
