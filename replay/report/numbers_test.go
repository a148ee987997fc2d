package report

import (
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/sms/numberfile"
	"reprise/replay/render"
	"reprise/replay/session"
)

// metNumbers has met a Twilio message to each of some addresses.
func metNumbers(file string, addresses ...string) *session.Numbers {
	n := &session.Numbers{Met: render.NewAddresses(all.Table(), false)}
	for _, to := range addresses {
		n.Met.Observe(&capture.Record{
			Time: time.Unix(1_700_000_000, 0), Method: "POST", URL: "/t", Vendor: "twilio", Kind: capture.Unrecognized,
			Body: []byte("From=%2B14155550101&To=" + strings.ReplaceAll(to, "+", "%2B")), Message: capture.Message{From: "+14155550101", To: to},
		})
	}
	f, err := numberfile.Parse([]byte(file), "")
	if err != nil {
		panic(err)
	}
	f.Name, n.Receivers = "f", f
	if f.Pairs {
		n.Recipients, n.Outside = n.Met.AssignPairs(f.Table())
	} else {
		n.Recipients, n.Outside = n.Met.Assign(f.Numbers())
	}
	return n
}

func TestShortage(t *testing.T) {
	corpus := []string{"+18338675309", "28572", "+18338675310", "28573", "+18338675311"}
	for _, tc := range []struct {
		name, file string
		addresses  []string
		want       string
		unused     int
	}{
		{"enough", "72345 72345\n", []string{"72345"}, "", 0},
		{
			"too few short codes", "72345\n+18882310142\n+18882310143\n+18882310144\n+18882310145\n", corpus,
			"the corpus has 3 long numbers and 2 short codes; the file has 4 long numbers and 1 short code: add 1 short code", 1,
		},
		{
			"too few of both", "+18882310142\n", corpus,
			"the corpus has 3 long numbers and 2 short codes; the file has 1 long number and 0 short codes: add 2 long numbers and 2 short codes", 0,
		},
		{
			"a name", "+18882310142\n",
			[]string{"+18338675309", "ACME"},
			"the corpus has 1 long number and 1 sender's name; the file has 1 long number and 0 senders' names: what the name becomes is said by " +
				"pairs alone: write every line as FAKE STAGING (NAME NAME keeps a name)", 0,
		},
		{
			"pairs", "28572 72345\n99999 24680\n", corpus,
			"4 of the corpus' 5 recipients are not in the file: add a pair for 3 long numbers and 1 short code", 1,
		},
	} {
		n := metNumbers(tc.file, tc.addresses...)
		if tc.want != "" {
			tc.want = "Recipients f: " + tc.want
		}
		if _, got := Shortages(n, nil); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
		if n.Unused() != tc.unused {
			t.Errorf("%s: %d unused, want %d", tc.name, n.Unused(), tc.unused)
		}
	}
}
