package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestMain lets more scripts run side by side than there are processors: most of a script is waiting for other processes.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(signalled{m}, map[string]func(){"reprise": main})
}

// signalled runs the tests so that the programs they start heed signals, whatever this process was told to ignore: under nohup, or
// in the background of a script, it would hand that down. A signal that is caught here has its default in a program started here.
type signalled struct{ *testing.M }

func (s signalled) Run() int {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGHUP, syscall.SIGTERM} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	return s.M.Run()
}

// concurrent lists the scripts of what shares memory between goroutines in its own way. With -short these run alone: under the
// race detector each start of the program takes about a second of a processor, and the others would only start it again.
func concurrent() []string {
	return []string{
		"anonymize", "capture_pcap", "capture_proxy", "compare_rounds", "completions", "control_socket", "fixtures_synth", "inspect_merge_repair", "replay",
		"replay_control", "replay_engine", "replay_interrupt", "replay_limits", "replay_watch", "sink", "sink_verify",
	}
}

func TestScripts(t *testing.T) {
	params := testscript.Params{Dir: "testdata/script"}
	if testing.Short() {
		params.Dir = ""
		for _, name := range concurrent() {
			params.Files = append(params.Files, filepath.Join("testdata/script", name+".txtar"))
		}
	}
	recording, err := filepath.Abs("testdata/second.pcap.gz")
	if err != nil {
		t.Fatal(err)
	}
	params.RequireExplicitExec, params.UpdateScripts = true, *update
	params.Setup = func(e *testscript.Env) error {
		e.Setenv("RECORDING", recording)
		e.Setenv("RUNS", filepath.Dir(recording))
		e.Setenv("EXPORTS", filepath.Join(filepath.Dir(recording), "../../../capture/source/messages/testdata"))
		e.Setenv("BEHAVIOURS", filepath.Join(filepath.Dir(recording), "../../../fixtures/sink/testdata"))
		e.Setenv("TMPDIR", e.WorkDir)
		return nil
	}
	params.Cmds = map[string]func(*testscript.TestScript, bool, []string){
		"sink": startSink, "drained": drained, "listed": listed, "capture": startCapture, "kill9": killProcess, "quit": stopSink, "json": jsonAt, "lines": countLines, "samecurve": sameCurve, "closedport": closedPort,
		"truncate": truncateFile, "blank": blankFile, "flip": flipByte, "code": exitCode, "ids": messageIDs, "distinct": distinct, "disjoint": disjoint,
		"samekinds": sameKinds, "wholesenders": wholeSenders, "sametimes": sameTimes, "ordered": ordered, "overlap": overlap,
		"scrape": scrape, "platform": startPlatform, "repliesto": pointPlatform, "unclocked": unclock, "scheme": otherScheme, "replied": idlePlatform,
		"proxy": startProxy, "answering": startAnswering, "asked": askedProxy, "mutualsink": startMutual,
		"samemap": sameMap, "protocol": protocolTLS, "stalltarget": startStalling, "runs": makeRuns,
		"unfinish": unfinish, "hurthosts": hurtHosts, "hurtheaders": hurtHeaders, "flipbit": flipBit, "hurtblock": hurtBlock,
		"gunzip": unzip, "gzip": zip, "flippacket": flipPacket,
		"tlssink": startTLS, "received": receivedTLS, "same": sameValues, "await": awaitLines, "eventually": eventually, "stamped": stampIDs, "samefield": sameField, "finished": finished,
	}
	testscript.Run(t, params)
}

// startSink runs `reprise sink` in the background: sink NAME [flags]. NAME becomes an environment variable with
// its URL, and the requests are logged to NAME.log. With --send-api, NAME_API is that URL, and with --metrics NAME_METRICS.
func startSink(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: sink NAME [flags]")
	}
	exe, err := exec.LookPath("reprise")
	ts.Check(err)
	cmd := exec.Command(exe, append([]string{"sink", "--listen", "127.0.0.1:0", "--log", args[0] + ".log", "--force"}, args[1:]...)...)
	cmd.Dir = ts.Getenv("WORK")
	for _, k := range []string{"PATH", "HOME", "TMPDIR"} {
		cmd.Env = append(cmd.Env, k+"="+ts.Getenv(k))
	}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	ts.Check(err)
	s := &sinkProcess{cmd: cmd, out: r}
	ts.Defer(func() { s.stop() })
	address := regexp.MustCompile(`https?://\S+`)
	ts.Setenv(args[0], address.FindString(line))
	for _, more := range [][2]string{{"--send-api", "_API"}, {"--metrics", "_METRICS"}} {
		if slices.Contains(args, more[0]) {
			line, err := r.ReadString('\n')
			ts.Check(err)
			ts.Setenv(args[0]+more[1], address.FindString(line))
		}
	}
	sinks.Store(ts.Getenv("WORK")+args[0], s)
}

// sinks are those running (*sinkProcess, or the count of a tlssink), by script folder and name; scripts run in parallel.
var sinks sync.Map

type sinkProcess struct {
	cmd     *exec.Cmd
	out     *bufio.Reader
	stopped bool
}

