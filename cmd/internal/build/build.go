// Package build says which reprise this is, as people read it and as files record it.
package build

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version names the build: the module's version, and the commit where the toolchain recorded one.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += "+" + s.Value[:12]
		}
	}
	return v
}

// Line says in one line which reprise this is, and which Go built it for which system.
func Line() string {
	return fmt.Sprintf("reprise %s %s %s/%s", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Tool names the program and its version, as files record it.
func Tool() string { return "reprise " + Version() }
