//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/cmd/internal/exit"
)

// The documents are README.md and docs/*.md. What their blocks of code mean:
//
//	console  "$ " begins a command, "> " a further line of it; the lines behind are what it prints. A line "..." stands for
//	         any lines. Nothing shown is not compared. A command that fails has "echo $?" behind it.
//	sh       commands without a word on what they print
//	others   are shown alone, or written to a file: <!-- file: NAME --> in the line before
//
// All blocks of a page run in one shell, in an empty folder. <!-- given: NAME ... --> copies files and folders there that an earlier
// page makes, <!-- run: COMMAND --> runs what the page does not show, and <!-- needs: TOOL ... --> skips the page where a tool is not there. Ports are replaced by free ones. What differs
// from run to run is compared by its shape (see shape); all else has to be equal. Of a line that ends in "…" only the
// beginning is compared. Where a run of the page says that this machine was too busy for it, its verdicts may be others, and
// where reprise why says so, its causes. A page that prints something else while this machine stood still is run again.

// step is one command of a page, or a file that it shows.
type step struct {
	line    int
	command string
	shown   []string
}

// page is a document that has been read.
type page struct {
	name  string
	given []string
	needs []string
	steps []step
}

var (
	directive = regexp.MustCompile(`^<!-- (file|given|needs|run): (.*) -->$`)
	port      = regexp.MustCompile(`127\.0\.0\.1:([1-9]\d{3,4})`)
	progress  = regexp.MustCompile(`^[\d.]+m?s of [\d.]+m?s \(\d+%\): |^steer it with: `)
)

// readPage reads a document: its blocks of code, and what it says to the test.
func readPage(t *testing.T, name string) page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	p := page{name: name}
	file, language, skipped, inside := "", "", false, false
	var block []string
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "<!-- module -->", line == "<!-- end of module -->":
			skipped = line == "<!-- module -->" // TestDocsModule runs it
		case !inside && strings.HasPrefix(line, "```"):
			inside, language, block = true, strings.TrimPrefix(line, "```"), nil
		case inside && line == "```":
			inside = false
			if !skipped {
				p.add(t, i-len(block), language, file, block)
			}
			file = ""
		case inside:
			block = append(block, line)
		default:
			if m := directive.FindStringSubmatch(line); m != nil {
				switch m[1] {
				case "file":
					file = m[2]
				case "given":
					p.given = append(p.given, strings.Fields(m[2])...)
				case "needs":
					p.needs = append(p.needs, strings.Fields(m[2])...)
				case "run":
					p.steps = append(p.steps, step{line: i + 1, command: m[2]})
				}
			}
		}
	}
	return p
}

// add takes a block of code; line is the number of the line before its first.
func (p *page) add(t *testing.T, line int, language, file string, block []string) {
	t.Helper()
	switch {
	case file != "":
		p.steps = append(p.steps, step{line: line + 1, command: "cat > " + file + " <<'END_OF_FILE'\n" + strings.Join(block, "\n") + "\nEND_OF_FILE"})
	case language == "sh":
		p.steps = append(p.steps, step{line: line + 1, command: strings.Join(block, "\n")})
	case language == "console":
		for i, text := range block {
			last := len(p.steps) - 1
			switch {
			case strings.HasPrefix(text, "$ "):
				p.steps = append(p.steps, step{line: line + i + 1, command: text[2:]})
			case i == 0:
				t.Fatalf("%s:%d: a console block begins with a command", p.name, line+1)
			case strings.HasPrefix(text, "> ") && len(p.steps[last].shown) == 0:
				p.steps[last].command += "\n" + text[2:]
			default:
				p.steps[last].shown = append(p.steps[last].shown, text)
			}
		}
	case language == "":
		t.Errorf("%s:%d: a block of code names no language", p.name, line+1)
	case strings.Contains(strings.Join(block, "\n"), "$ reprise"):
		t.Errorf("%s:%d: commands of a block %s are not run: call it console", p.name, line+1, language)
	}
}

// mark separates what the commands of a page print.
const mark = "\x01"

