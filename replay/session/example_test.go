package session_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"reprise/replay/session"
)

// A corpus is planned, which says what will be sent, and then played at 20 times its tempo.
func Example() {
	ctx := context.Background()
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer target.Close()

	s, err := session.Open(ctx, "testdata/minute.rpz", target.URL, session.Options{Tempo: session.Tempo{TimeScale: 20}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	plan, err := s.Plan(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Requests(), "requests in", plan.Duration.Round(time.Second/10))
	run, err := s.Play(ctx, session.Hooks{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(run.Summary.Ledger.OK, "answered, run of plan", s.Hash() == run.Header.PlanHash)
	// Output:
	// 60 requests in 3s
	// 60 answered, run of plan true
}

// Run does all at once.
func ExampleRun() {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer target.Close()

	run, err := session.Run(context.Background(), "testdata/minute.rpz", target.URL, session.Options{
		Tempo:     session.Tempo{TimeScale: 100},
		Selection: session.Selection{Paths: []string{"/webhooks/twilio"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(run.Summary.Status)
	// Output: map[202:27]
}
