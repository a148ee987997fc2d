package cli

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/cmd/internal/exit"
)

// aCorpus writes a corpus of three records that were sent to a host, captured from those listed.
func aCorpus(t *testing.T, state corpus.State, host string, from ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.rpz")
	f, err := corpus.Create(name, corpus.Header{State: state}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range from {
		f.AddHost(h)
	}
	for i := range 3 {
		r := capture.Record{
			Time: time.Unix(1669399200, int64(i)), Method: "POST", URL: "/sms", Host: host, Body: []byte("a=b"),
			Headers: []capture.Header{{Name: "Host", Value: host}},
		}
		if err := f.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	return name
}

// replayWith plays a corpus as a command line would, with names that lead where lookup says.
func replayWith(t *testing.T, lookup func(context.Context, string) ([]netip.Addr, error), args ...string) (code int, said string) {
	t.Helper()
	var o replayOptions
	f := pflag.NewFlagSet("replay", pflag.ContinueOnError)
	o.add(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	o.begun = func() {}
	o.plain.Engine.Guard.Lookup = lookup
	var out strings.Builder
	err := o.run(t.Context(), Streams{In: strings.NewReader(""), Out: io.Discard, Err: &out}, f.Arg(0))
	if err != nil {
		complain(&out, err)
		code = int(exit.CodeOf(err))
	}
	return code, out.String()
}

// A name that this machine's resolver leads elsewhere is elsewhere, whatever it is called and whoever vouches for it.
func TestRawStaysOnThisMachine(t *testing.T) {
	var got atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	raw := aCorpus(t, corpus.Raw, "hooks.prod.example")
	for _, tc := range []struct {
		name, host, address string
		code                int
		got                 int64
	}{
		{"localhost at home", "localhost", "127.0.0.1", 0, 3},
		{"this machine by another name", "receiver.test", "127.0.0.1", 0, 3},
		{"localhost in a private network", "localhost", "10.99.0.77", 4, 0},
		{"localhost in public", "localhost", "198.51.100.7", 4, 0},
		{"a name under localhost", "app.localhost", "10.99.0.77", 4, 0},
	} {
		for _, engine := range [][]string{nil, {"--http2"}} {
			if engine != nil && tc.code == 0 {
				continue // the server speaks HTTP/1.1
			}
			got.Store(0)
			code, said := replayWith(t, func(context.Context, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr(tc.address)}, nil
			}, append([]string{raw, "--allow-raw", "--allow-host", tc.host, "--target", "http://" + tc.host + port, "--quiet", "--control", "none"}, engine...)...)
			if code != tc.code || got.Load() != tc.got {
				t.Errorf("%s %v: exit code %d, %d requests; want %d and %d:\n%s", tc.name, engine, code, got.Load(), tc.code, tc.got, said)
			}
			if tc.code == 4 && !strings.Contains(said, "--allow-raw is for targets on this machine alone") {
				t.Errorf("%s: %s", tc.name, said)
			}
		}
	}
}

// The Host that is sent is held against the captured hosts as the target is, but where the target is this machine.
func TestHostIsHeldAgainstTheList(t *testing.T) {
	for _, tc := range []struct {
		name, recorded, target string
		args                   []string
		code                   int
		says                   string
	}{
		{"recorded, to this machine", "hooks.prod.example", "127.0.0.1:1", nil, 5, "cannot be reached"},
		{"recorded", "hooks.prod.example", "10.255.255.1:9", nil, 4, "the recorded Host is one that the corpus was captured from"},
		{"recorded, but another is sent", "hooks.prod.example", "10.255.255.1:9", []string{"--host", "hooks.prod.example:443"}, 4, "the Host of --host"},
		{"recorded, taken away", "hooks.prod.example", "10.255.255.1:9", []string{"--header", "Host:"}, 4, "the recorded Host is one that the corpus was captured from"},
		{"a stand-in", "hooks.example.com", "169.254.169.254", nil, 4, "link-local"},
		{"by --host", "hooks.example.com", "10.255.255.1:9", []string{"--host", "HOOKS.prod.example."}, 4, "the Host of --host"},
		{"by --host, to this machine", "hooks.example.com", "127.0.0.1:1", []string{"--host", "hooks.prod.example"}, 5, "cannot be reached"},
		{"by --header", "hooks.example.com", "10.255.255.1:9", []string{"--header", "Host: hooks.prod.example"}, 4, "the Host of --header"},
		{"by --header in other letters", "hooks.example.com", "10.255.255.1:9", []string{"--header", "hOST:10.99.0.5:8080"}, 4, "the hOST of --header"},
		{"by X-Forwarded-Host", "hooks.example.com", "10.255.255.1:9", []string{"--header", "X-Forwarded-Host: hooks.prod.example"}, 4, "the X-Forwarded-Host of --header"},
		{"by Forwarded", "hooks.example.com", "10.255.255.1:9", []string{"--header", "Forwarded: for=10.0.0.1;proto=https, Host=\"hooks.prod.example:443\""}, 4, "the Forwarded of --header"},
		{"the target", "hooks.example.com", "10.99.0.5:9", nil, 4, "the corpus was captured from 10.99.0.5"},
		{"over HTTP/2", "hooks.example.com", "10.255.255.1:9", []string{"--http2", "--host", "hooks.prod.example"}, 4, "the Host of --host"},
	} {
		from := aCorpus(t, corpus.Anonymized, tc.recorded, "hooks.prod.example", "hooks.example.com", "10.99.0.5:8080")
		code, said := replayWith(t, nil, append([]string{from, "--target", "http://" + tc.target, "--quiet", "--control", "none"}, tc.args...)...)
		if code != tc.code || !strings.Contains(said, tc.says) {
			t.Errorf("%s: exit code %d, want %d and %q:\n%s", tc.name, code, tc.code, tc.says, said)
		}
		if tc.code == 4 && strings.Contains(said, "prod") {
			t.Errorf("%s: it tells the captured host: %s", tc.name, said)
		}
	}
}
