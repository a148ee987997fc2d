package cli

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

// oddTargets are request targets and hosts at which two readings of what a route is could differ.
func oddTargets() [][2]string {
	var list [][2]string
	for _, target := range []string{
		"/webhooks/sms--inbound", "/sms.-status", "/sms-", "/.sms", "/sms;sms=inbound", "/inbound;jsessionid=1A2B3C", "/sms;", "/notifications;v=1", "/Sms-INBOUND.php", "/sMs",
		"/sms%2Dinbound", "/%73ms", "/sms%252Dinbound", "/HOO\u212AS", "/hooks//sms/./..", "//sms//", "/sms/", "/webhooks/ccp", "/hooks/v9", "/sms#john",
		strings.Repeat("/in", 70), strings.Repeat("/in", 70) + "/margaret",
		"ws://shop/sms", "wss://shop.acme/sms", "alice://john.smith/inbound", "alice://john.smith", "://john.smith/sms", "http://john.smith#alice/sms", "HTTP://john.smith/sms",
		"http://localhost:johnsmith/sms", "http://[::1%25johnsmith]/sms", "http://john:smith@localhost/sms", "http://[::1]:4155552671/sms", "/http://john.smith/sms", "*",
	} {
		list = append(list, [2]string{"hooks.acme.com", target})
	}
	for _, host := range []string{"localhost:johnsmith", "[::1%johnsmith]", "[::1]:4155552671", "::1%johnsmith", "john.smith:99999", "localhost:8080"} {
		list = append(list, [2]string{host, "/sms"})
	}
	return list
}

// TestOddTargets holds that what anonymize writes passes its audit, whatever the target, and has nothing of a name.
func TestOddTargets(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.rpz"), filepath.Join(dir, "out.rpz")
	f, err := corpus.Create(in, corpus.Header{State: corpus.Raw}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, odd := range oddTargets() {
		r := capture.Record{
			Time: time.Unix(1669399200, int64(i)), Method: "POST", Host: odd[0], URL: odd[1],
			Headers: []capture.Header{{Name: "Host", Value: odd[0]}, {Name: "Content-Type", Value: "application/x-www-form-urlencoded"}},
			Body: []byte("AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&Body=hi&From=%2B1415555" + strconv.Itoa(1000+i) +
				"&MessageSid=SM7513bfc2d93963db8d73e388321f5197&SmsStatus=received&NumMedia=0&To=28572"),
		}
		if err := f.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := Run(t.Context(), []string{"anonymize", in, "-o", out}, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code != 0 {
		t.Fatalf("code %d: %s%s", code, &stdout, &stderr)
	}
	r, err := corpus.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var made capture.Record
	for _, odd := range oddTargets() {
		if err := r.Next(t.Context(), &made); err != nil {
			t.Fatal(err)
		}
		host, _ := made.Header("Host")
		for _, name := range []string{"john", "smith", "alice", "margaret", "shop", "acme", "ccp", "4155552671", "99999", "sms--", "sms=inbound"} {
			if strings.Contains(made.URL+" "+made.Host+" "+host, name) {
				t.Errorf("%s of %q became %q, %q", name, odd, made.URL, made.Host)
			}
		}
	}
}
