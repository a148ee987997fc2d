package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// service is a fake Prometheus and a fake Grafana.
type service struct {
	sync.Mutex
	asked int
	told  []string
}

func (f *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.Lock()
	defer f.Unlock()
	if r.Header.Get("Authorization") != "Bearer hunter2" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/api/v1/query":
		f.asked++
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%d,"%d"]}]}}`, time.Now().Unix(), 40+f.asked)
	case "/api/annotations":
		body, _ := io.ReadAll(r.Body)
		f.told = append(f.told, string(body))
	}
}

// played is a replay of 60 requests in about 3 s, with its exit code and what it printed.
func played(t *testing.T, target string, more ...string) (code int, out, errs string) {
	t.Helper()
	corpus := filepath.Join(t.TempDir(), "a.rpz")
	if code := Run(t.Context(), []string{"fixtures", "synth", "--curve", "bfcm2022", "--messages", "60", "-o", corpus, "--quiet"}, Streams{strings.NewReader(""), io.Discard, io.Discard}); code != 0 {
		t.Fatalf("synth: %d", code)
	}
	var stdout, stderr bytes.Buffer
	args := append([]string{"replay", corpus, "--target", target, "--timeout", "10m", "--time-scale", "150000", "--progress", "none"}, more...)
	code = Run(t.Context(), args, Streams{strings.NewReader(""), &stdout, &stderr})
	return code, stdout.String(), stderr.String()
}

func secret(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A run takes the platform's figures and tells Grafana; both are in its file and its report, and the secret is nowhere.
func TestWatchAndAnnotate(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer target.Close()
	fake := new(service)
	beside := httptest.NewServer(fake)
	defer beside.Close()
	file, token := filepath.Join(t.TempDir(), "run.rpr"), secret(t)
	began := time.Now()
	code, out, errs := played(t, target.URL, "-o", file,
		"--watch", "prometheus="+beside.URL+`,query=sum(pool{a="b,c"}),name=pool,bearer=@`+token, "--annotate", beside.URL+"@"+token)
	if code != 0 {
		t.Fatalf("%d: %s", code, errs)
	}
	most := 2 + int(time.Since(began)/time.Second) // one a second
	host := strings.TrimPrefix(beside.URL, "http://")
	for _, want := range []string{"watched: pool, from http://" + host + "\n", "annotated: http://" + host + "\n"} {
		if !strings.Contains(errs, want) {
			t.Errorf("stderr lacks %q: %s", want, errs)
		}
	}
	r, err := results.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run, err := results.Summarize(t.Context(), r)
	if err != nil || len(run.Watched) != 1 {
		t.Fatalf("%v, %d figures", err, len(run.Watched))
	}
	w := run.Watched[0]
	if n := len(w.Points); n < 2 || n > most || w.Name != "pool" || w.Query != `sum(pool{a="b,c"})` || w.Asked.All != int64(n) || w.Points[0].Value != 41 {
		t.Errorf("%+v", w)
	}
	if n := len(fake.told); n != 2 || !strings.Contains(fake.told[0], run.Header.Run+": start") || !regexp.MustCompile(`: end\. 60 requests, 0 failed, p99 `).MatchString(fake.told[1]) {
		t.Errorf("told %q", fake.told)
	}
	page := filepath.Join(t.TempDir(), "run.html")
	if code := Run(t.Context(), []string{"report", file, "-o", page}, Streams{strings.NewReader(""), io.Discard, io.Discard}); code != 0 {
		t.Fatalf("report: %d", code)
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), "Watched: pool") || !strings.Contains(string(html), `data-plot="watched0"`) {
		t.Errorf("%v, or the page does not draw the figure", err)
	}
	whole, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(whole)+string(html)+out+errs, "hunter2") {
		t.Errorf("%v, or the secret is told", err)
	}
}

// A Prometheus and a Grafana that are not there, or that refuse, cost a run nothing but a sentence.
func TestWatchAndAnnotateInVain(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer target.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	token := secret(t)
	code, out, errs := played(t, target.URL, "--watch", "prometheus="+gone.URL+",query=a", "--watch", "prometheus="+refusing.URL+",query=b", "--annotate", refusing.URL+"@"+token, "--details")
	if code != 0 {
		t.Fatalf("%d: %s", code, errs)
	}
	for _, want := range []string{
		"--watch a: Prometheus does not answer. The run goes on.", "--watch b: Prometheus refuses the question",
		"--annotate: 2 annotations could not be told to Grafana: it answers 403",
	} {
		if strings.Count(errs, want) != 1 {
			t.Errorf("stderr lacks %q, or has it more than once: %s", want, errs)
		}
	}
	for _, want := range []string{"watched a: of ", "had no answer. Nothing is known of it.", "were refused. Nothing is known of it."} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary lacks %q: %s", want, out)
		}
	}
}

// Grafana hears once of each change, at its moment, also of those after the last progress.
func TestChangesAreAnnotatedOnce(t *testing.T) {
	fake := new(service)
	server := httptest.NewServer(fake)
	defer server.Close()
	o := outsideFlags{annotate: server.URL + "@" + secret(t)}
	if err := o.parse(t.Context()); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	beside := o.begin(t.Context(), &errs, "run1", true)
	changes := []replay.Change{{At: time.Second, What: "pause"}, {At: 2 * time.Second, What: "resume"}}
	notes := []replay.Note{{At: 1200 * time.Millisecond, Text: "cache warmed"}}
	beside.progress(-time.Second, nil, nil) // before the start
	beside.progress(100*time.Millisecond, nil, nil)
	beside.progress(1500*time.Millisecond, changes[:1], nil)
	beside.progress(1600*time.Millisecond, changes[:1], notes)
	run := &results.Run{Footer: &results.Footer{}}
	run.Footer.Started, run.Footer.State, run.Footer.Stats.Changes = time.UnixMilli(1_700_000_000_000), replay.Interrupted, changes
	run.Footer.Stats.Notes = notes
	beside.end(run, nil)
	beside.end(run, nil)
	want := []string{"run1: start", "run1: pause", "run1: cache warmed", `"time":1700000002000,"tags":["reprise","run1"],"text":"reprise run run1: resume"`, "run1: stopped."}
	if len(fake.told) != len(want) || errs.Len() > 0 {
		t.Fatalf("told %q, and said %s", fake.told, &errs)
	}
	for i, w := range want {
		if !strings.Contains(fake.told[i], w) {
			t.Errorf("annotation %d is %s, want %s", i, fake.told[i], w)
		}
	}
}
