package dialecttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
)

// values decodes a document with the standard library, and returns its keys and values in their order.
func values(t *testing.T, document string) []string {
	t.Helper()
	decode := formValues
	if s := strings.TrimSpace(document); strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[") {
		decode = jsonValues
	}
	all, err := decode(document)
	if err != nil {
		t.Fatalf("the document cannot be decoded: %v", err)
	}
	return all
}

func formValues(form string) (all []string, err error) {
	for item := range strings.SplitSeq(form, "&") {
		key, value, _ := strings.Cut(item, "=")
		for _, s := range []string{key, value} {
			s, err := url.QueryUnescape(s)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

func jsonValues(text string) (all []string, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		case token == nil:
			token = "null"
		}
		all = append(all, fmt.Sprint(token))
	}
}
