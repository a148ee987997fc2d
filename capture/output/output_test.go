package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func create(t *testing.T, name string, force bool, text string) *File {
	t.Helper()
	f, err := Create(name, force)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return f
}

func content(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func listing(t *testing.T, folder string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// What is there stays, whatever it is: the new file takes the next free name.
func TestNothingIsWrittenOver(t *testing.T) {
	dir := t.TempDir()
	name, victim := filepath.Join(dir, "a.rpz"), filepath.Join(dir, "victim")
	for n, path := range []string{name + ".partial", name + ".1.partial", name + ".3.partial", victim} {
		if err := os.WriteFile(path, []byte{byte('0' + n)}, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := name + ".2.partial"
	if err := os.Symlink(victim, link); err != nil {
		t.Logf("no links here: %v", err)
		if err := os.Mkdir(link, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f := create(t, name, false, "new")
	if f.Path() != name+".4.partial" {
		t.Errorf("the unfinished file is %s", f.Path())
	}
	info, err := f.Stat()
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v: %v", info.Mode(), err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{name: "new", name + ".partial": "0", name + ".1.partial": "1", name + ".3.partial": "2", victim: "3"} {
		if got := content(t, path); got != want {
			t.Errorf("%s holds %q, want %q", path, got, want)
		}
	}
	left := Left(name)
	var paths []string
	for _, r := range left {
		paths = append(paths, filepath.Base(r.Path))
		if r.Busy {
			t.Errorf("%s is busy", r.Path)
		}
	}
	paths = slices.DeleteFunc(paths, func(p string) bool { return p == "a.rpz.2.partial" }) // a folder is listed, a link is not
	if want := []string{"a.rpz.partial", "a.rpz.1.partial", "a.rpz.3.partial"}; !slices.Equal(paths, want) {
		t.Errorf("left are %v, want %v", paths, want)
	}
}

func TestASecondWriterIsRefused(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "run.rpr")
	first := create(t, name, false, "first")
	for _, force := range []bool{false, true} {
		if _, err := Create(name, force); !errors.Is(err, ErrBusy) {
			t.Errorf("force %v: %v, want ErrBusy", force, err)
		}
	}
	if got := listing(t, dir); !slices.Equal(got, []string{"run.rpr.partial"}) {
		t.Errorf("there is %v", got)
	}
	if err := first.Leave(); err != nil {
		t.Fatal(err)
	}
	create(t, name, false, "second").Commit()
	if a, b := content(t, name+".partial"), content(t, name); a != "first" || b != "second" {
		t.Errorf("%q and %q", a, b)
	}
}

// Two that begin in one instant each have a file: the later is refused at its end, or with force replaces the other whole.
func TestTwoAtOnce(t *testing.T) {
	for _, force := range []bool{false, true} {
		name := filepath.Join(t.TempDir(), "a")
		first := create(t, name, force, "first")
		second, err := first.Second()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := second.WriteString("the other"); err != nil {
			t.Fatal(err)
		}
		if err := first.Commit(); err != nil {
			t.Fatal(err)
		}
		err = second.Commit()
		switch {
		case force && (err != nil || content(t, name) != "the other"):
			t.Errorf("with force: %v and %q", err, content(t, name))
		case !force && (!errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), second.Path())):
			t.Errorf("without force: %v", err)
		case !force && (content(t, name) != "first" || content(t, second.Path()) != "the other"):
			t.Errorf("without force: %q and %q", content(t, name), content(t, second.Path()))
		}
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	f := create(t, filepath.Join(dir, "a"), false, "late first")
	second, err := f.Second()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.WriteString("in order"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Replace(second), f.Commit(), f.Discard(), second.Discard()); err != nil {
		t.Fatal(err)
	}
	if got := listing(t, dir); !slices.Equal(got, []string{"a"}) || content(t, filepath.Join(dir, "a")) != "in order" {
		t.Errorf("%v", got)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	type test struct {
		name          string
		plain, forced error
	}
	tests := []test{
		{filepath.Join(dir, "new"), nil, nil},
		{file, fs.ErrExist, nil},
		{dir, ErrNoFile, ErrNoFile},
		{filepath.Join(dir, "x.partial"), ErrPartialName, ErrPartialName},
		{filepath.Join(dir, "x.rpz.1.partial"), ErrPartialName, ErrPartialName},
		{filepath.Join(dir, "partial"), nil, nil},
	}
	for link, to := range map[string]string{"tofile": file, "tonothing": filepath.Join(dir, "nothing"), "todevice": os.DevNull} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Logf("no links here: %v", err)
			continue
		}
		tests = append(tests, test{filepath.Join(dir, link), ErrNoFile, ErrNoFile})
	}
	if runtime.GOOS != "windows" {
		tests = append(tests, test{os.DevNull, ErrNoFile, ErrNoFile}, test{"/dev/stdout", ErrNoFile, ErrNoFile})
	}
	for _, tc := range tests {
		for force, want := range map[bool]error{false: tc.plain, true: tc.forced} {
			if err := Check(tc.name, force); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%s, force %v: %v, want %v", tc.name, force, err, want)
			}
			if want == nil {
				continue
			}
			if _, err := Create(tc.name, force); !errors.Is(err, want) {
				t.Errorf("create %s, force %v: %v, want %v", tc.name, force, err, want)
			}
			if _, err := Direct(tc.name, force); !errors.Is(err, want) {
				t.Errorf("direct %s, force %v: %v, want %v", tc.name, force, err, want)
			}
		}
	}
}

func TestDirect(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sink.log")
	if err := os.WriteFile(name, []byte("what was before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Direct(name, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("one"); err != nil {
		t.Fatal(err)
	}
	if _, err := Direct(name, true); !errors.Is(err, ErrBusy) {
		t.Errorf("a second writer gets %v", err)
	}
	if got := content(t, name); got != "one" {
		t.Errorf("it holds %q", got)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestConsume(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.rpz")
	for _, path := range []string{name + ".partial", name + ".12.partial", filepath.Join(dir, "b.rpz.partial"), filepath.Join(dir, "a.rpz.012.partial"), filepath.Join(dir, "a.rpz.x.partial")} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Consume(name+".partial", name); err == nil {
		t.Error("it is removed before the output is there")
	}
	create(t, name, false, "").Commit()
	for _, e := range listing(t, dir) {
		if e != "a.rpz" {
			if err := Consume(filepath.Join(dir, e), name); err != nil {
				t.Error(err)
			}
		}
	}
	if got := listing(t, dir); !slices.Equal(got, []string{"a.rpz", "a.rpz.012.partial", "a.rpz.x.partial", "b.rpz.partial"}) {
		t.Errorf("%v", got)
	}
}

// A temporary file has no name, and each that opens it by its path reads it from its beginning.
func TestTemp(t *testing.T) {
	dir := t.TempDir()
	f, err := NewTemp(dir, "reprise-*.rpz")
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" || runtime.GOOS == "darwin" {
		if got := listing(t, dir); len(got) > 0 {
			t.Errorf("%v has a name", got)
		}
	}
	if _, err := f.WriteString("0123456789"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again, err := Open(f.Path())
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 10)
		if n, err := again.ReadAt(b, 0); n != 10 || err != nil || string(b) != "0123456789" {
			t.Errorf("%q: %v", b[:n], err)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if got := listing(t, dir); len(got) > 0 {
		t.Errorf("%v is left", got)
	}
	none := filepath.Join(dir, "none")
	if _, err := NewTemp(none, "x*"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("the folder was made")
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "out")
	if err := os.MkdirAll(filepath.Join(name+".partial", "mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := CreateFolder(name)
	if err != nil {
		t.Fatal(err)
	}
	if f.Path != name+".1.partial" {
		t.Errorf("it is %s", f.Path)
	}
	if _, err := CreateFolder(name); runtime.GOOS != "windows" && !errors.Is(err, ErrBusy) {
		t.Errorf("a second writer gets %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateFolder(name + ".partial"); !errors.Is(err, ErrPartialName) {
		t.Errorf("%v", err)
	}
}
