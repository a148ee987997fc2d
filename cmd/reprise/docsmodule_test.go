//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// moduleScript returns the commands that docs/webhooktest.md shows between its marks, as a reader pastes them.
func moduleScript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/webhooktest.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(text), "<!-- module -->")
	part, _, ended := strings.Cut(part, "<!-- end of module -->")
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(part)
	if !found || !ended || block == nil {
		t.Fatal("the page marks no module")
	}
	return "set -e\n" + block[1]
}

// installed returns an empty folder, and the environment of a reader who has reprise on the path: TestMain put this
// program there under its name. What is in the folder's bin goes before.
func installed(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir, append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// TestDocsModule makes the module of docs/webhooktest.md outside this one, with what this one's build has left in the module cache,
// and then breaks its receiver.
func TestDocsModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds programs of its own, in which the race detector is not")
	}
	script := moduleScript(t)
	dir, env := installed(t)
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	env = append(env, "REPRISE="+checkout, "GOPROXY=off", "GOSUMDB=off", "GOFLAGS=", "GOWORK=off")
	run := func(name string, args ...string) (string, error) {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("bash", "-c", script)
	if err != nil || strings.Count(out, "ok  \texample.com/receiver") != 2 || !strings.Contains(out, "req/s") {
		t.Fatalf("the module failed: %v\n%s", err, out)
	}
	dir = filepath.Join(dir, "receiver")
	golden, err := os.ReadFile(filepath.Join(dir, "testdata", "friday.golden"))
	if n := bytes.Count(golden, []byte("\nrecord ")); err != nil || n != 500 {
		t.Errorf("the golden file holds %d answers, want 500; %v", n, err)
	}
	t.Run("package comment", func(t *testing.T) {
		writePackageComment(t, dir)
		if out, err := run("go", "test", "-v", "./comment"); err != nil || strings.Count("\n"+out, "\n--- PASS: ") != 3 {
			t.Errorf("%v\n%s", err, out)
		}
	})
	receiver := filepath.Join(dir, "receiver.go")
	text, err := os.ReadFile(receiver)
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Replace(text, []byte("Text STOP to leave."), []byte("Text START to leave."), 1)
	if err := os.WriteFile(receiver, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = run("go", "test")
	want := regexp.MustCompile(`record \d+ \(help, [a-z]+\): the answer is not that of testdata/friday.golden`)
	if err == nil || !want.MatchString(out) || !strings.Contains(out, "-| <Response><Message>Text STOP to leave.") ||
		!strings.Contains(out, "+| <Response><Message>Text START to leave.") {
		t.Errorf("with a broken receiver: %v\n%s", err, out)
	}
}

// writePackageComment makes a test package of the code that webhooktest's package comment and Seeds show.
func writePackageComment(t *testing.T, module string) {
	t.Helper()
	block := func(file string, n int) string {
		text, err := os.ReadFile(filepath.Join("../../fixtures/webhooktest", file))
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile(`(?m)(^//\t.*\n)(^//(\t.*)?\n)*`).FindAllString(string(text), -1)
		if len(blocks) <= n {
			t.Fatalf("%s shows %d blocks of code", file, len(blocks))
		}
		return regexp.MustCompile(`(?m)^//\t?`).ReplaceAllString(blocks[n], "")
	}
	code := `package comment

import (
	"net/http"
	"testing"
	"testing/synctest"

	"example.com/receiver"
	"reprise/fixtures/webhooktest"
)

type handler struct{ http.Handler }

func (handler) Close() {}

func newHandler() handler { return handler{receiver.New()} }

func parse([]byte) {}

` + block("webhooktest.go", 0) + "\nfunc TestBubble(t *testing.T) {\n" + block("webhooktest.go", 1) + "}\n\n" + block("seeds.go", 0)
	for name, content := range map[string]string{"comment_test.go": code, "testdata/friday.rpz": ""} {
		path := filepath.Join(module, "comment", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if content == "" {
			corpus, err := os.ReadFile(filepath.Join(module, name))
			if err != nil {
				t.Fatal(err)
			}
			content = string(corpus)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
