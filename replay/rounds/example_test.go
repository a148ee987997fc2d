package rounds_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"reprise/replay/compare"
	"reprise/replay/rounds"
	"reprise/replay/session"
)

// Two builds are held against each other: a corpus is played at each in turn, and the run files are judged.
func Example() {
	ctx := context.Background()
	base := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer base.Close()
	candidate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer candidate.Close()

	var plays []rounds.Play
	options := session.Options{Tempo: session.Tempo{TimeScale: 200}}
	for _, t := range rounds.Turns(1) {
		target := base.URL
		if t.Candidate {
			target = candidate.URL
		}
		plays = append(plays, rounds.Play{Name: t.Name(), Target: target, Options: options})
	}
	var runs rounds.Files
	defer runs.Close()
	if err := runs.Play(ctx, "../session/testdata/minute.rpz", plays, rounds.Hooks{}); err != nil {
		fmt.Println(err)
		return
	}
	j := rounds.Judge{Options: compare.Options{BaseName: "1.4", CandidateName: "1.5"}}
	c, err := j.Files(ctx, runs.Paths)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Base.Summary.Ledger.OK, "and", c.Candidate.Summary.Ledger.OK, "requests went well")
	fmt.Println(c.Base.Summary.Status, c.Candidate.Summary.Status)
	// Output:
	// 60 and 60 requests went well
	// map[200:60] map[202:60]
}