func (s *sinkProcess) stop() (tail string) {
	if s.stopped {
		return ""
	}
	s.stopped = true
	_ = s.cmd.Process.Signal(os.Interrupt)
	var b strings.Builder
	_, _ = s.out.WriteTo(&b)
	_ = s.cmd.Wait()
	return b.String()
}

// stopSink interrupts a sink and keeps what it printed at its end as NAME.out: quit NAME.
func stopSink(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: quit NAME")
	}
	s, ok := sinks.Load(ts.Getenv("WORK") + args[0])
	if !ok {
		ts.Fatalf("no sink is called %s", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".out"), []byte(s.(*sinkProcess).stop()), 0o600))
}

// jsonAt checks a number or a string in a JSON document: json FILE path.to.value OP want, with OP one of
// == != < > <= >= ~ (matches). FILE may be stdout. A path step that is a number indexes an array.
func jsonAt(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: json FILE PATH OP WANT")
	}
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &v); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	got := "absent"
	for step := range strings.SplitSeq(args[1], ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			if step == "len" {
				v = float64(len(x))
				continue
			}
			i, err := strconv.Atoi(step)
			if name, value, named := strings.Cut(step, "="); named { // the element whose field has that text
				i, err = slices.IndexFunc(x, func(e any) bool { m, _ := e.(map[string]any); return m[name] == value }), nil
			}
			if err != nil || i < 0 || i >= len(x) {
				ts.Fatalf("%s: no %s in the array", args[1], step)
			}
			v = x[i]
		default:
			v = nil
		}
	}
	switch x := v.(type) {
	case nil:
	case string:
		got = x
	case float64:
		got = strconv.FormatFloat(x, 'f', -1, 64)
	default:
		text, err := json.Marshal(x)
		ts.Check(err)
		got = string(text)
	}
	if holds(ts, got, args[2], args[3]) == neg {
		ts.Fatalf("%s %s is %s; want %s %s", args[0], args[1], got, args[2], args[3])
	}
}

func holds(ts *testscript.TestScript, got, op, want string) bool {
	switch op {
	case "==":
		return got == want
	case "!=":
		return got != want
	case "~":
		return regexp.MustCompile(want).MatchString(got)
	}
	g, err := strconv.ParseFloat(got, 64)
	ts.Check(err)
	w, err := strconv.ParseFloat(want, 64)
	ts.Check(err)
	switch op {
	case "<":
		return g < w
	case ">":
		return g > w
	case "<=":
		return g <= w
	case ">=":
		return g >= w
	}
	ts.Fatalf("no operator %s", op)
	return false
}

// countLines counts the lines of a file that match a pattern: lines FILE PATTERN WANT.
func countLines(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: lines FILE PATTERN WANT")
	}
	re := regexp.MustCompile(args[1])
	n := 0
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if re.MatchString(strings.TrimSuffix(line, "\n")) {
			n++
		}
	}
	if (strconv.Itoa(n) == args[2]) == neg {
		ts.Fatalf("%d lines of %s match %q; want %s", n, args[0], args[1], args[2])
	}
}

// closedPort sets an environment variable to a URL at which nobody listens: closedport NAME.
func closedPort(ts *testscript.TestScript, _ bool, args []string) {
	l, err := listenLow()
	ts.Check(err)
	ts.Setenv(args[0], fmt.Sprintf("http://%s", l.Addr()))
	ts.Check(l.Close())
}

// listenLow listens at a port below those that systems give to who asks for any: when it is closed, no connection takes it.
func listenLow() (l net.Listener, err error) {
	for range 100 {
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 15_000+rand.IntN(15_000))); err == nil {
			break
		}
	}
	return l, err
}

// truncateFile cuts a file: truncate FILE PERCENT.
func truncateFile(ts *testscript.TestScript, _ bool, args []string) {
	percent, err := strconv.Atoi(args[1])
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()*int64(percent)/100))
}

// blankFile overwrites the beginning of a file with zeros: blank FILE BYTES.
func blankFile(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	clear(text[:n])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// flipByte damages a file: flip FILE PERCENT turns over the bits of the byte at that place.
func flipByte(ts *testscript.TestScript, _ bool, args []string) {
	percent, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	text[len(text)*percent/100] ^= 0xff
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// exitCode runs reprise and checks how it ends: code N reprise ARGS. Its output is kept as that of exec.
func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code N|M COMMAND ARGS")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if !slices.Contains(strings.Split(args[0], "|"), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d; want %s", got, args[0])
	}
}

// messageIDs writes the Twilio message ids of a log, in its order of Reprise-Record or of appearance: ids LOG OUT.
func messageIDs(ts *testscript.TestScript, _ bool, args []string) {
	ids := matches(ts.ReadFile(args[0]), `MessageSid=(SM[0-9a-f]{32})`, "")
	slices.Sort(ids)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(slices.Compact(ids), "\n")+"\n"), 0o600))
}

