package cli

import (
	"encoding/json"
	"io"
)

// printJSON writes v as one compact line.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
