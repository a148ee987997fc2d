package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/payload"
	"reprise/capture/sms"
	"reprise/fixtures/synth"
)

// TestEveryVendorThroughThePipeline captures 200 requests of each vendor from a log, anonymizes and replays them: what arrives is of the
// vendor and of the kinds that were recorded, signed anew, shaped as it was, and holds nothing of what was planted. A vendor is tested by
// being in the table.
func TestEveryVendorThroughThePipeline(t *testing.T) {
	for _, v := range all.Table().All() {
		t.Run(v.Name, func(t *testing.T) {
			made := vendorTraffic(t, v)
			for i := range made {
				plantRequest(t, v, &made[i], i)
			}
			needles := markOf(t, v, made)
			recorded, sent := testKey(t, v), testKey(t, v)
			for i := range made {
				needles = append(needles, signRecorded(t, v, &made[i], recorded)...)
			}
			arrived := playLog(t, v, made, sent, needles)
			for i := range made {
				checkArrived(t, v, &made[i], arrived[i], i, sent)
			}
		})
	}
}

// vendorRequests is how many requests of each vendor: with -short, for the race detector, few.
func vendorRequests() int64 {
	if testing.Short() {
		return 40
	}
	return 200
}

// vendorTraffic makes a vendor's requests up: messages and, where there are any, receipts.
func vendorTraffic(t *testing.T, v *dialect.Vendor) (made []capture.Record) {
	t.Helper()
	o := synth.Options{Table: all.Table(), Vendors: synth.VendorMix{v.Name: 1}, Messages: vendorRequests(), Keywords: []string{"VIP"}}
	if v.Maker.Receipt != nil {
		o.Receipts = synth.Receipts{Share: 0.2, Failed: 0.5}
	}
	g, err := synth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	receipts := 0
	for int64(len(made)) < vendorRequests() {
		var r capture.Record
		if err := g.Next(context.Background(), &r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if r.Kind == capture.Status {
			receipts++
		}
		made = append(made, *r.Clone())
	}
	if int64(len(made)) != vendorRequests() || (receipts > 0) != (v.Maker.Receipt != nil) {
		t.Fatalf("%d requests, %d receipts", len(made), receipts)
	}
	return made
}

// testKey makes a key of the form that a vendor's scheme takes; nil where nothing signs.
func testKey(t *testing.T, v *dialect.Vendor) []byte {
	t.Helper()
	if v.Scheme == nil {
		return nil
	}
	if maker, ok := v.Scheme.(dialect.KeyMaker); ok {
		if key, err := maker.MakeKey(dialect.KeyOptions{CertificateName: "test.pem", Now: time.Now()}); err == nil {
			return bytes.TrimSpace(key.Secret)
		}
	}
	return []byte("a secret of " + t.Name())
}

// plantRequest puts values that tell of someone into a request: into each field that a person's number, text, name, address or link
// stands in, into one that nobody knows, into the query and into a header.
func plantRequest(t *testing.T, v *dialect.Vendor, r *capture.Record, n int) {
	t.Helper()
	word := letters(n)
	keyword := r.Kind != capture.Unrecognized && r.Kind != capture.Other
	edit := func(f dialect.Field) (string, dialect.Op) {
		if f.Literal || f.Value == "" || f.Part == payload.InPath {
			return "", dialect.Leave
		}
		switch {
		case (f.Class == dialect.Text || f.Class == dialect.Unknown) && !keyword && strings.Contains(f.Value, " "):
			return "hello it is " + word + " of 12 " + word + " street, " + word + "@acme-mail.com", dialect.Set
		case f.Class == dialect.TextWord && !keyword:
			return strings.ToUpper(word), dialect.Set
		case f.Class == dialect.Name:
			return word + " Quimby", dialect.Set
		case f.Class == dialect.Email:
			return word + "@acme-mail.com", dialect.Set
		case f.Class == dialect.Link:
			return "https://" + word + ".acme-shop.com/" + word, dialect.Set
		}
		return "", dialect.Leave
	}
	if err := v.Rewrite(r, edit); err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`\d+`)
	renumber := func(digits []byte) []byte {
		if len(digits) == 11 && digits[0] == '1' {
			return []byte("1415" + strconv.Itoa(2_000_000+number32(digits)%7_000_000))
		}
		return digits
	}
	r.Body = number.ReplaceAllFunc(r.Body, renumber)
	r.URL = string(number.ReplaceAllFunc([]byte(r.URL), renumber))
	switch {
	case bytes.HasSuffix(r.Body, []byte("}")):
		r.Body = append(r.Body[:len(r.Body)-1:len(r.Body)-1], `,"internal_note":"`+word+`"}`...)
	case len(r.Body) > 0 && payload.IsForm(r):
		r.Body = append(r.Body[:len(r.Body):len(r.Body)], "&InternalNote="+word...)
	}
	mark := "?"
	if strings.Contains(r.URL, "?") {
		mark = "&"
	}
	r.URL += mark + "tenant=" + word
	r.Headers = append(r.Headers, capture.Header{Name: "X-Tenant", Value: word})
	r.SetHeader("Content-Length", strconv.Itoa(len(r.Body)))
}

