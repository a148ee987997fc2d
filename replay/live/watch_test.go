package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/results"
)

// tripper answers questions without a socket, so that time can be made up.
type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func answered(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// value is an answer with one value.
func value(at time.Time, v string) string {
	return fmt.Sprintf(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%.3f,%q]}]}}`, float64(at.UnixMilli())/1000, v)
}

func figure(t testing.TB, text string) Figure {
	t.Helper()
	f, err := ParseFigure(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// told collects what a watcher tells.
type told struct {
	sync.Mutex
	list []string
}

func (l *told) tell(name string, t results.WatchTrouble, n int) {
	l.Lock()
	defer l.Unlock()
	l.list = append(l.list, fmt.Sprintf("%s %d %d", name, t, n))
}

// Each kind of answer, second by second: what is a value becomes a point, what is none is counted and told once.
func TestWatcher(t *testing.T) {
	const many = `{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"1"]},{"value":[1,"2"]},{"value":[1,"3"]}]}}`
	script := []func(*http.Request) (*http.Response, error){
		func(*http.Request) (*http.Response, error) { return answered(200, value(time.Now(), "1.5")), nil },
		func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") },
		func(*http.Request) (*http.Response, error) { return answered(503, "busy"), nil },
		func(*http.Request) (*http.Response, error) { return answered(400, `{"status":"error"}`), nil },
		func(*http.Request) (*http.Response, error) { return answered(200, "<html>"), nil },
		func(*http.Request) (*http.Response, error) {
			return answered(200, `{"status":"success","data":{"resultType":"vector","result":[]}}`), nil
		},
		func(*http.Request) (*http.Response, error) { return answered(200, value(time.Now(), "NaN")), nil },
		func(*http.Request) (*http.Response, error) { return answered(200, value(time.Now(), "+Inf")), nil },
		func(*http.Request) (*http.Response, error) { return answered(200, many), nil },
		func(*http.Request) (*http.Response, error) {
			return answered(200, `{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}`), nil
		},
		func(*http.Request) (*http.Response, error) {
			return answered(200, `{"status":"success","data":{"resultType":"matrix","result":[{"values":[[1,"7"],[2,"8"]]}]}}`), nil
		},
		func(r *http.Request) (*http.Response, error) { // nobody answers: the next two seconds are gone
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		func(*http.Request) (*http.Response, error) {
			time.Sleep(400 * time.Millisecond)
			return answered(200, value(time.Now(), "9")), nil
		},
	}
	synctest.Test(t, func(t *testing.T) {
		var said told
		w := NewWatcher([]Figure{figure(t, "prometheus=http://p,query=x,name=fig")}, said.tell)
		n := 0
		w.client.Transport = tripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.String() != "http://p/api/v1/query?query=x" {
				t.Errorf("asked for %s", r.URL)
			}
			n++
			return script[min(n, len(script))-1](r)
		})
		begun := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 17500*time.Millisecond)
		defer stop()
		w.Run(ctx)
		got := w.Taken(begun)[0]
		want := results.WatchedCounts{All: int64(n), Silent: 3, Refused: 3, Empty: 1, NotNumber: 2, Several: 1}
		if got.Asked != want || got.Name != "fig" || got.Query != "x" {
			t.Errorf("%+v, want %+v", got.Asked, want)
		}
		points := fmt.Sprint(got.Points)
		if !strings.HasPrefix(points, "[{0s 1.5} {9s 7} {16.2s 9}") {
			t.Errorf("points %s", points)
		}
		if len(said.list) != 5 {
			t.Errorf("told %q", said.list)
		}
	})
}

// A Prometheus that was away is asked after the run for what it has kept, and what was taken stays.
func TestWatcherFills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const skew = 30 * time.Second // its clock is ahead
		w := NewWatcher([]Figure{figure(t, "prometheus=http://p,query=x,name=fig")}, nil)
		begun := time.Now()
		w.client.Transport = tripper(func(r *http.Request) (*http.Response, error) {
			since := time.Since(begun)
			if strings.HasSuffix(r.URL.Path, "/query_range") {
				q := r.URL.Query()
				if q.Get("step") != "1" || q.Get("start") != fmt.Sprintf("%.3f", float64(begun.Add(skew).UnixMilli())/1000) {
					t.Errorf("asked for %v", q)
				}
				var b strings.Builder
				for i := range 11 {
					fmt.Fprintf(&b, `,[%.3f,"%d"]`, float64(begun.Add(skew+time.Duration(i)*time.Second).UnixMilli())/1000, 100+i)
				}
				return answered(200, `{"status":"success","data":{"resultType":"matrix","result":[{"values":[`+b.String()[1:]+`]}]}}`), nil
			}
			if since >= 3*time.Second && since < 7*time.Second {
				return nil, errors.New("away")
			}
			return answered(200, value(time.Now().Add(skew), fmt.Sprint(int(since.Seconds())))), nil
		})
		ctx, stop := context.WithTimeout(t.Context(), 10500*time.Millisecond)
		defer stop()
		w.Run(ctx)
		w.Fill(t.Context(), begun)
		got := w.Taken(begun)[0]
		want := "[{0s 0} {1s 1} {2s 2} {3s 103} {4s 104} {5s 105} {6s 106} {7s 7} {8s 8} {9s 9} {10s 10}]"
		if fmt.Sprint(got.Points) != want || got.Asked.Silent != 4 {
			t.Errorf("%+v, %v, want %s", got.Asked, got.Points, want)
		}
	})
}

// Secrets go to the host that they are for, and nowhere else; what is asked is what Prometheus documents.
func TestWatcherOverHTTP(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked for %s with %v", r.URL, r.Header)
	}))
	defer other.Close()
	var asked, moved, away int
	var mu sync.Mutex
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer hunter2" {
			t.Errorf("the token is %q", r.Header.Get("Authorization"))
		}
		switch r.FormValue("query") {
		case "moved":
			if moved++; r.URL.Path == "/prom/api/v1/query" {
				http.Redirect(w, r, "/elsewhere?"+r.URL.RawQuery, http.StatusFound)
				return
			}
		case "away":
			away++
			http.Redirect(w, r, other.URL, http.StatusFound)
			return
		}
		asked++
		_, _ = io.WriteString(w, value(time.Now(), "0.5"))
	}))
	defer p.Close()
	var figures []Figure
	for _, q := range []string{"plain", "moved", "away"} {
		f := figure(t, "prometheus="+p.URL+"/prom,query="+q)
		f.Header = http.Header{"Authorization": {"Bearer hunter2"}}
		figures = append(figures, f)
	}
	w := NewWatcher(figures, nil)
	for _, f := range w.figures {
		w.ask(t.Context(), f)
	}
	for i, want := range []results.WatchedCounts{{All: 1}, {All: 1}, {All: 1, Refused: 1}} {
		if got := w.Taken(time.Now())[i]; got.Asked != want || len(got.Points) != int(1-want.Refused) {
			t.Errorf("%s: %+v", got.Name, got)
		}
	}
	if asked != 2 || moved != 2 || away != 1 {
		t.Errorf("asked %d, moved %d, away %d", asked, moved, away)
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(value(time.Unix(1, 0), "1")))
	f.Add([]byte(`{"status":"success","data":{"resultType":"matrix","result":[{"values":[[1,"7"],[2,"NaN"]]}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		series, err := parseAnswer(b)
		if err != nil && series != nil {
			t.Errorf("an error and %v", series)
		}
	})
}

