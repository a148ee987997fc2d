package numberfile

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestNumberFile(t *testing.T) {
	for _, tc := range []struct {
		name, text, columns string
		want                string // the entries, or the error
	}{
		{"a list", "+18882310142\n72345\n", "", "+18882310142 72345"},
		{"every spelling of one", "18882310142\n(888) 231-0143\n0044 20 7946 0958\n+1 888 231 0144", "", "+18882310142 +18882310143 +442079460958 +18882310144"},
		{"comments, blank lines, CRLF and a byte order mark", "\ufeff# staging\r\n\r\n+18882310142  # toll-free\r\n72345\r\n", "", "+18882310142 72345"},
		{"pairs by a blank", "+14155550101 +18882310142\n28572\t72345", "", "+14155550101>+18882310142 28572>72345"},
		{"pairs by a comma", "+14155550101, +18882310142\n28572,72345", "", "+14155550101>+18882310142 28572>72345"},
		{"a number that stays", "72345 72345", "", "72345>72345"},
		{"two short codes are a pair", "21255 50199", "", "21255>50199"},
		{"a country code is no short code", "+353 861234567\n+353 861234568", "", "+353861234567 +353861234568"},
		{"names", "28572 72345\nACME ACMETEST\nBOLD +18882310142", "", "28572>72345 ACME>ACMETEST BOLD>+18882310142"},
		{"names first", "ACME,ACMETEST\nBOLD,BOLDTEST", "", "ACME>ACMETEST BOLD>BOLDTEST"},
		{"CSV, one column", "number\n+18882310142\n", "", "+18882310142"},
		{"CSV of fixtures senders", "number,messages,opted_in\n+14155550101,3,yes\n+14155550102,1,no\n", "", "+14155550101 +14155550102"},
		{"CSV, a pair", "brand,fake,staging\nAcme 1,+14155550101,\"+18882310142\"\n", "", "+14155550101>+18882310142"},
		{"CSV, the number is in the corpus", "number,staging\n28572,72345\n", "", "28572>72345"},
		{"CSV, from and to", "From;To\n28572;72345\n", "", "28572>72345"},
		{"CSV, to and staging", "to\tstaging\n28572\t72345\n", "", "28572>72345"},
		{"CSV, a column by name", "id,Staging Phone\n1,+18882310142\n", "staging_phone", "+18882310142"},
		{"CSV, two columns by name", "b,a\n72345,28572\n", "a,b", "28572>72345"},
		{"CSV, empty rows and comments", "# made by hand\nfake,staging\n\n,\n28572,72345\n# no more\n", "", "28572>72345"},

		{"empty", "\n# nothing\n", "", "it lists nothing"},
		{"a header alone", "fake,staging\n", "", "it lists nothing"},
		{"no number", "+18882310142\nbanana\n", "", "line 2 is no telephone number"},
		{"no number first", "banana\n", "", "line 1 is no telephone number; if it is the header of a CSV, name its column: FILE:COLUMN"},
		{"an unknown header", "rufnummer,marke\n+18882310142,acme\n", "", "line 1 looks like the header of a CSV, and none of its columns has a name that is known: name them, FILE:COLUMN; a pair of names stands in a later line"},
		{"pairs, then a number", "28572 72345\n\n+18882310142\n", "", "line 3 is one number, and line 1 a pair: write every line as NUMBER, or every line as FAKE STAGING"},
		{"a number, then pairs", "+18882310142\n28572 72345\n", "", "line 2 is a pair, and line 1 one number: write every line as NUMBER, or every line as FAKE STAGING"},
		{"three on a line", "1,2,3\n", "", "line 1: it is neither one number nor two"},
		{"twice in a list", "+18882310142\n#\n(888) 231-0142\n", "", "line 3 is the number of line 1 again"},
		{"twice in pairs", "28572 72345\n28572 72346\n", "", "line 2 says again what the first number of line 1 becomes"},
		{"a number becomes a name", "28572 ACME\n", "", "line 1: a telephone number becomes what is none"},
		{"no number becomes one", "12,72345\n", "", "line 1: the first is no telephone number"},
		{"CSV, a cell is missing", "fake,staging\n28572\n", "", "line 2 has fewer columns than the header in line 1"},
		{"CSV, a cell is empty", "fake,staging\n28572,\n", "", "line 2: one of the two numbers is missing"},
		{"CSV, no such column", "id,phone\n1,72345\n", "mobile", "line 1: it has no column of the name that was given after FILE:; its columns are id, phone"},
		{"CSV, one side alone", "fake,brand\n28572,Acme\n", "", "line 1: no column is called staging: name the one that is meant, FILE:COLUMN; its columns are fake, brand"},
		{"CSV, a quote", "number\n\"+1888\n", "", `line 2: as CSV, extraneous or missing " in quoted-field`},
		{"UTF-16", "\xff\xfe+\x001\x00", "", "it is UTF-16 or no text: save it as UTF-8"},
		{"Latin-1", "# b\xfcro\n72345", "", "it is not UTF-8: save it as that"},
	} {
		got := ""
		if f, err := Parse([]byte(tc.text), tc.columns); err != nil {
			got = err.Error()
		} else {
			got = entriesOf(f)
		}
		if got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

func entriesOf(f *File) string {
	var list []string
	for _, e := range f.Entries {
		if f.Pairs {
			list = append(list, e.From+">"+e.To)
		} else {
			list = append(list, e.To)
		}
	}
	return strings.Join(list, " ")
}

// FuzzParse asks that what is read is the same when it is written down plainly and read again, and that no error tells
// what stands in a file.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"+18882310142\n72345\n", "28572 72345\nACME,ACMETEST", "fake;staging\n+14155550101;\"72345\"", "\ufeffnumber\r\n1 (888) 231-0142\r\n",
		"a,b\n1,2", "+18882310142 # x\n+18882310142", "\"", "0044 7700900123", "whatsapp:+14155550101 rcs:brand_agent_long",
	} {
		f.Add(text, "")
		f.Add(text, "a,b")
	}
	told := regexp.MustCompile(`[0-9]{7,}`)
	f.Fuzz(func(t *testing.T, text, columns string) {
		got, err := Parse([]byte(text), columns)
		if err != nil {
			if told.MatchString(err.Error()) {
				t.Fatalf("the error tells a number: %v", err)
			}
			return
		}
		var b strings.Builder
		fmt.Fprintln(&b, "fake,staging")
		if !got.Pairs {
			b.Reset()
			fmt.Fprintln(&b, "number")
		}
		for _, e := range got.Entries {
			if e.Line < 1 || e.To == "" || got.Pairs == (e.From == "") {
				t.Fatalf("an entry is %+v", e)
			}
			cell := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
			if got.Pairs {
				b.WriteString(cell(e.From) + ",")
			}
			b.WriteString(cell(e.To) + "\n")
		}
		again, err := Parse([]byte(b.String()), "")
		if err != nil {
			t.Fatalf("%v in %q", err, b.String())
		}
		if entriesOf(again) != entriesOf(got) {
			t.Fatalf("%q was read as %s, and that as %s", text, entriesOf(got), entriesOf(again))
		}
	})
}
