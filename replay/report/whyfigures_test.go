package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"reprise/replay/cause"
)

func TestWhyTellsOfFigures(t *testing.T) {
	y := &Why{Report: &cause.Report{Requests: 100, WhyNot: &cause.WhyNot{Reason: cause.NoPattern}, Figures: []cause.Figure{
		{Name: "pool", State: cause.FigureGoesWith, Correlation: 0.934, Leads: time.Second},
		{Name: "cpu", State: cause.FigureSaturated, Correlation: 0.7, Leads: -2 * time.Second},
		{Name: "odd", State: cause.FigureUnrelated, Correlation: 0.21},
		{Name: "one", State: cause.FigureConstant, Correlation: math.NaN()},
		{Name: "none\nat all", State: cause.FigureEmpty},
		{Name: "other", State: cause.FigureOutside},
		{Name: "few", State: cause.FigureSparse},
		{Name: "few", State: cause.FigureConstant},
		{Name: "few", State: cause.FigureEmpty},
	}}}
	var text, data bytes.Buffer
	if err := WriteWhy(&text, Text, y); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"The platform's own figures", "pool changes as the latency does, 1.00 s ahead of it: a correlation of 0.93, which is no proof.",
		"cpu is at its top where the latency is high, 2.00 s after it: a correlation of 0.70, which is no proof.",
		"odd is not shown to go with the latency: a correlation of 0.21 at most.", "one had one value", "had no value.", "compare the clocks", "few has too few values in the run to tell anything: it takes 20",
		"The second of that name: few had one value", "The third of that name: few had no value.",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	if err := WriteWhy(&data, JSON, y); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Figures []struct {
			Name, State string
			Correlation float64
			Leads       int64 `json:"leads_ns"`
		}
	}
	if err := json.Unmarshal(data.Bytes(), &got); err != nil || len(got.Figures) != 9 || got.Figures[0].State != "goes_with" || got.Figures[0].Leads != 1e9 {
		t.Errorf("%v, %+v", err, got)
	}
	for _, f := range got.Figures {
		if f.State == "" {
			t.Errorf("%s has no state", f.Name)
		}
	}
}
