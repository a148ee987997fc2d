package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
)

// platform is a small messaging platform: it answers each webhook at once and replies to the person afterwards, through
// the vendors' sending API.
type platform struct {
	api     atomic.Value // the API's URL
	working sync.WaitGroup
	failed  atomic.Int64
	replies int // to each message
}

// startPlatform runs one inside the test: platform NAME, or platform NAME twice for one that replies twice to each message.
// NAME becomes a variable with its URL.
func startPlatform(ts *testscript.TestScript, _ bool, args []string) {
	c, err := sms.NewClassifier(sms.Options{})
	ts.Check(err)
	p := &platform{replies: len(args)}
	p.api.Store("")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		rec := capture.Record{Method: r.Method, URL: r.URL.RequestURI(), Host: r.Host, Body: body}
		for name, values := range r.Header {
			rec.Headers = append(rec.Headers, capture.Header{Name: name, Value: values[0]})
		}
		_ = all.Table().Annotate(&rec, c)
		if rec.Kind != capture.Other && rec.Kind != capture.Status {
			if rec.Vendor == "twilio" || rec.Vendor == "telnyx" { // the others' APIs have nobody that stands in for them
				p.working.Go(func() {
					for range p.replies {
						p.reply(rec.Vendor, rec.Message)
					}
				})
			}
		}
		_, _ = io.WriteString(w, "{}")
	}))
	ts.Defer(func() {
		p.working.Wait()
		server.Close()
	})
	ts.Setenv(args[0], server.URL)
	sinks.Store(ts.Getenv("WORK")+args[0], p)
}

// pointPlatform tells it where to send its replies: repliesto NAME URL.
func pointPlatform(ts *testscript.TestScript, _ bool, args []string) {
	p, _ := sinks.Load(ts.Getenv("WORK") + args[0])
	p.(*platform).api.Store(args[1])
}

// idlePlatform waits until all replies are sent, none of them in vain: replied NAME.
func idlePlatform(ts *testscript.TestScript, _ bool, args []string) {
	v, _ := sinks.Load(ts.Getenv("WORK") + args[0])
	p := v.(*platform)
	p.working.Wait()
	if n := p.failed.Load(); n > 0 {
		ts.Fatalf("%d replies were not taken", n)
	}
}

// scrape keeps what a URL answers: scrape URL FILE.
func scrape(ts *testscript.TestScript, _ bool, args []string) {
	resp, err := http.Get(args[0])
	ts.Check(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o600))
}

func (p *platform) reply(vendor string, m capture.Message) {
	api := p.api.Load().(string)
	to, contentType, body := api+"/v2/messages", "application/json", fmt.Sprintf(`{"from":%q,"to":%q,"text":"thank you"}`, m.To, m.From)
	if vendor == "twilio" {
		to, contentType = api+"/2010-04-01/Accounts/AC1/Messages.json", "application/x-www-form-urlencoded"
		body = url.Values{"From": {m.To}, "To": {m.From}, "Body": {"thank you"}}.Encode()
	}
	r, err := http.NewRequest(http.MethodPost, to, strings.NewReader(body))
	if err == nil {
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer secret")
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(r); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode/100 == 2 {
				return
			}
		}
	}
	p.failed.Add(1)
}

// unclock takes the clock's name out of a file of completions: unclocked FILE.
func unclock(ts *testscript.TestScript, _ bool, args []string) {
	text := regexp.MustCompile(`,"clock":"[0-9a-f]{16}"`).ReplaceAllString(ts.ReadFile(args[0]), "")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