// number32 makes a number of digits that few others have.
func number32(digits []byte) int {
	sum := uint32(2166136261)
	for _, d := range digits {
		sum = (sum ^ uint32(d)) * 16777619
	}
	return int(sum >> 1)
}

// markOf lists what of the requests must be found nowhere: the planted words, the numbers, and what names messages and accounts.
func markOf(t *testing.T, v *dialect.Vendor, made []capture.Record) (needles []planted) {
	t.Helper()
	seen := map[string]bool{}
	add := func(s string) {
		if s = strings.TrimPrefix(s, "+"); len(s) >= 8 && !seen[s] {
			seen[s] = true
			needles = append(needles, planted{s, s})
		}
	}
	for i := range made {
		add(letters(i))
		if err := v.Rewrite(made[i].Clone(), func(f dialect.Field) (string, dialect.Op) {
			switch f.Class {
			case dialect.ID, dialect.Account:
				add(f.Value)
			case dialect.Person, dialect.Business:
				if number, class := sms.Canonical(f.Value); class == sms.E164 {
					add(strings.TrimPrefix(number, "+1"))
				}
			}
			return "", dialect.Leave
		}); err != nil {
			t.Fatal(err)
		}
	}
	return needles
}

// signRecorded signs a request as it was when it was recorded, and returns what a header tells of that.
func signRecorded(t *testing.T, v *dialect.Vendor, r *capture.Record, key []byte) (needles []planted) {
	t.Helper()
	if key == nil {
		return nil
	}
	before := map[string]string{}
	for _, h := range r.Headers {
		before[h.Name] = h.Value
	}
	if err := v.Sign(r, dialect.Signing{URL: "https://" + r.Host + r.URL, Secret: key, Now: r.Time}); err != nil {
		t.Fatal(err)
	}
	for _, h := range r.Headers {
		if before[h.Name] != h.Value && len(h.Value) >= 20 {
			needles = append(needles, planted{h.Value, h.Value})
		}
	}
	return needles
}

// playLog writes the requests down as a log, captures it, anonymizes and replays it, and returns what arrived, by the record's number.
func playLog(t *testing.T, v *dialect.Vendor, made []capture.Record, key []byte, needles []planted) map[int]*capture.Record {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"log": logOf(t, made), "map.yaml": "time: /time\nmethod: /method\nurl: /url\nheaders: /headers\nbody: /body\n", "key": string(key),
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) []byte {
		s := quietStreams()
		if code := Run(t.Context(), args, s); code != 0 {
			t.Fatalf("reprise %s ended with %d: %s", args[0], code, s.Err)
		}
		return s.Out.(*bytes.Buffer).Bytes()
	}
	var mu sync.Mutex
	arrived := make(map[int]*capture.Record)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r := &capture.Record{Method: q.Method, URL: q.RequestURI, Host: q.Host}
		r.Body, _ = io.ReadAll(q.Body)
		for name, values := range q.Header {
			r.Headers = append(r.Headers, capture.Header{Name: name, Value: values[0]})
		}
		seq, _, _ := strings.Cut(q.Header.Get("Reprise-Record"), ".")
		n, err := strconv.Atoi(seq)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			arrived[n] = r
		}
	}))
	defer server.Close()
	run("capture", "logs", in("log"), "--map", in("map.yaml"), "-o", in("raw.rpz"), "--quiet", "--keywords", "VIP")
	if found := traces(run("cat", in("raw.rpz")), needles); len(found) < len(needles)/2 {
		t.Fatalf("only %d of %d values are found in the recording itself: the search is blind", len(found), len(needles))
	}
	run("anonymize", in("raw.rpz"), "-o", in("safe.rpz"), "--quiet")
	for i, r := range readAll(t, in("safe.rpz")) {
		if r.Vendor != v.Name || r.Kind != made[i].Kind {
			t.Fatalf("request %d of the corpus is a %v of %q, want a %v", i, r.Kind, r.Vendor, made[i].Kind)
		}
	}
	args := []string{"replay", in("safe.rpz"), "--target", server.URL, "--timeout", "10m", "--time-scale", "1000000000", "--quiet", "--expect", "errors=0"}
	if key != nil {
		args = append(args, "--sign", v.Name+"=@"+in("key"))
	}
	run(args...)
	if len(arrived) != len(made) {
		t.Fatalf("%d of %d requests arrived", len(arrived), len(made))
	}
	var all bytes.Buffer
	for _, r := range arrived {
		fmt.Fprintf(&all, "%s %s\n%q\n%s\n", r.Method, r.URL, r.Headers, r.Body)
	}
	if found := traces(all.Bytes(), needles); len(found) > 0 {
		t.Errorf("%d planted values arrived, such as %q", len(found), found[:min(5, len(found))])
	}
	return arrived
}

