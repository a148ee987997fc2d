package live

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// annotations is how many wait at most: a run has a start, an end, and what people do to it.
	annotations = 256
	// annotateTime bounds one annotation, annotateEnd all those that still wait when a run has ended.
	annotateTime = 5 * time.Second
	annotateEnd  = 10 * time.Second
)

// Annotator tells a Grafana what happens to a run, by its HTTP API. What it cannot tell costs the run nothing.
type Annotator struct {
	client http.Client
	url    *url.URL
	header http.Header
	tags   []string
	queue  chan annotation // of Annotate, which Close ends; it holds what a slow Grafana has not taken yet
	done   sync.WaitGroup
	cut    context.CancelFunc

	mu     sync.Mutex
	failed int
	why    string
}

// annotation is one of Grafana's (POST /api/annotations).
type annotation struct {
	Time int64    `json:"time"` // milliseconds since the epoch
	Tags []string `json:"tags"`
	Text string   `json:"text"`
}

// NewAnnotator begins to tell the Grafana at an address. header is sent with everything, the token in it; tags are those of all annotations.
func NewAnnotator(ctx context.Context, at *url.URL, header http.Header, tags ...string) *Annotator {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx)) // an interrupted run is told of, too
	a := &Annotator{url: at.JoinPath("api", "annotations"), header: header, tags: tags, queue: make(chan annotation, annotations), cut: cut}
	// A redirected POST would lose its body or be sent twice: the address is to be the right one.
	a.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a.client.Transport = &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute}
	a.done.Go(func() {
		for one := range a.queue {
			a.post(sending, one)
		}
	})
	return a
}

// Annotate tells what happened at a moment. It never waits, and is used from one goroutine.
func (a *Annotator) Annotate(at time.Time, text string) {
	select {
	case a.queue <- annotation{at.UnixMilli(), a.tags, text}:
	default:
		a.fail("it is too slow")
	}
}

// Close waits for what is under way, for a bounded time, and says how many annotations were not taken, and why the first was not.
func (a *Annotator) Close() (failed int, why string) {
	close(a.queue)
	timer := time.AfterFunc(annotateEnd, a.cut)
	a.done.Wait()
	timer.Stop()
	a.cut()
	a.client.CloseIdleConnections()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.failed, a.why
}

func (a *Annotator) fail(why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed++; a.failed == 1 {
		a.why = why
	}
}

func (a *Annotator) post(ctx context.Context, one annotation) {
	text, err := json.Marshal(one)
	if err != nil {
		a.fail("it has no JSON")
		return
	}
	posting, cancel := context.WithTimeout(ctx, annotateTime)
	defer cancel()
	r, err := http.NewRequestWithContext(posting, http.MethodPost, a.url.String(), bytes.NewReader(text))
	if err != nil {
		a.fail("its address cannot be asked")
		return
	}
	for name, v := range a.header {
		r.Header[name] = v
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := a.client.Do(r)
	if err != nil {
		a.fail("it does not answer")
		return
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, answerBytes))
	if res.StatusCode/100 != 2 {
		a.fail("it answers " + res.Status[:min(len(res.Status), 3)])
	}
}