func TestAnnotator(t *testing.T) {
	var got []string
	var mu sync.Mutex
	status := 200
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.WriteHeader(status)
	}))
	defer g.Close()
	at, err := url.Parse(g.URL + "/grafana")
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Authorization": {"Bearer hunter2"}}
	a := NewAnnotator(t.Context(), at, header, "reprise", "run1")
	a.Annotate(time.UnixMilli(1_700_000_000_123), "start")
	a.Annotate(time.UnixMilli(1_700_000_001_000), "end")
	if failed, why := a.Close(); failed != 0 || why != "" {
		t.Errorf("%d failed: %s", failed, why)
	}
	want := `POST /grafana/api/annotations Bearer hunter2 application/json {"time":1700000000123,"tags":["reprise","run1"],"text":"start"}`
	if len(got) != 2 || got[0] != want {
		t.Errorf("%q, want %q", got, want)
	}
	for code, want := range map[int]string{401: "it answers 401", 302: "it answers 302", 500: "it answers 500"} {
		status = code
		a = NewAnnotator(t.Context(), at, header)
		a.Annotate(time.Now(), "a")
		a.Annotate(time.Now(), "b")
		if failed, why := a.Close(); failed != 2 || why != want {
			t.Errorf("%d: %d failed: %s", code, failed, why)
		}
	}
	g.Close()
	a = NewAnnotator(t.Context(), at, header)
	a.Annotate(time.Now(), "a")
	if failed, why := a.Close(); failed != 1 || why != "it does not answer" {
		t.Errorf("%d failed: %s", failed, why)
	}
}

// A Grafana that takes nothing costs the run nothing, and its end a bounded time.
func TestAnnotatorIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAnnotator(t.Context(), &url.URL{Scheme: "http", Host: "g"}, nil)
		a.client.Transport = tripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begun := time.Now()
		for range 1000 {
			a.Annotate(begun, "x")
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("telling took %v", took)
		}
		if failed, _ := a.Close(); failed != 1000 || time.Since(begun) > annotateEnd {
			t.Errorf("%d failed, in %v", failed, time.Since(begun))
		}
	})
}