// script returns the page as a program for bash, which prints a mark and an exit code behind each command.
func (p page) script() string {
	var b strings.Builder
	b.WriteString("exec 2>&1\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n")
	for i, s := range p.steps {
		if command, ok := strings.CutSuffix(s.command, " &"); ok {
			out := fmt.Sprintf(".background%d", i)
			fmt.Fprintf(&b, "%s > %s 2>&1 &\nuntil test -s %s; do kill -0 $! || exit 1; sleep 0.02; done; cat %s\n", command, out, out, out)
		} else {
			b.WriteString(s.command + "\n")
		}
		fmt.Fprintf(&b, "__code=$?; printf '\\n%s%%d\\n' $__code; (exit $__code)\n", mark)
	}
	return b.String()
}

// shape replaces what differs from run to run: durations, rates, shares, identities, versions.
func shape(line string) string {
	for _, r := range []struct{ from, to string }{
		{`(\(planned [^,)]+), [+-][\d.]+ %\)`, "$1)"}, // a busy machine ends a run late
		{`\b[0-9a-f]{16,}\b`, "HEX"},
		{`less than 1 in [\d,]+`, "SELDOM"}, // how often chance does the same
		{`\b\d+(\.\d+)?( ?(ns|µs|us|ms|s|min|h)\b)(\d+(\.\d+)?(ms|s|m)\b)*`, "TIME"},
		{`\b[\d,]+(\.\d+)?(/s| ?%| records/s)`, "RATE"},
		{`\bdevel(\+[0-9a-f]+)?\b`, "VERSION"},
		{`go1\.[\d.]+`, "GO"},
		{`[ \t]+`, " "},
	} {
		line = regexp.MustCompile(r.from).ReplaceAllString(line, r.to)
	}
	return strings.TrimRight(line, " ")
}

// onBusyMachine leaves out what a machine without time for the tool changes: verdicts, of a command whose exit code follows from one
// the code, and what is said of it.
func onBusyMachine(command string, lines []string) (kept []string) {
	verdict := regexp.MustCompile(`\b(NOT FAITHFUL|FAITHFUL|REGRESSED|INVALID|INCONCLUSIVE|EQUIVALENT|IMPROVED)\b|^(regressed|invalid|inconclusive|equivalent|improved)$`)
	code := regexp.MustCompile(`^[037]$`)
	for _, line := range lines {
		switch {
		case command == "echo $?":
			line = code.ReplaceAllString(line, "CODE")
		case strings.HasPrefix(line, "reprise: compare: "):
			continue
		}
		kept = append(kept, verdict.ReplaceAllString(line, "VERDICT"))
	}
	return kept
}

// isBusy says whether a run of the page was not faithful, so that what is judged of it may not be what is shown.
func isBusy(out string) bool {
	return regexp.MustCompile(`(?mi)not faithful|^invalid$`).MatchString(out)
}

// saysHeld says whether a run of the page tells that this machine kept the tool from running for a time, in which case it says so in
// lines of its own, and leaves requests out.
func saysHeld(out string) bool {
	return isBusy(out) || regexp.MustCompile(`held up|left out|kept from running|played again`).MatchString(out)
}

// stoodStill is how long this machine has to keep a program waiting at once to change what a page prints: twice what a run allows its
// requests to be late.
const stoodStill = 20 * time.Millisecond

// standstill watches this machine until done is called, which returns for how long it kept this program waiting at most.
func standstill() (done func() time.Duration) {
	stop, longest := make(chan struct{}), make(chan time.Duration)
	go func() {
		const tick = 2 * time.Millisecond
		most, last := time.Duration(0), time.Now()
		for t := time.NewTicker(tick); ; {
			select {
			case <-t.C:
			case <-stop:
				t.Stop()
				longest <- most
				return
			}
			now := time.Now()
			most, last = max(most, now.Sub(last)-tick), now
		}
	}()
	return func() time.Duration { close(stop); return <-longest }
}

// withoutCauses leaves out what a run says of why requests were slow, where the page does not show it: a busy machine makes some slow.
// Where the page shows a cause, what is the tool's own is left out, and what cannot be told.
func withoutCauses(shown, lines []string) (kept []string) {
	cause := regexp.MustCompile(`^why(:| \(|  )|^The evidence, and what would confirm|^Why [\d,]+ requests? `)
	if slices.ContainsFunc(shown, cause.MatchString) {
		cause = regexp.MustCompile(`^why \(the tool's own\)|^why +tool: |^Why [\d,]+ requests? `)
	}
	for _, line := range lines {
		if !cause.MatchString(line) {
			kept = append(kept, regexp.MustCompile(`^(target bottlenecks: )(the slowest hundredth|see why).*`).ReplaceAllString(line, "${1}none seen."))
		}
	}
	return kept
}

