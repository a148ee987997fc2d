package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"reprise/replay/cause"
)

// TestAttributesAreTold holds the table of docs/why.md to what requests are known by.
func TestAttributesAreTold(t *testing.T) {
	const page, begin, end = "../../docs/why.md", "<!-- attributes -->\n", "<!-- end of attributes -->\n"
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(old), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("docs/why.md has no place for the table")
	}
	var b strings.Builder
	b.WriteString(head + begin + "| attribute | unit | what it is |\n|---|---|---|\n")
	for _, d := range cause.Definitions() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", d.Name, d.Unit, d.Is)
	}
	b.WriteString(end + tail)
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if b.String() != string(old) {
		t.Error("docs/why.md is not what requests are known by: go test ./cmd/reprise -run TestAttributesAreTold -update writes it")
	}
}
