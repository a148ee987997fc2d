//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"reprise/capture/yamldoc"
)

// The jobs of docs/ci are run as a runner runs them: each step's script by bash, in order, in one folder that holds what a checkout
// brings, with reprise on the path and the variables that a runner sets. What a step uses of others is not run: the folder has
// what the checkout brings, and what is kept is looked at in its place.

// ciJob is what the files of both systems say of a job.
type ciJob struct {
	env   map[string]string
	steps []ciStep
	// again are the exit codes after which the system runs the job again, so many times.
	again []int
	times int
	// kept is what the system keeps, and report what it reads as the test report.
	kept   []string
	report string
}

type ciStep struct {
	name, script, uses string
	always             bool
	with               map[string]string
}

// githubJob reads docs/ci/github.yaml. A field that is not listed here is an error.
func githubJob(t *testing.T, text []byte) (j ciJob) {
	t.Helper()
	var f struct {
		Name        string            `yaml:"name"`
		On          string            `yaml:"on"`
		Permissions map[string]string `yaml:"permissions"`
		Jobs        map[string]struct {
			RunsOn  string            `yaml:"runs-on"`
			Timeout int               `yaml:"timeout-minutes"`
			Env     map[string]string `yaml:"env"`
			Steps   []struct {
				Name string            `yaml:"name"`
				If   string            `yaml:"if"`
				Uses string            `yaml:"uses"`
				With map[string]string `yaml:"with"`
				Run  string            `yaml:"run"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	if _, err := yamldoc.Decode(text, &f); err != nil {
		t.Fatal(err)
	}
	if f.On != "pull_request" || f.Permissions["contents"] != "read" || len(f.Jobs) != 1 || f.Jobs["gate"].RunsOn == "" || f.Jobs["gate"].Timeout == 0 {
		t.Errorf("the workflow: %+v", f)
	}
	j.env = f.Jobs["gate"].Env
	for _, s := range f.Jobs["gate"].Steps {
		if s.Name == "" || (s.Run == "") == (s.Uses == "") || s.If != "" && s.If != "always()" {
			t.Errorf("a step has a name, and one of run and uses: %+v", s)
		}
		if s.Uses != "" && !regexp.MustCompile(`^[\w-]+/[\w-]+@v\d+\.\d+\.\d+$`).MatchString(s.Uses) {
			t.Errorf("step %q uses %s, which is not pinned by its full version", s.Name, s.Uses)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %q has an expression in its script, which no shell reads", s.Name)
		}
		j.steps = append(j.steps, ciStep{name: s.Name, script: s.Run, uses: s.Uses, always: s.If == "always()", with: s.With})
		if strings.HasPrefix(s.Uses, "actions/upload-artifact@") {
			j.kept = strings.Fields(s.With["path"])
		}
	}
	j.report = "junit.xml"
	return j
}

// gitlabJob reads docs/ci/gitlab.yaml. A field that is not listed here is an error.
func gitlabJob(t *testing.T, text []byte) (j ciJob) {
	t.Helper()
	var f map[string]struct {
		Stage     string            `yaml:"stage"`
		Image     string            `yaml:"image"`
		Timeout   string            `yaml:"timeout"`
		Variables map[string]string `yaml:"variables"`
		Script    []string          `yaml:"script"`
		Retry     struct {
			Max   int   `yaml:"max"`
			Codes []int `yaml:"exit_codes"`
		} `yaml:"retry"`
		Artifacts struct {
			When    string            `yaml:"when"`
			Paths   []string          `yaml:"paths"`
			Reports map[string]string `yaml:"reports"`
		} `yaml:"artifacts"`
	}
	if _, err := yamldoc.Decode(text, &f); err != nil {
		t.Fatal(err)
	}
	g, ok := f["gate"]
	if !ok || len(f) != 1 || g.Artifacts.When != "always" || !regexp.MustCompile(`:\d+\.\d+\.\d+$`).MatchString(g.Image) {
		t.Errorf("the job: %+v", f)
	}
	return ciJob{
		env: g.Variables, steps: []ciStep{{name: "script", script: strings.Join(g.Script, "\n")}}, again: g.Retry.Codes, times: g.Retry.Max,
		kept: append(g.Artifacts.Paths, g.Artifacts.Reports["junit"]), report: g.Artifacts.Reports["junit"],
	}
}

// run runs a job once in an empty folder, and returns its exit code and all that it printed.
func (j ciJob) run(t *testing.T, dir, corpus string, env []string) (code int, out string) {
	t.Helper()
	content, err := os.ReadFile(corpus)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "safe.rpz"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := os.Create(filepath.Join(t.TempDir(), "printed")) // a file, and no pipe: what goes on behind a step holds it open
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	for _, s := range j.steps {
		if s.script == "" || code != 0 && !s.always {
			continue
		}
		fmt.Fprintf(all, "# %s\n", s.name)
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.script)
		cmd.Dir, cmd.Env = dir, env
		cmd.Stdout, cmd.Stderr = all, all
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what a step leaves running ends with the job
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		group := cmd.Process.Pid
		defer func() { _ = syscall.Kill(-group, syscall.SIGKILL) }()
		if err := cmd.Wait(); err != nil && code == 0 {
			code = cmd.ProcessState.ExitCode()
		}
	}
	printed, err := os.ReadFile(all.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(printed)
}

// TestCIJobs runs the jobs of docs/ci: one with two equal builds and one with a candidate that is slower. On a machine that is too busy to
// judge, the first may end with 7, and neither may end as the other does.
func TestCIJobs(t *testing.T) {
	unlessShort(t)
	_, env := installed(t)
	corpus := filepath.Join(makeGiven(t, env), "safe.rpz")
	page, err := os.ReadFile("../../docs/gate.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(*testing.T, []byte) ciJob{"github.yaml": githubJob, "gitlab.yaml": gitlabJob} {
		text, err := os.ReadFile(filepath.Join("../../docs/ci", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "```yaml\n"+string(text)+"```\n") {
			t.Errorf("docs/gate.md does not show docs/ci/%s as it is", name)
		}
		for _, tc := range []struct {
			name, latency string
			want          int
			verdict       string
		}{
			{"equal", "20ms", 0, "equivalent"},
			{"slower", "600ms", 3, "regressed"}, // by so much that a busy machine is no excuse
		} {
			t.Run(name+"/"+tc.name, func(t *testing.T) {
				job := read(t, text)
				env := append(slices.Clip(env), "CI=true", "HOME="+t.TempDir())
				var dir, out string
				code := 0
				for try, taken := 0, 0; ; try++ { // as the system does it
					free, _ := freePorts(t, string(text))
					job, dir = read(t, []byte(free)), t.TempDir()
					for k, v := range job.env {
						env = append(env, k+"="+v)
					}
					env = append(env, "CANDIDATE_LATENCY="+tc.latency)
					summary := filepath.Join(dir, "summary.md")
					code, out = job.run(t, dir, corpus, append(env, "GITHUB_STEP_SUMMARY="+summary))
					if code != 0 && portTaken(dir) && taken < 3 { // between freePorts and the sink
						taken, try = taken+1, try-1
						continue
					}
					if try == job.times || !slices.Contains(job.again, code) {
						break
					}
				}
				if code == 7 && tooBusy(t, dir) {
					t.Logf("this machine was too busy to judge: %s", out)
					return
				}
				if code != tc.want {
					t.Fatalf("the job ended with %d, want %d:\n%s", code, tc.want, out)
				}
				holdsKept(t, dir, job, tc.verdict, name == "github.yaml")
				if told := strings.Contains(out, "::error title=regressed::"); name == "github.yaml" && told != (tc.want == 3) {
					t.Errorf("the annotation: %s", out)
				}
			})
		}
	}
}

// portTaken says whether another program listens where a build was to.
func portTaken(dir string) bool {
	for _, name := range []string{"base.err", "candidate.err"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil && strings.Contains(string(text), "in use") {
			return true
		}
	}
	return false
}

// tooBusy says whether a comparison could not be judged by the tool's own fault or by the machine's noise.
func tooBusy(t *testing.T, dir string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pr.md"))
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`not faithful|lag|^## inconclusive`).Match(text)
}

// holdsKept looks at what the system keeps: there is each of it, and the comment and the test report say the verdict.
func holdsKept(t *testing.T, dir string, job ciJob, verdict string, summary bool) {
	t.Helper()
	for _, name := range job.kept {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("what is kept: %v", err)
		}
	}
	junit, err := os.ReadFile(filepath.Join(dir, job.report))
	if err != nil {
		t.Fatal(err)
	}
	if green := strings.Contains(string(junit), `failures="0" errors="0"`); green != (verdict == "equivalent") {
		t.Errorf("the test report of %s: %s", verdict, junit)
	}
	files := []string{"pr.md"}
	if summary {
		files = append(files, "summary.md")
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasPrefix(string(text), "## "+verdict+":") {
			t.Errorf("%s: %v, %.200s", name, err, text)
		}
	}
}

// TestCIJobsBegin runs the jobs where there is something in the way: files of another run, a port that another program listens at, and too
// few requests to judge. None of these depends on how busy the machine is.
func TestCIJobsBegin(t *testing.T) {
	unlessShort(t)
	_, env := installed(t)
	few := filepath.Join(t.TempDir(), "few.rpz")
	cut := exec.Command("reprise", "cat", filepath.Join(makeGiven(t, env), "safe.rpz"), "--limit", "20", "-o", few)
	if out, err := cut.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, read := range map[string]func(*testing.T, []byte) ciJob{"github.yaml": githubJob, "gitlab.yaml": gitlabJob} {
		text, err := os.ReadFile(filepath.Join("../../docs/ci", name))
		if err != nil {
			t.Fatal(err)
		}
		once := func(t *testing.T, dir string, taken bool) (int, string, string) {
			t.Helper()
			for try := 0; ; try++ {
				free, _ := freePorts(t, string(text))
				job := read(t, []byte(free))
				env := append(slices.Clip(env), "CI=true", "HOME="+t.TempDir(), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"))
				for k, v := range job.env {
					env = append(env, k+"="+v)
				}
				if taken {
					l, err := net.Listen("tcp", strings.TrimPrefix(job.env["CANDIDATE"], "http://"))
					if err != nil {
						t.Fatal(err)
					}
					defer l.Close()
				}
				code, out := job.run(t, dir, few, env)
				summary, _ := os.ReadFile(filepath.Join(dir, "summary.md"))
				if taken || try == 3 || !portTaken(dir) {
					return code, out, string(summary)
				}
			}
		}
		t.Run(name+"/too few, twice in one folder", func(t *testing.T) {
			dir := t.TempDir()
			for range 2 {
				code, out, _ := once(t, dir, false)
				if code != 7 || !regexp.MustCompile(`(?m)^(INCONCLUSIVE|INVALID) `).MatchString(out) || strings.Contains(out, "already exists") {
					t.Fatalf("the job ended with %d, want 7 and a verdict:\n%s", code, out)
				}
				if again := strings.Count(out, "of 3: cannot be judged, playing again"); name == "github.yaml" && again != 2 {
					t.Errorf("played again %d times, want 2:\n%s", again, out)
				}
			}
		})
		t.Run(name+"/a port in use", func(t *testing.T) {
			dir := t.TempDir()
			for _, old := range []string{"pr.md", "candidate.log", "base.log"} {
				if err := os.WriteFile(filepath.Join(dir, old), []byte("http://old\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			code, out, summary := once(t, dir, true)
			if code != 1 || !strings.Contains(out, "the candidate did not start: ") || !strings.Contains(out, "in use") {
				t.Errorf("the job ended with %d, want 1 as the candidate did not start:\n%s", code, out)
			}
			if summary != "" {
				t.Errorf("the summary is of another run: %s", summary)
			}
		})
	}
}