// disturbed says that a search for causes found the tool kept from running: this machine was busy, and what it found is that as well.
func disturbed(command string, lines []string) bool {
	return strings.HasPrefix(command, "reprise why ") && slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "the tool was kept from running") })
}

// linesMatch says whether lines are as shown, where "..." stands for any lines, and "…" for the rest of one.
func linesMatch(shown, lines []string) bool {
	if len(shown) == 0 {
		return len(lines) == 0
	}
	if shown[0] == "..." {
		for i := 0; i <= len(lines); i++ {
			if linesMatch(shown[1:], lines[i:]) {
				return true
			}
		}
		return false
	}
	return len(lines) > 0 && lineMatches(shown[0], lines[0]) && linesMatch(shown[1:], lines[1:])
}

func lineMatches(shown, line string) bool {
	if begin, ok := strings.CutSuffix(shown, "…"); ok {
		return strings.HasPrefix(shape(line), shape(begin))
	}
	return shape(shown) == shape(line)
}

// printed splits what a page printed into the lines and the exit code of each step.
func printed(out string) (lines [][]string, codes []int) {
	for part := range strings.SplitSeq(out, "\n"+mark) {
		if len(lines) > 0 {
			code, rest, _ := strings.Cut(part, "\n")
			n, _ := strconv.Atoi(code)
			codes, part = append(codes, n), rest
		}
		var kept []string
		for line := range strings.SplitSeq(strings.Trim(part, "\n"), "\n") {
			if !progress.MatchString(line) {
				kept = append(kept, strings.TrimRight(line, " "))
			}
		}
		if len(kept) == 1 && kept[0] == "" {
			kept = nil
		}
		lines = append(lines, kept)
	}
	return lines, codes
}

// run runs a page and compares what it shows. What is not as shown is a fault of the page at once where this machine ran freely. Where it
// did not, the page is run again, without other pages beside it and once this machine runs freely: twice, and further while pages that
// are run again took less than their time in all.
func (p page) run(t *testing.T, given string, env []string) {
	for _, tool := range p.needs {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT TESTED: %s: %v", p.name, err)
		}
	}
	const tries, inAll = 3, 8 * time.Minute
	for try := 1; ; try++ {
		begun := time.Now()
		if try > 1 {
			runFreely()
		}
		waited := standstill()
		out, complaints := p.attempt(t, given, env)
		longest := waited()
		held := longest > stoodStill || saysHeld(out)
		if len(complaints) == 0 {
			return
		}
		if try > 1 {
			tookAgain += time.Since(begun)
		}
		if !held || try >= tries && tookAgain > inAll {
			for _, c := range complaints {
				t.Error(c)
			}
			return
		}
		t.Logf("%s: this machine stood still for %v: the page is run again; it printed:\n%s", p.name, longest, strings.Join(complaints, "\n"))
		if try == 1 {
			again.Lock()
			defer again.Unlock()
		}
	}
}

// again is held by the one page that is run again, and tookAgain is how long such pages took.
var (
	again     sync.Mutex
	tookAgain time.Duration
)

// runFreely waits until this machine keeps nobody waiting for a second, for a minute at most.
func runFreely() {
	for begun := time.Now(); time.Since(begun) < time.Minute; {
		waited := standstill()
		time.Sleep(time.Second)
		if waited() <= stoodStill {
			return
		}
	}
}

