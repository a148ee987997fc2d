package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/source/logs"
)

const log = `{"t":3,"m":"POST","u":"/hooks/3","b":"From=%2B14155550101&To=%2B18885550100&MessageSid=SM1&AccountSid=AC1&Body=STOP"}
{"t":1,"m":"POST","u":"/hooks/1","b":"one"}
{"t":2,"m":"GET","u":"/other","b":"two"}
`

func logMap() *logs.Map {
	return &logs.Map{Time: "/t", TimeFormat: logs.FormatUnix, Method: "/m", URL: "/u", Body: "/b"}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the URLs of a corpus' records in their order.
func read(t *testing.T, path string) (urls []string) {
	t.Helper()
	r, err := corpus.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		var rec capture.Record
		err := r.Next(t.Context(), &rec)
		if errors.Is(err, io.EOF) {
			return urls
		}
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, rec.URL)
	}
}

func TestFilesSortAndBalance(t *testing.T) {
	to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
	var seen int64
	got, err := Files(t.Context(), []string{write(t, "a", log), write(t, "b", log[:40])}, to, Options{
		Map: logMap(), Paths: []string{"/hooks"}, Progress: func(n int64) { seen = n },
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := got.Account; a.Read != 4 || a.Kept != 2 || a.Skipped[LeftOutByPath] != 1 || a.Skipped[logs.ReasonNotJSON] != 1 || seen != 2 {
		t.Errorf("account %+v, progress %d", a, seen)
	}
	if len(got.Damaged) != 1 || !strings.HasSuffix(got.Damaged[0], "b") {
		t.Errorf("damaged: %v", got.Damaged)
	}
	if urls := read(t, to.Path); strings.Join(urls, " ") != "/hooks/1 /hooks/3" {
		t.Errorf("order: %v", urls)
	}
}

func TestFilesRefuse(t *testing.T) {
	var option *OptionError
	var format *FormatError
	dir := t.TempDir()
	for _, tc := range []struct {
		name, text string
		o          Options
		is         func(error) bool
	}{
		{"a vendor that nobody knows", log, Options{Vendor: "acme", Map: logMap()}, func(err error) bool { return errors.As(err, &option) && option.Option == "Vendor" }},
		{"a profile that nobody knows", log, Options{KeywordProfile: "acme"}, func(err error) bool { return errors.As(err, &option) && option.Option == "KeywordProfile" }},
		{"keywords of no kind", log, Options{Keywords: map[capture.Kind][]string{capture.Status: {"X"}}}, func(err error) bool { return errors.As(err, &option) && option.Option == "Keywords" }},
		{"a log without a map", log, Options{}, func(err error) bool { return errors.Is(err, ErrNeedsMap) }},
		{"no recording", "%PDF-1.4", Options{}, func(err error) bool { return errors.As(err, &format) && format.Format == "a PDF" }},
		{"nothing kept", log, Options{Map: logMap(), Methods: []string{"PUT"}}, func(err error) bool { return errors.Is(err, corpus.ErrEmpty) }},
	} {
		to := corpus.Dest{Path: filepath.Join(dir, "out.rpz")}
		if _, err := Files(t.Context(), []string{write(t, "in", tc.text)}, to, tc.o); err == nil || !tc.is(err) {
			t.Errorf("%s: %v", tc.name, err)
		}
		if left, _ := filepath.Glob(to.Path + "*"); len(left) > 0 {
			t.Errorf("%s: left %v", tc.name, left)
		}
	}
}

// few is a source of n records that counts them in the account, or forgets to.
type few struct {
	n       int
	account *capture.Account
}

func (f *few) Next(_ context.Context, r *capture.Record) error {
	if f.n == 0 {
		return io.EOF
	}
	f.n--
	if f.account != nil {
		f.account.Read++
	}
	*r = capture.Record{Time: time.Unix(int64(f.n), 0).UTC(), Method: "POST", URL: fmt.Sprintf("/%d", f.n)}
	return nil
}

func TestSource(t *testing.T) {
	to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
	got, err := Source(t.Context(), "mine", func(a *capture.Account, _ func(string)) (capture.Source, error) {
		return &few{3, a}, nil
	}, to, Options{})
	if err != nil || got.Account.Kept != 3 || strings.Join(read(t, to.Path), " ") != "/0 /1 /2" {
		t.Errorf("%+v, %v", got, err)
	}
	to.Force = true
	_, err = Source(t.Context(), "mine", func(*capture.Account, func(string)) (capture.Source, error) { return &few{n: 3}, nil }, to, Options{})
	if unbalanced := (*capture.UnbalancedError)(nil); !errors.As(err, &unbalanced) {
		t.Errorf("a source that does not count: %v", err)
	}
	if urls := strings.Join(read(t, to.Path), " "); urls != "/0 /1 /2" {
		t.Errorf("what was kept of a source that does not count: %s", urls)
	}
}

// large gives three records, of which the second is larger than a corpus can hold.
type large struct{ few }

func (l *large) Next(ctx context.Context, r *capture.Record) error {
	err := l.few.Next(ctx, r)
	r.Origin = capture.Rebuilt
	if err == nil && l.n == 1 {
		r.Body = make([]byte, 16<<20)
	}
	return err
}

func TestSourceLeavesOutWhatIsTooLarge(t *testing.T) {
	to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
	var told []string
	got, err := Source(t.Context(), "mine", func(a *capture.Account, _ func(string)) (capture.Source, error) {
		return &large{few{3, a}}, nil
	}, to, Options{Report: func(p capture.Problem) { told = append(told, p.Error()) }})
	if err != nil || got.Account.Kept != 2 || got.Account.Rebuilt != 2 || got.Unknown != 2 || strings.Join(read(t, to.Path), " ") != "/0 /2" {
		t.Fatalf("%+v, %v", got, err)
	}
	if all := strings.Join(told, "\n"); !strings.Contains(all, "mine: request 2: larger than a corpus file can hold") {
		t.Errorf("told: %s", all)
	}
}

func TestFilesSayWhichRecord(t *testing.T) {
	bad := `{"t":1,"m":"POST","u":"/1","b":"{\"data\":"}` + "\n"
	in := write(t, "in", "{\"t\":0}\n"+bad)
	for name, o := range map[string]Options{
		"line 2":    {Vendor: "telnyx"},
		"request 1": {Vendor: "telnyx", Open: unplaced},
	} {
		var told []string
		o.Map, o.Report = logMap(), func(p capture.Problem) { told = append(told, p.Error()) }
		to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
		if _, err := Files(t.Context(), []string{write(t, "before", log), in}, to, o); err != nil {
			t.Fatal(err)
		}
		if last := told[len(told)-1]; !strings.HasPrefix(last, in+": "+name+": ") || !strings.Contains(last, "kept as kind other") {
			t.Errorf("%s: %s", name, last)
		}
	}
}

// unplaced opens a log as a source that does not say where its records stand.
func unplaced(file string, in io.Reader, account *capture.Account, _ func(string)) (capture.Source, error) {
	src, err := logs.New(in, logs.Options{File: file, Map: *logMap(), Account: account})
	return struct{ capture.Source }{src}, err
}

// A byte that is no UTF-8, as in a text of another encoding, does not hide what a file is.
func TestRecogniseOtherEncodings(t *testing.T) {
	line := `{"t":1,"m":"POST","u":"/1","b":"caf` + "\xe9" + `"}` + "\n"
	gor := "1 000000000000000000000001 1669399200000000000 0\nPOST / HTTP/1.1\r\n\r\n" + strings.Repeat("\xff\x00\xfe", 99)
	for text, want := range map[string]Format{
		strings.Repeat(line, 3): JSONLines, "caf\xe9 au lait, two of them and one more of the same": Text, gor: GoReplay,
		strings.Repeat("\xe9\xff", 40): Unknown, "{\"a\":1}\n\x01\x02": Unknown, line[:30] + "\xf0\x9f": JSONDocument,
	} {
		if got := Recognise([]byte(text)); got != want {
			t.Errorf("%.40q: %s, want %s", text, got, want)
		}
	}
}
