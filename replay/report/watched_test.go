package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"reprise/replay/results"
)

func TestWatched(t *testing.T) {
	r := run(t)
	var pool results.Watched
	pool.Name, pool.Query, pool.Asked = "pool", "sum(pool)", results.WatchedCounts{All: 20, Silent: 1, NotNumber: 2}
	for i := range 17 {
		pool.Points = append(pool.Points, results.WatchedPoint{At: time.Duration(i) * time.Second, Value: float64(i)})
	}
	r.Watched = []results.Watched{pool, {Name: "nothing\nhere", Query: "x", Asked: results.WatchedCounts{All: 20, Empty: 20}}, {Name: "good", Query: "y"}, {Name: "table", Asked: results.WatchedCounts{All: 9, Refused: 2, NotNumber: 1}}}
	var text, page bytes.Buffer
	if err := WriteRun(&text, Text, r, nil); err != nil {
		t.Fatal(err)
	}
	if err := WriteRun(&page, HTML, r, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nwatched pool: of 20 questions, 1 had no answer, 2 gave no number (NaN or infinite).\n",
		"\nwatched nothing", ": of 20 questions, 20 found no data. Nothing is known of it.\n",
		"\nwatched table: of 9 values, 2 have a time that cannot be read, and 1 are no number.\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q: %s", want, text.String()[:600])
		}
	}
	if strings.Contains(text.String(), "\nhere") || strings.Contains(text.String(), "good") {
		t.Error("a name begins a line, or a figure without trouble is told")
	}
	html := page.String()
	if strings.Count(html, `data-plot="watched`) != 1 || !strings.Contains(html, `data-plot="watched0" data-title="Watched: pool"`) {
		t.Error("the page does not draw the one figure with values")
	}
	if !strings.Contains(html, `"watched":[{"name":"pool","y":[`) {
		t.Error("the course lacks the figure")
	}
	if at, curve, ledger := strings.Index(html, "Watched: pool"), strings.Index(html, `data-plot="rate"`), strings.Index(html, "<summary>Ledger"); at < curve || at > ledger {
		t.Errorf("the figure is at %d, the curve at %d, the ledger at %d", at, curve, ledger)
	}
}

func TestEveryTroubleHasWords(t *testing.T) {
	for trouble := results.WatchSilent; trouble <= results.WatchSeveral; trouble++ {
		if s := WatchTrouble("x", trouble, 3); !strings.HasPrefix(s, "--watch x: ") || !strings.HasSuffix(s, "The run goes on.") {
			t.Errorf("trouble %d: %q", trouble, s)
		}
	}
	if s := WatchTrouble("x", results.WatchSeveral, 3); !strings.Contains(s, "3 series") {
		t.Error(s)
	}
}

func TestLivePageHasWatchedFigures(t *testing.T) {
	var b bytes.Buffer
	if err := WriteLive(&b, "run", "token", "pool", "<cpu>"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `data-plot="watched1" data-title="Watched: &lt;cpu&gt;"`) {
		t.Error("the dashboard has no figure for what is watched")
	}
}