// attempt runs a page in a folder of its own, and returns what it printed and what of that is not as shown.
func (p page) attempt(t *testing.T, given string, env []string) (out string, complaints []string) {
	dir := t.TempDir()
	for _, name := range p.given {
		if info, err := os.Stat(filepath.Join(given, name)); err == nil && info.IsDir() {
			if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(given, name))); err != nil {
				t.Fatal(err)
			}
			continue
		}
		content, err := os.ReadFile(filepath.Join(given, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script, shownAs := freePorts(t, p.script())
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir, cmd.Env = dir, append(slices.Clip(env), "TMPDIR="+t.TempDir())
	cmd.WaitDelay = time.Second
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	lines, codes := printed(shownAs.Replace(b.String()))
	if err != nil && len(codes) < len(p.steps) {
		return b.String(), []string{fmt.Sprintf("%s: %v\n%s", p.name, err, b.String())}
	}
	if *update {
		p.write(t, lines)
		return b.String(), nil
	}
	return b.String(), p.compare(lines, codes, isBusy(b.String()))
}

// compare returns what of a page's lines and exit codes is not as shown.
func (p page) compare(lines [][]string, codes []int, busy bool) (complaints []string) {
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	for i, s := range p.steps {
		if busy {
			s.shown, lines[i] = onBusyMachine(s.command, s.shown), onBusyMachine(s.command, lines[i])
		}
		told := i+1 < len(p.steps) && p.steps[i+1].command == "echo $?"
		unjudged := busy && codes[i] == int(exit.Unjudged)
		if codes[i] != 0 && !told && !unjudged {
			complain("%s:%d: exit code %d\n$ %s\n%s", p.name, s.line, codes[i], s.command, strings.Join(lines[i], "\n"))
		}
		if !disturbed(s.command, lines[i]) && len(s.shown) > 0 && !linesMatch(s.shown, withoutCauses(s.shown, lines[i])) {
			complain("%s:%d:\n$ %s\nshown:\n%s\nprinted:\n%s", p.name, s.line, s.command, strings.Join(s.shown, "\n"), strings.Join(lines[i], "\n"))
		}
	}
	return complaints
}

// write puts what a command of a console block printed behind it, where the page shows nothing yet.
func (p page) write(t *testing.T, lines [][]string) {
	name := filepath.Join("../..", p.name)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(string(text), "\n")
	for i := len(p.steps) - 1; i >= 0; i-- {
		s := p.steps[i]
		if s.line > len(all) || !strings.HasPrefix(all[s.line-1], "$ ") || len(s.shown) > 0 {
			continue
		}
		at := s.line + strings.Count(s.command, "\n")
		all = append(all[:at:at], append(append([]string(nil), lines[i]...), all[at:]...)...)
	}
	if err := os.WriteFile(name, []byte(strings.Join(all, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freePorts replaces the ports of a script, and returns what puts those of the page back.
func freePorts(t *testing.T, script string) (string, *strings.Replacer) {
	t.Helper()
	there, back := map[string]string{}, []string{}
	for _, m := range port.FindAllStringSubmatch(script, -1) {
		if there[m[1]] != "" {
			continue
		}
		l, err := listenLow()
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, there[m[1]], _ = net.SplitHostPort(l.Addr().String())
		back = append(back, "127.0.0.1:"+there[m[1]], "127.0.0.1:"+m[1])
	}
	script = port.ReplaceAllStringFunc(script, func(s string) string { return "127.0.0.1:" + there[s[len("127.0.0.1:"):]] })
	return script, strings.NewReplacer(back...)
}

// documents lists README.md and the pages of docs.
func documents(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	names := []string{"README.md"}
	for _, p := range pages {
		names = append(names, "docs/"+filepath.Base(p))
	}
	return names
}

// TestDocs runs the commands of every document and compares what they print with what it shows.
func TestDocs(t *testing.T) {
	unlessShort(t)
	bin, env := installed(t)
	given := makeGiven(t, env)
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// make is a program of the test: the real one would run the tests within a test, and demo in the checkout.
	fake := "#!/bin/sh\ncase $1 in\ndemo) exec reprise demo ;;\ntest) echo go test -timeout 30m ./...; cd " + checkout + " && exec go test -count=1 ./capture ;;\n*) exit 9 ;;\nesac\n"
	if err := os.WriteFile(filepath.Join(bin, "bin", "make"), []byte(fake), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			readPage(t, name).run(t, given, append(slices.Clip(env), "REPRISE="+checkout))
		})
	}
}

// makeGiven makes the files that pages begin with: the demo's recording, corpora of it, a web server's log, two runs, and runs of a month.
func makeGiven(t *testing.T, env []string) string {
	t.Helper()
	dir := t.TempDir()
	for to, from := range map[string]string{
		"recording.pcap.gz": "../internal/demo/recording.pcap.gz", "inbound.pcap": "../../capture/ingest/testdata/inbound.pcap",
		"base.rpr": "testdata/base.rpr", "candidate.rpr": "testdata/slow.rpr",
		"monday.rpr": "testdata/cal1.rpr", "tuesday.rpr": "testdata/cal2.rpr", "wednesday.rpr": "testdata/cal3.rpr", "thursday.rpr": "testdata/cal2.rpr",
	} {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g, err := historyRunsFor([]string{filepath.Join(dir, "runs"), "24", "step=15:1.1", "spike=6:1.7"})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.write(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-ec", `
reprise capture pcap recording.pcap.gz -o raw.rpz --keywords VIP,SALE,EARLY,GLOW --quiet
reprise anonymize raw.rpz -o safe.rpz --quiet
reprise cat raw.rpz`)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var log bytes.Buffer
	for line := range strings.Lines(string(out)) {
		log.WriteString(nginxLine(t, line))
	}
	if err := os.WriteFile(filepath.Join(dir, "webhooks.log"), log.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// nginxLine writes a line of cat as nginx would have logged the request.
func nginxLine(t *testing.T, line string) string {
	t.Helper()
	var r struct {
		Time                    time.Time
		Method, URL, Host, Body string
		Headers                 [][2]string
		Response                struct {
			Status  int
			Latency time.Duration `json:"latency_ns"`
		}
	}
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{
		"ts":           fmt.Sprintf("%.3f", float64(r.Time.Add(r.Response.Latency).UnixMicro())/1e6),
		"request_time": float64(r.Response.Latency.Milliseconds()) / 1e3, "status": r.Response.Status,
		"method": r.Method, "uri": r.URL, "host": r.Host, "body": r.Body,
	}
	for _, h := range r.Headers {
		fields[strings.ReplaceAll(strings.ToLower(h[0]), "-", "_")] = h[1]
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// TestDocsLinks holds that every link to a file or a heading of this repository leads there.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, name := range append(documents(t), "CONTRIBUTING.md", "SECURITY.md") {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			target := filepath.Join("../..", filepath.Dir(name), file)
			if file == "" {
				target = filepath.Join("../..", name)
			}
			content, err := os.ReadFile(target)
			if info, e := os.Stat(target); e != nil || err != nil && !info.IsDir() {
				t.Errorf("%s: %s leads nowhere", name, m[1])
				continue
			}
			if anchor != "" && !headings(content)[anchor] {
				t.Errorf("%s: %s leads to no heading", name, m[1])
			}
		}
	}
}

// headings lists the anchors of a document's headings, as GitHub makes them.
func headings(text []byte) map[string]bool {
	all := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllSubmatch(text, -1) {
		h := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(string(m[1])), "")
		all[strings.ReplaceAll(h, " ", "-")] = true
	}
	return all
}

// TestReadmeIsShort holds the README to what a reader takes in: what is longer belongs into docs.
func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Fields(string(text))); n > 1000 {
		t.Errorf("the README has %d words, 1,000 are allowed", n)
	}
}

// TestDocsPackages holds that docs/architecture.md lists every package with the first sentence of its comment; -update writes it.
func TestDocsPackages(t *testing.T) {
	const name, begin, end = "../../docs/architecture.md", "<!-- packages -->\n", "<!-- end of packages -->\n"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	listed, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s marks no packages", name)
	}
	cmd := exec.Command("go", "list", "-f", "{{if .Doc}}| `{{.ImportPath}}` | {{.Doc}} |{{end}}", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `(\\S+)` \\| (?:Package|Command) \\S+ (.*)")
	want := "| package | what it does |\n|---|---|\n" + row.ReplaceAllString(strings.ReplaceAll(string(out), "`"+modulePath(t)+"/", "`"), "| `$1` | $2")
	if *update {
		if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if listed != want {
		t.Errorf("docs/architecture.md lists other packages than there are: go test ./cmd/reprise -run TestDocsPackages -update\n%s", want)
	}
}

// modulePath returns the module's path, which whoever publishes it chooses.
func modulePath(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
