package session

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

// HeaderError says that an edit of a header cannot be read. It quotes no value.
type HeaderError struct {
	// Header is the name of the one that is meant, "" where it is not known.
	Header string
	// MeantAsText says that there is no file of the name that follows an @: the value may have been meant to begin with one.
	MeantAsText bool
	Err         error
}

// Error names the header.
func (e *HeaderError) Error() string {
	if e.Header == "" {
		return "headers: " + e.Err.Error()
	}
	return "header " + e.Header + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *HeaderError) Unwrap() error { return e.Err }

// ReadHeaders reads edits of headers as users write them: 'NAME: VALUE', 'NAME:', 'NAME: @FILE', and @FILE of such lines. An
// error is a *HeaderError, or the ctx's cause where a file is a pipe that nobody writes to. inClear are the credentials that stand in
// the texts themselves, by the names of their headers.
func ReadHeaders(ctx context.Context, texts []string) (edits []render.Header, inClear []string, err error) {
	for _, text := range texts {
		if name, ok := strings.CutPrefix(text, "@"); ok {
			more, err := headersOf(ctx, name)
			if err != nil {
				return nil, nil, err
			}
			edits = append(edits, more...)
			continue
		}
		h, err := parseHeader(text)
		if err != nil {
			return nil, nil, badHeader("", "%w", err)
		}
		value := h.Value
		if err := fillHeader(ctx, &h); err != nil {
			return nil, nil, err
		}
		if isCredential(h.Name) && h.Value == value && strings.Trim(value, "{}") != "run" && !h.Remove {
			inClear = append(inClear, h.Name)
		}
		edits = append(edits, h)
	}
	return edits, inClear, nil
}

// ErrProxyHeader: Proxy-Authorization is the proxy's alone.
var ErrProxyHeader = errors.New("Proxy-Authorization is the proxy's and is never sent to a target")

// parseHeader reads one header. Its errors quote no value.
func parseHeader(text string) (render.Header, error) {
	if name, _, _ := strings.Cut(text, ":"); strings.EqualFold(strings.TrimSpace(name), "Proxy-Authorization") {
		return render.Header{}, ErrProxyHeader
	}
	return render.ParseHeader(text)
}

// badHeader is a HeaderError; header is the name of the one that is meant, where it is known.
func badHeader(header, format string, args ...any) error {
	return &HeaderError{Header: header, Err: fmt.Errorf(format, args...)}
}

// headersOf reads a file of headers: one 'NAME: VALUE' or 'NAME:' a line; blank lines and those that begin with # are left out.
func headersOf(ctx context.Context, name string) (edits []render.Header, err error) {
	if name == "" {
		return nil, badHeader("", "name a file after the @")
	}
	text, err := open.Private(ctx, name)
	if err != nil {
		return nil, badHeader("", "%w", err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		h, err := parseHeader(line)
		if err != nil {
			return nil, badHeader("", "%s: line %d: %w", name, n, err)
		}
		edits = append(edits, h)
	}
	if len(edits) == 0 {
		return nil, badHeader("", "%s holds no header", name)
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
		return badHeader("", "%s: name a file after the @, or write @@ for a value that begins with one", h.Name)
	}
	text, err := open.Private(ctx, name)
	if err != nil {
		return &HeaderError{h.Name, errors.Is(err, fs.ErrNotExist), err}
	}
	value := strings.TrimSpace(string(text))
	switch {
	case value == "":
		return badHeader(h.Name, "%s is empty", name)
	case strings.ContainsAny(value, "\r\n\x00"):
		return badHeader(h.Name, "%s holds more than one line; @FILE alone reads a file of headers", name)
	case len(value) > len(h.Name) && strings.EqualFold(value[:len(h.Name)+1], h.Name+":"):
		return badHeader(h.Name, "%s holds the header's name too: give @%s", name, name)
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
