package report

import (
	"fmt"
	"strconv"
	"strings"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/results"
)

func watchedTitle(name string) string { return "Watched: " + name }

func watchedKey(i int) string { return "watched" + strconv.Itoa(i) }

// AddWatched puts figures of the platform's own into a course, over the windows that it is drawn from.
func (c *Course) AddWatched(all []results.Watched, ws []results.Window) {
	for i := range all {
		c.Watched = append(c.Watched, track{all[i].Name, all[i].Over(ws)})
	}
}

// watchedParts are the plots of the figures, below the curve.
func watchedParts(r *results.Run) (parts []part) {
	for i := range r.Watched {
		f := &r.Watched[i]
		if len(f.Points) == 0 {
			continue
		}
		p := overTime(watchedTitle(f.Name), "", r.Windows)
		p.Key, p.Lines = watchedKey(i), []line{{Name: f.Name, Style: "a", Y: f.Over(r.Windows)}}
		note := "By the platform's own account, the mean of each stretch."
		if f.Query != "" {
			note = "By the platform's own account, the mean of each stretch: " + f.Query
		}
		parts = append(parts, part{Title: p.Title, Plot: p, Notes: []string{note}})
	}
	return parts
}

// watchTroubles words what is no value: of one question, and of several.
func watchTroubles() []struct {
	t         results.WatchTrouble
	one, many string
} {
	return []struct {
		t         results.WatchTrouble
		one, many string
	}{
		{results.WatchSilent, "Prometheus does not answer", "had no answer"},
		{results.WatchRefused, "Prometheus refuses the question, or is none: try the query and the token there", "were refused"},
		{results.WatchEmpty, "Prometheus has no data for the query", "found no data"},
		{results.WatchNotNumber, "the value is not a number (NaN or infinite)", "gave no number (NaN or infinite)"},
		{results.WatchSeveral, "the query gives several series, and one is needed: write sum(…), max(…) or avg(…) around it", "gave several series"},
	}
}

// WatchTrouble says at once why a watched figure has no value: series is how many there are, where they are several.
func WatchTrouble(name string, t results.WatchTrouble, series int) string {
	for _, w := range watchTroubles() {
		if w.t == t {
			text := strings.Replace(w.one, "several", strconv.Itoa(series), 1)
			return fmt.Sprintf("--watch %s: %s. The run goes on.", wording.InLine(name), text)
		}
	}
	return ""
}

// watchedLead says of figures how many questions brought no value.
func watchedLead(all []results.Watched) (lines []string) {
	for i := range all {
		f := &all[i]
		if f.Query == "" {
			lines = append(lines, tableLead(f)...)
			continue
		}
		var parts []string
		for _, w := range watchTroubles() {
			if n := *f.Asked.Of(w.t); n > 0 {
				parts = append(parts, fmt.Sprintf("%s %s", count(n), w.many))
			}
		}
		if len(parts) == 0 {
			continue
		}
		text := fmt.Sprintf("watched %s: of %s, %s.", wording.InLine(f.Name), wording.Count(f.Asked.All, "question"), strings.Join(parts, ", "))
		if len(f.Points) == 0 {
			text += " Nothing is known of it."
		}
		lines = append(lines, text)
	}
	return lines
}

// tableLead says how much of a figure from a table could not be used.
func tableLead(f *results.Watched) []string {
	if f.Asked.Refused+f.Asked.NotNumber == 0 {
		return nil
	}
	return []string{fmt.Sprintf("watched %s: of %s, %s have a time that cannot be read, and %s are no number.",
		wording.InLine(f.Name), wording.Count(f.Asked.All, "value"), count(f.Asked.Refused), count(f.Asked.NotNumber))}
}

// EndNote says in a line how a run ended.
func EndNote(title string, r *results.Run, stopped bool) string {
	how := "end"
	switch {
	case stopped:
		how = "stopped, as too much failed"
	case r.Footer != nil && r.Footer.State != replay.Complete:
		how = "stopped"
	}
	s := &r.Summary
	return fmt.Sprintf("%s: %s. %s, %s failed, p99 %s", title, how, wording.Count(s.Ledger.OK+s.Ledger.Failed, "request"), count(s.Ledger.Failed), wording.Duration(s.Latency.P99))
}
