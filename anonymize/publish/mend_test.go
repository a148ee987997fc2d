package publish

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/capture/dialect/all"
)

// asPolicy reads a text as --policy does.
func asPolicy(t *testing.T, text string) (*anonymize.Policy, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadPolicy(name, all.Table())
}

// TestQuotePaths holds which lists of paths in brackets are read, and that nothing else changes.
func TestQuotePaths(t *testing.T) {
	for in, want := range map[string]string{
		"paths: [/a/{id}]": "paths: ['/a/{id}']",
		"version: 1\npaths:  [ /a/{id} , /b/{x}/c,/d ] # {e}\n":   "version: 1\npaths:  [ '/a/{id}' , '/b/{x}/c',/d ] # {e}\n",
		"paths: [\"/a/{id}\", '/b/{x}', /c/{y}]":                  "paths: [\"/a/{id}\", '/b/{x}', '/c/{y}']",
		"paths: [/it's/{a}]":                                      "paths: ['/it''s/{a}']",
		"paths: [\n  /a/{id},   \n  # of {old}\n  /b/{x},\n]\r\n": "paths: [\n  '/a/{id}',   \n  # of {old}\n  '/b/{x}',\n]\r\n",
		"paths: [/a/{b,c}]":                                       "paths: ['/a/{b,c}']",
		"paths: []":                                               "paths: []",
		"paths: [/a, /b]":                                         "paths: [/a, /b]",
		"paths: [{a: b}, /c: {d: e}]":                             "paths: [{a: b}, /c: {d: e}]",
		"paths: [/a/{id}":                                         "paths: [/a/{id}",
		"paths: [/a/{id} # ]":                                     "paths: [/a/{id} # ]",
		"paths: ['/a/{id}]":                                       "paths: ['/a/{id}]",
		"paths:\n  - /a/{id}":                                     "paths:\n  - /a/{id}",
		"#paths: [/a/{id}]":                                       "#paths: [/a/{id}]",
	} {
		if got := string(quotePaths([]byte(in))); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	p, err := asPolicy(t, "version: 1\npaths: [/hooks/twilio/orders/{id}, /a/{b}/c]   # mine\n")
	if err != nil || strings.Join(p.Routes().Paths, " ") != "/a/{b}/c /hooks/twilio/orders/{id}" {
		t.Errorf("%v", err)
	}
}

func FuzzQuotePaths(f *testing.F) {
	f.Add("paths: [/a/{id}, '/b', \"c\" , {a: b}]\n")
	f.Add("version: 1\npaths: [\n/a, # x\n/b]")
	f.Fuzz(func(t *testing.T, text string) {
		var before, after any
		if yaml.Unmarshal([]byte(text), &before) != nil {
			quotePaths([]byte(text))
			return
		}
		quoted := quotePaths([]byte(text))
		if err := yaml.Unmarshal(quoted, &after); err != nil {
			t.Errorf("%q was YAML, and %q is not: %v", text, quoted, err)
		}
	})
}

// TestMendLines holds which line mends what, and that all that is printed together is a policy.
func TestMendLines(t *testing.T) {
	place := func(check audit.Check, part, name string) audit.Place {
		return audit.Place{Check: check, Vendor: "twilio", Part: part, Name: name}
	}
	path := audit.Place{Check: audit.Paths, Vendor: "twilio", Part: "path", Path: "/hooks/acme/{3}", Segment: 1}
	replaced := path
	replaced.Segment = 2
	for _, tc := range []struct {
		policy string
		place  audit.Place
		want   string
	}{
		{"", place(audit.Values, "query", "email"), `"?email": drop`},
		{"", place(audit.Credentials, "query", "token"), `"?token": drop`},
		{"'?email': keep", place(audit.Emails, "query", "email"), `"?email": drop   # your policy says keep: change that line`},
		{"email: keep", place(audit.Emails, "query", "email"), `"email": drop   # your policy says keep: change that line`},
		{"'?line#': keep", place(audit.Emails, "query", "line2"), `"?line#": drop   # your policy says keep: change that line`},
		{"", place(audit.Values, "query", ""), `"?NAME": drop   # the name tells of someone: put it for NAME, as reprise cat shows it`},
		{"", place(audit.Values, "form", ""), `"NAME": drop   # the name tells of someone: put it for NAME, as reprise cat shows it`},
		{"", place(audit.Values, "json", ""), ""},
		{"", place(audit.Values, "form", "Note"), `"Note": drop`},
		{"ProfileName: keep", place(audit.Values, "form", "ProfileName"), `"ProfileName": name   # your policy says keep: change that line`},
		{"", place(audit.Values, "json", "/data/a~1b/*/x"), `"data.a/b.*.x": drop`},
		{"", place(audit.Credentials, "header", "X-Token"), `"x-token": drop`},
		{"", path, `- "/hooks/{2}/{3}"`},
		{"", replaced, `- "/hooks/acme/WORD"   # only if segment 3 is a route's name and tells of nobody: put it for WORD; otherwise anonymize again`},
	} {
		policy, err := anonymize.DefaultPolicy(all.Table()), error(nil)
		if tc.policy != "" {
			policy, err = asPolicy(t, "version: 1\nvendors:\n  twilio:\n    fields: {"+tc.policy+"}\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		rep := audit.Report{Places: []audit.Place{tc.place}}
		m := Mend(&rep, policy, all.Table())
		var b bytes.Buffer
		m.Write(&b)
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if got := strings.TrimSpace(lines[len(lines)-1]); got != tc.want && tc.want != "" || tc.want == "" && !m.Empty() {
			t.Errorf("%+v: %q, want %q", tc.place, got, tc.want)
		}
		for _, text := range []string{b.String(), "version: 1\n" + rep.Places[0].Mend} {
			if _, err := asPolicy(t, text); err != nil {
				t.Errorf("%+v: %v:\n%s", tc.place, err, text)
			}
		}
	}
	var keep Mends
	keep.KeepPath("/hooks/acme/{id}/sms", "24 people")
	keep.KeepPath("/hooks/twilio/orders/{id}", "")
	keep.KeepPath("/hooks/twilio/orders/{id}", "again")
	var both bytes.Buffer
	keep.Write(&both)
	if p, err := asPolicy(t, both.String()); err != nil || len(p.Routes().Paths) != 2 {
		t.Errorf("%v: %s", err, &both)
	}
}