// finished adds completions of a run to a file, each some time after its answer, without each nth (1: with all): finished RUN N
// DELAY FILE. The moment of the run's start is told to the second.
func finished(ts *testscript.TestScript, _ bool, args []string) {
	told := func(verb ...string) string {
		ts.Check(ts.Exec("reprise", append(verb, args[0])...))
		return ts.ReadFile("stdout")
	}
	report := told("report", "--format", "markdown")
	run := matches(report, `^. run [| ]+(\w+)`, "")[0]
	started, err := time.Parse(time.RFC3339, matches(report, `^. started [| ]+(\S+Z)`, "")[0])
	ts.Check(err)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	delay, err := time.ParseDuration(args[2])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[3]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	defer f.Close()
	for line := range strings.Lines(told("cat")) {
		var row struct {
			Seq, Copy int
			Done      time.Duration `json:"done_ns"`
		}
		ts.Check(json.Unmarshal([]byte(line), &row))
		if n == 1 || row.Seq%n != 0 {
			_, err := fmt.Fprintf(f, "{\"run\":%q,\"record\":\"%d.%d\",\"time\":%q}\n", run, row.Seq, row.Copy, started.Add(row.Done+delay).Format(time.RFC3339Nano))
			ts.Check(err)
		}
	}
}

// stampIDs makes completions of ids, done now: stamped IDS CSV.
func stampIDs(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	b.WriteString("message_id,completed_at\n")
	for id := range strings.Lines(ts.ReadFile(args[0])) {
		fmt.Fprintf(&b, "%s,%s\n", strings.TrimSpace(id), time.Now().UTC().Format(time.RFC3339Nano))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o600))
}

// matches returns the first group of a pattern in every line that matches only ("" is any line), once a line.
func matches(text, pattern, only string) (found []string) {
	re, lines := regexp.MustCompile(pattern), regexp.MustCompile(only)
	for line := range strings.Lines(text) {
		if m := re.FindStringSubmatch(line); m != nil && lines.MatchString(line) {
			found = append(found, m[1])
		}
	}
	return found
}

// distinct checks that what a pattern finds in a file's lines never comes twice: distinct FILE PATTERN.
func distinct(ts *testscript.TestScript, _ bool, args []string) {
	found := matches(ts.ReadFile(args[0]), args[1], "")
	n := len(found)
	slices.Sort(found)
	if len(slices.Compact(found)) != n || n < 10 {
		ts.Fatalf("%d values, %d of them distinct", n, len(slices.Compact(found)))
	}
}

// disjoint checks that two files share no value of a pattern: disjoint A B PATTERN ONLY, where ONLY chooses lines of B.
func disjoint(ts *testscript.TestScript, _ bool, args []string) {
	a, b := matches(ts.ReadFile(args[0]), args[2], ""), matches(ts.ReadFile(args[1]), args[2], args[3])
	if len(a) == 0 || len(b) == 0 {
		ts.Fatalf("%d and %d values", len(a), len(b))
	}
	for _, v := range b {
		if slices.Contains(a, v) {
			ts.Fatalf("a value of %s is in %s too", args[1], args[0])
		}
	}
}

// sameValues checks that two JSON documents agree in some of their members: same A B NAME...
func sameValues(ts *testscript.TestScript, _ bool, args []string) {
	var a, b map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &a))
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &b))
	for _, name := range args[2:] {
		if len(a[name]) == 0 || string(a[name]) != string(b[name]) {
			ts.Fatalf("%s is %s in %s and %s in %s", name, a[name], args[0], b[name], args[1])
		}
	}
}

// sameField checks that a pattern finds the same in each line of two files, or with ! that it does not: samefield A B PATTERN.
func sameField(ts *testscript.TestScript, neg bool, args []string) {
	a, b := matches(ts.ReadFile(args[0]), args[2], ""), matches(ts.ReadFile(args[1]), args[2], "")
	if len(a) == 0 || slices.Equal(a, b) == neg {
		ts.Fatalf("%d and %d values of %s: equal or not, against what is wanted", len(a), len(b), args[2])
	}
}

// awaitLines waits until a file has so many lines, or is there, for ten minutes at most: await FILE [N].
func awaitLines(ts *testscript.TestScript, _ bool, args []string) {
	want := 0
	if len(args) > 1 {
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		want = n
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Minute)
	for {
		_, err := os.Lstat(ts.MkAbs(args[0]))
		if err == nil && (want == 0 || bytes.Count([]byte(ts.ReadFile(args[0])), []byte("\n")) >= want) {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("%s has fewer than %d lines after ten minutes", args[0], want)
		}
	}
}

// eventually runs a command until it does what is asked, for ten minutes at most: eventually PROGRAM ARGS... [-> PATTERN].
// With a pattern its standard output is to match that too.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	printed := regexp.MustCompile("")
	if n := len(args) - 2; n > 0 && args[n] == "->" {
		printed, args = regexp.MustCompile("(?m)"+args[n+1]), args[:n]
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Minute)
	for ts.Exec(args[0], args[1:]...) != nil || !printed.MatchString(ts.ReadFile("stdout")) {
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("%s does not come to work within ten minutes", args[0])
		}
	}
}
