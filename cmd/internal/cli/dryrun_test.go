package cli

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"reprise/cmd/internal/exit"
)

// TestDryRunEndsAsTheRunWould gives the same wrong command lines to a run and to a dry run: both say the same and end alike. The
// target is one that must never be spoken to.
func TestDryRunEndsAsTheRunWould(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(at(name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("there.rpr", "", 0o600)
	write("nonsense.pem", "nothing", 0o600)
	write("empty", "", 0o600)
	write("log.ndjson", realLog, 0o600)
	write("open", "A: b\n", 0o644)
	write("numbers", "no number\n", 0o600)
	must := func(args ...string) {
		t.Helper()
		if code := Run(context.Background(), args, quietStreams()); code != 0 {
			t.Fatalf("%v ended with %d", args, code)
		}
	}
	must("capture", "logs", at("log.ndjson"), "--preset", "nginx", "-o", at("raw.rpz"), "--quiet")
	must("fixtures", "synth", "--curve", "bfcm2022", "--messages", "20", "-o", at("week.rpz"))
	must("anonymize", at("raw.rpz"), "-o", at("safe.rpz"), "--quiet")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	spokenTo := 0
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
			spokenTo++
		}
	})
	target := "http://" + l.Addr().String()
	type wrongCase struct {
		name, corpus, target string
		args                 []string
		want                 exit.Code
	}
	cases := []wrongCase{
		{"a raw corpus", "raw.rpz", target, nil, exit.Refused},
		{"a raw corpus elsewhere", "raw.rpz", "http://192.0.2.1:9", []string{"--allow-raw"}, exit.Refused},
		{"a host it was captured from", "safe.rpz", "http://h.example.com", []string{"--allow-host", "h.example.com"}, exit.Refused},
		{"a public address", "week.rpz", "http://192.0.2.1:9", nil, exit.Refused},
		{"a metadata address", "week.rpz", "http://169.254.169.254", []string{"--allow-host", "169.254.169.254"}, exit.Refused},
		{"a name without an address", "week.rpz", "http://nowhere.invalid", nil, exit.Unreachable},
		{"a target that is none", "week.rpz", "ftp://127.0.0.1", nil, exit.Misused},
		{"no certificate authority", "week.rpz", target, []string{"--cacert", at("nonsense.pem")}, exit.Misused},
		{"an output that is there", "week.rpz", target, []string{"-o", at("there.rpr")}, exit.Failed},
		{"an output in no folder", "week.rpz", target, []string{"-o", at("no/where.rpr")}, exit.Failed},
		{"no corpus", "missing.rpz", target, nil, exit.Failed},
		{"a signing key that is not there", "week.rpz", target, []string{"--sign", "twilio=@" + at("none")}, exit.Misused},
		{"a signing key that is empty", "week.rpz", target, []string{"--sign", "twilio=@" + at("empty")}, exit.Misused},
		{"a vendor that nobody knows", "week.rpz", target, []string{"--vendors", "nobody"}, exit.Misused},
		{"recipients that are not there", "week.rpz", target, []string{"--recipients", at("none")}, exit.Misused},
		{"recipients that are no numbers", "week.rpz", target, []string{"--recipients", at("numbers")}, exit.Misused},
		{"senders that are no numbers", "week.rpz", target, []string{"--senders", at("numbers")}, exit.Misused},
		{"an expectation", "week.rpz", target, []string{"--expect", "p98<1s"}, exit.Misused},
		{"a condition to stop on", "week.rpz", target, []string{"--stop-on", "errors"}, exit.Misused},
		{"a run to go on with that is not there", "week.rpz", target, []string{"--resume", at("none.rpr"), "-o", at("whole.rpr")}, exit.Failed},
		{"a run to go on with that is none", "week.rpz", target, []string{"--resume", at("log.ndjson"), "-o", at("whole.rpr")}, exit.Damaged},
		{"a run to go on with, and no output", "week.rpz", target, []string{"--resume", at("there.rpr")}, exit.Misused},
		{"completions without an output", "week.rpz", target, []string{"--completions", at("empty")}, exit.Misused},
		{"completions that are a folder", "week.rpz", target, []string{"--completions", dir, "-o", at("c.rpr")}, exit.Misused},
		{"a map of completions", "week.rpz", target, []string{"--completions", at("empty"), "--completions-map", at("none"), "-o", at("c.rpr")}, exit.Misused},
		{"a host that is none", "week.rpz", target, []string{"--host", "a b"}, exit.Misused},
		{"a header that is none", "week.rpz", target, []string{"--header", "none"}, exit.Misused},
		{"a raw corpus through a proxy", "raw.rpz", target, []string{"--allow-raw", "--proxy", "127.0.0.1:9", "--allow-host", "127.0.0.1"}, exit.Refused},
		{"a name that a proxy knows", "week.rpz", "http://staging.internal", []string{"--proxy", "127.0.0.1:9"}, exit.Refused},
		{"a proxy on a public address", "week.rpz", "http://10.0.0.8", []string{"--proxy", "192.0.2.1:9"}, exit.Refused},
		{"a proxy without an address", "week.rpz", "http://10.0.0.8", []string{"--proxy", "nowhere.invalid:9"}, exit.Unreachable},
		{"a proxy that is none", "week.rpz", target, []string{"--proxy", "ftp://127.0.0.1"}, exit.Misused},
		{"a proxy's credentials", "week.rpz", target, []string{"--proxy", "127.0.0.1:9", "--proxy-auth", "@" + at("none")}, exit.Misused},
		{"another Host through a proxy", "week.rpz", "http://10.0.0.8", []string{"--proxy", "127.0.0.1:9", "--host", "h.example.com"}, exit.Misused},
		{"a certificate that is none", "week.rpz", "https://127.0.0.1:9", []string{"--cert", at("nonsense.pem")}, exit.Misused},
		{"a certificate without TLS", "week.rpz", target, []string{"--cert", at("nonsense.pem")}, exit.Misused},
		{"a key without a certificate", "week.rpz", "https://127.0.0.1:9", []string{"--key", at("nonsense.pem")}, exit.Misused},
		{"a file of headers that others can read", "week.rpz", target, []string{"--header", "@" + at("open")}, exit.Misused},
		{"a header's file that is not there", "week.rpz", target, []string{"--header", "Authorization: @" + at("none")}, exit.Misused},
		{"a password in the target", "week.rpz", "http://u:p@127.0.0.1:9", nil, exit.Misused},
		{"an address that is taken", "week.rpz", target, []string{"--metrics", l.Addr().String()}, exit.Misused},
		{"an address that is none", "week.rpz", target, []string{"--dashboard", "nonsense"}, exit.Misused},
		{"a socket in no folder", "week.rpz", target, []string{"--control", at("no/where.sock")}, exit.Misused},
		{"a key that cannot sign", "week.rpz", target, []string{"--sign", "telnyx=@" + at("nonsense.pem")}, exit.Misused},
		{"nothing to play", "week.rpz", target, []string{"--path", "/nowhere"}, exit.Failed},
		{"a time to scale by", "week.rpz", target, []string{"--time-scale", "0"}, exit.Misused},
	}
	if runtime.GOOS == "windows" { // where modes do not say who may read
		cases = slices.DeleteFunc(cases, func(c wrongCase) bool { return strings.Contains(c.name, "others can read") })
	}
	for _, tc := range cases {
		args := append([]string{"replay", at(tc.corpus), "--target", tc.target, "--progress", "none"}, tc.args...)
		said, code := ends(args)
		dry, dryCode := ends(append(args, "--dry-run"))
		if code != int(tc.want) || dryCode != code || dry != said {
			t.Errorf("%s: the run ended with %d, the dry run with %d, want %d:\n%s%s", tc.name, code, dryCode, tc.want, said, dry)
		}
		if rest, _ := filepath.Glob(at("*.partial")); len(rest) > 0 {
			t.Errorf("%s: left %v", tc.name, rest)
		}
	}
	if _, code := ends([]string{"replay", at("week.rpz"), "--target", target, "-o", at("new.rpr"), "--dry-run"}); code != 0 {
		t.Errorf("a dry run of a good command line ended with %d", code)
	}
	if left, _ := filepath.Glob(at("new*")); len(left) > 0 {
		t.Errorf("a dry run left %v", left)
	}
	l.Close()
	if serving.Wait(); spokenTo > 0 {
		t.Errorf("the target was spoken to %d times", spokenTo)
	}
}

// ends runs a command line and returns what it said on stderr, and its code.
func ends(args []string) (string, int) {
	var out, said bytes.Buffer
	code := Run(context.Background(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &said})
	return said.String(), code
}
