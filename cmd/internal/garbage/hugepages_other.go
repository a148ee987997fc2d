//go:build !linux

package garbage

// hugePages does nothing: what other systems have is another thing.
func hugePages() {}
