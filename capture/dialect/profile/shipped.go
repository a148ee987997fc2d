package profile

import (
	"embed"
	"fmt"

	"reprise/capture/dialect"
)

//go:embed shipped/*.yaml
var shipped embed.FS

// Shipped returns the vendors that come with reprise as profiles, in the order of their files' names.
func Shipped() []*dialect.Vendor {
	files, err := shipped.ReadDir("shipped")
	if err != nil {
		panic(fmt.Sprintf("profile: internal error: %v", err))
	}
	vs := make([]*dialect.Vendor, 0, len(files))
	for _, f := range files {
		text, err := shipped.ReadFile("shipped/" + f.Name())
		if err != nil {
			panic(fmt.Sprintf("profile: internal error: %v", err))
		}
		_, v, err := parse(text)
		if err != nil {
			panic(fmt.Sprintf("profile: internal error: %s: %v", f.Name(), err))
		}
		vs = append(vs, v)
	}
	return vs
}

//go:embed template.yaml
var templateText string

// Template is a profile with comments, to begin with.
func Template() string { return templateText }
