package report

import (
	"bytes"
	"strings"
	"testing"

	"reprise/replay/results"
)

// TestCorpusLost holds that a run says in its summary and on its page what damage had taken of the corpus that it played.
func TestCorpusLost(t *testing.T) {
	for _, tc := range []struct {
		lost *results.CorpusLost
		want string
	}{
		{nil, ""},
		{&results.CorpusLost{Records: 16384}, "16,384 records of the corpus were lost to damage"},
		{&results.CorpusLost{Records: 1}, "1 record of the corpus was lost to damage"},
		{&results.CorpusLost{Records: 9, More: true}, "9 records or more of the corpus were lost to damage"},
		{&results.CorpusLost{More: true}, "part of the corpus was damaged"},
		{&results.CorpusLost{Records: -3}, "part of the corpus was damaged"},
	} {
		r := run(t)
		r.Header.CorpusLost = tc.lost
		var brief, page bytes.Buffer
		if err := WriteBrief(&brief, r, nil, Next{Named: optionNames}); err != nil {
			t.Fatal(err)
		}
		if err := WriteRun(&page, Text, r, nil); err != nil {
			t.Fatal(err)
		}
		if tc.want == "" {
			if strings.Contains(brief.String()+page.String(), "of the corpus was") {
				t.Error("a whole corpus is called damaged")
			}
			continue
		}
		if !strings.Contains(brief.String(), tc.want) || !strings.Contains(page.String(), strings.ToUpper(tc.want[:1])+tc.want[1:]+": the run played the rest.") {
			t.Errorf("%+v is not told as %q:\n%s", tc.lost, tc.want, brief.String())
		}
	}
}
