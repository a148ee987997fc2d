package profile

import (
	"embed"
	"fmt"
	"sync"

	"reprise/capture/dialect"
)

// Shipped returns the vendors that come with reprise as profiles, in the order of their files' names. They are made of what the tests have read of
// the files, since reading YAML takes longer than all else that a start of the program does.
func Shipped() []*dialect.Vendor {
	made := madeProfiles()
	vs := make([]*dialect.Vendor, len(made))
	const parts = 2 // made at the same time: whoever starts the program waits for them
	var making sync.WaitGroup
	for part := range parts {
		making.Go(func() {
			for i := part; i < len(made); i += parts {
				var err error
				if vs[i], err = made[i].Vendor(); err != nil {
					panic(fmt.Sprintf("profile: internal error: %s: %v", made[i].Name, err))
				}
			}
		})
	}
	making.Wait()
	return vs
}

//go:embed shipped/*.yaml
var shipped embed.FS // which other profiles can be like

//go:embed template.yaml
var templateText string

// Template is a profile with comments, to begin with.
func Template() string { return templateText }