// logOf writes requests as lines of JSON.
func logOf(t *testing.T, made []capture.Record) string {
	t.Helper()
	var b strings.Builder
	for i := range made {
		r := &made[i]
		headers := make([][2]string, 0, len(r.Headers))
		for _, h := range r.Headers {
			headers = append(headers, [2]string{h.Name, h.Value})
		}
		line, err := json.Marshal(map[string]any{"time": r.Time.Format(time.RFC3339Nano), "method": r.Method, "url": r.URL, "headers": headers, "body": string(r.Body)})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return b.String()
}

// checkArrived compares a request that arrived with what was recorded.
func checkArrived(t *testing.T, v *dialect.Vendor, was, is *capture.Record, n int, key []byte) {
	t.Helper()
	if key != nil {
		if err := v.Verify(is, dialect.Signing{URL: "https://" + is.Host + is.URL, Secret: key, Now: time.Now()}); err != nil {
			t.Fatalf("request %d: Verify: %v", n, err)
		}
	}
	c, err := sms.NewClassifier(sms.Options{Keywords: map[capture.Kind][]string{capture.CustomKeyword: {"VIP"}}})
	if err != nil {
		t.Fatal(err)
	}
	read := is.Clone()
	if err := all.Table().Annotate(read, c); err != nil || read.Vendor != v.Name || read.Kind != was.Kind {
		t.Fatalf("request %d is a %v of %q, want a %v (%v)", n, read.Kind, read.Vendor, was.Kind, err)
	}
	if a, b := shapeOf(was), shapeOf(is); !slices.Equal(a, b) {
		t.Fatalf("request %d has another shape:\n%q\nwas\n%q", n, b, a)
	}
	a, b := stays(t, v, was), stays(t, v, is)
	if !slices.Equal(a, b) {
		t.Fatalf("request %d has other values where they stay: %q, was %q", n, b, a)
	}
}

// stays lists the fields of a body whose values say nothing of anyone, with these, in their order.
func stays(t *testing.T, v *dialect.Vendor, r *capture.Record) (list []string) {
	t.Helper()
	if err := v.Rewrite(r.Clone(), func(f dialect.Field) (string, dialect.Op) {
		if f.Part == payload.InBody && (f.Class == dialect.Keep || f.Class == dialect.Encoding || f.Class == dialect.Segments) {
			list = append(list, f.Name+"="+f.Value)
		}
		return "", dialect.Leave
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// shapeOf lists method, count of segments, the names of the query, and the names and types of the body, in their order.
func shapeOf(r *capture.Record) (list []string) {
	path, query, _ := strings.Cut(r.URL, "?")
	list = []string{r.Method, strconv.Itoa(strings.Count(path, "/"))}
	names := func(form string) {
		for item := range strings.SplitSeq(form, "&") {
			name, _, found := strings.Cut(item, "=")
			list = append(list, name+" "+strconv.FormatBool(found))
		}
	}
	names(query)
	if !json.Valid(r.Body) {
		names(string(r.Body))
		return list
	}
	return append(list, jsonShape(r.Body)...)
}

// jsonShape lists the tokens of a document: its keys as they are, of its values their types. JSON in a string is looked into.
func jsonShape(text []byte) (list []string) {
	d := json.NewDecoder(bytes.NewReader(text))
	var inObject, isKey []bool
	for {
		token, err := d.Token()
		if err != nil {
			return list
		}
		top := len(inObject) - 1
		switch value := token.(type) {
		case json.Delim:
			list = append(list, value.String())
			if value == '{' || value == '[' {
				inObject, isKey = append(inObject, value == '{'), append(isKey, true)
				continue
			}
			inObject, isKey = inObject[:top], isKey[:top]
			top--
		case string:
			switch {
			case top >= 0 && inObject[top] && isKey[top]:
				list = append(list, value)
				isKey[top] = false
				continue
			case strings.HasPrefix(value, "{") && json.Valid([]byte(value)):
				list = append(list, jsonShape([]byte(value))...)
			default:
				list = append(list, "string")
			}
		default:
			list = append(list, fmt.Sprintf("%T", token))
		}
		if top >= 0 {
			isKey[top] = true
		}
	}
}
