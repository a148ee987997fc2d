package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// suffix is what the name of an unfinished file ends in.
const suffix = ".partial"

// temporaryName is the nth name of an unfinished file, from 0.
func temporaryName(name string, n int) string {
	if n == 0 {
		return name + suffix
	}
	return name + "." + strconv.Itoa(n) + suffix
}

// IsPartial says whether a name is one that unfinished files have.
func IsPartial(name string) bool { return strings.HasSuffix(filepath.Clean(name), suffix) }

// BeingWritten says whether a file is an unfinished one whose writer is alive, as far as this system can tell.
func BeingWritten(name string) bool { return name != "-" && IsPartial(name) && locked(name) }

// number tells which of an output's temporary names a name is, both without folders; -1 for none.
func number(name, of string) int {
	middle, ok := strings.CutPrefix(name, of)
	if !ok {
		return -1
	}
	if middle == suffix {
		return 0
	}
	digits, ok := strings.CutSuffix(middle, suffix)
	if !ok || !strings.HasPrefix(digits, ".") {
		return -1
	}
	n, err := strconv.Atoi(digits[1:])
	if err != nil || n < 1 || strconv.Itoa(n) != digits[1:] {
		return -1
	}
	return n
}

// Remains is an unfinished file of an output.
type Remains struct {
	Path string
	Size int64
	// Busy says that its writer is alive, as far as this system can tell.
	Busy bool
}

// Left lists the unfinished files of an output, in the order of their numbers: what earlier writers left, and what others
// are writing now. A folder that cannot be listed has none.
func Left(name string) []Remains {
	folder, base := filepath.Split(name)
	d, err := os.Open(filepath.Clean(folder + "."))
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1) // those that were read before an error count
	names = slices.DeleteFunc(names, func(n string) bool { return number(n, base) < 0 })
	slices.SortFunc(names, func(a, b string) int { return number(a, base) - number(b, base) })
	var all []Remains
	for _, n := range names {
		path := folder + n
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
			continue // it is no writer's
		}
		all = append(all, Remains{Path: path, Size: info.Size(), Busy: locked(path)})
	}
	return all
}

// NameOf is the output whose unfinished file a path is, where it is one.
func NameOf(path string) (name string, ok bool) {
	name, ok = strings.CutSuffix(path, suffix)
	if dot := strings.LastIndexByte(name, '.'); ok && number(filepath.Base(path), filepath.Base(name[:max(dot, 0)])) > 0 {
		name = name[:dot]
	}
	return name, ok
}

// Busy says that a file's writer is alive, as far as this system can tell.
func Busy(path string) bool { return locked(path) }

// PartialOf says whether a path is that of an unfinished file of an output.
func PartialOf(path, name string) bool {
	if number(filepath.Base(path), filepath.Base(name)) < 0 {
		return false
	}
	a, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false
	}
	b, err := os.Stat(filepath.Dir(name))
	return err == nil && os.SameFile(a, b)
}

// Consume removes an unfinished file whose content the output now holds; where path is none of the output's it does nothing.
func Consume(path, name string) error {
	if !PartialOf(path, name) {
		return nil
	}
	if _, err := os.Lstat(name); err != nil {
		return fmt.Errorf("%s stays: %w", path, err)
	}
	if locked(path) {
		return fmt.Errorf("%s stays: %w", path, ErrBusy)
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
