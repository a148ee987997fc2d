package report

import (
	"bytes"
	"strings"
	"testing"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/capture/dialect"
)

func TestWriteFindingsOfAVendorOfOnesOwn(t *testing.T) {
	table := dialect.NewTable(dialect.New(dialect.Vendor{Name: "acme", Layout: dialect.Layout{Variants: []dialect.Fields{{"who": dialect.Person}}}}))
	for _, tc := range []struct {
		vendors dialect.Table
		mended  bool
	}{{table, true}, {dialect.Table{}, false}} {
		rep := audit.Report{Places: []audit.Place{{Check: audit.Credentials, Vendor: "acme", Part: "query", Name: "token", Records: 1, First: []int64{1}}}}
		var b bytes.Buffer
		WriteFindings(&b, &rep, anonymize.DefaultPolicy(table), tc.vendors, "in.rpz")
		if strings.Contains(b.String(), `"?token": drop`) != tc.mended {
			t.Errorf("mended %t:\n%s", !tc.mended, b.String())
		}
	}
}
