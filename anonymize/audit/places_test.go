package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

// TestPlaces holds that a report says in which field of how many records something stands, and never what.
func TestPlaces(t *testing.T) {
	for _, tc := range []struct {
		name  string
		plant func(r *capture.Record) // of the third and every sixth after it
		want  []string                // check, field, vendor, records
	}{
		{
			"a form", func(r *capture.Record) {
				r.Body = append(r.Body, "&Extra%5B0%5D=%2B14046620240&Note=Zebulon+where+is"...)
			},
			[]string{"numbers form Extra[0] twilio 4", "texts form Note twilio 4"},
		},
		{
			"JSON", func(r *capture.Record) {
				r.Body = []byte(`{"data":{"to":[{"n":1},{"phone":"+1\u0034046620240"}],"a/b":"x"}}`)
			},
			[]string{"numbers json /data/to/*/phone twilio 4"},
		},
		{"a name in JSON", func(r *capture.Record) { r.Body = []byte(`{"Zebulon where is":1}`) }, []string{"texts json name twilio 4"}},
		{"a name that tells", func(r *capture.Record) { r.Body = append(r.Body, "&Zebulon=Zebulon+where+is"...) }, []string{"texts form twilio 4"}},
		{"the query", func(r *capture.Record) { r.URL += "?a=1&agent=Zebulon+where+is" }, []string{"texts query agent twilio 4"}},
		{"the path", func(r *capture.Record) { r.URL = "/hooks/SM7513bfc2d93963db8d73e388321f5197/in" }, []string{"ids url path segment 2 twilio 4"}},
		{"a header", func(r *capture.Record) { secretHeaders(r, "X-Note", "Zebulon where is") }, []string{"texts header X-Note twilio 4"}},
		{"two segments", func(r *capture.Record) { r.URL = "/Zebulon/where/is" }, []string{"texts url twilio 4"}},
		{"broken JSON", func(r *capture.Record) { r.Body = []byte(`{"a":"b","c":Zebulon where is`) }, []string{"texts body twilio 4"}},
		{"deep JSON", func(r *capture.Record) {
			r.Body = []byte(strings.Repeat("[", 200) + `"Zebulon where is"` + strings.Repeat("]", 200))
		}, []string{"texts body twilio 4"}},
		{"an address", func(r *capture.Record) { r.Body = append(r.Body, "&Mail=a1%40acme-mail.com"...) }, []string{"emails form Mail twilio 4"}},
		{
			"a sender", func(r *capture.Record) { r.Message.From = "+14155560123" },
			[]string{"fidelity person twilio 1", "gate message.from twilio 4"},
		},
	} {
		in, out := pair()
		in, out = slices.Repeat(in, 4), slices.Repeat(out, 4)
		for i := 2; i < len(out); i += 6 {
			out[i] = out[i].Clone()
			tc.plant(out[i])
		}
		for i := range in {
			in[i] = in[i].Clone()
			in[i].Seq = int64(i)
		}
		for _, batch := range []int{1, maxCandidates} {
			o := options(in, out)
			o.Allow, o.Routes = []string{"ü"}, routesOf()
			report, err := runBatches(t.Context(), o, batch)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range report.Places {
				got = append(got, fmt.Sprint(p.Check, " ", p.Field, " ", p.Vendor, " ", p.Records))
				if p.Records == 4 && !slices.Equal(p.First, []int64{2, 8, 14, 20}) || p.What == "" {
					t.Errorf("%s: %+v", tc.name, p)
				}
			}
			slices.Sort(got)
			if fmt.Sprint(got) != fmt.Sprint(tc.want) && tc.name != "a sender" || len(got) == 0 {
				t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
			}
			if text, _ := json.Marshal(report); strings.Contains(strings.ToLower(string(text)), "zebulon") || strings.Contains(string(text), "4046620240") {
				t.Errorf("%s: the report tells a value", tc.name)
			}
		}
	}
}

// TestPathForm holds that a place in a path tells its form, with what the policy names and routes alone.
func TestPathForm(t *testing.T) {
	before, after := onePair("/hooks/acme/77/jdoe1984/inbound", "/hooks/acme/31/jdoe1984/inbound")
	report := auditPaths(t, before, after, "/hooks/acme/{id}/{name}/inbound")
	if len(report.Places) != 1 || report.Places[0].Path != "/hooks/acme/{3}/{4}/inbound" || report.Places[0].Segment != 3 || report.Places[0].Part != "path" {
		t.Errorf("%+v", report.Places)
	}
}

// TestManyPlaces holds that the list of places is bounded, and says how many more there are.
func TestManyPlaces(t *testing.T) {
	in, out := pair()
	for i := range 150 {
		secretHeaders(out[2], fmt.Sprintf("X-%c%c", 'a'+i/26, 'a'+i%26), "Zebulon where is")
	}
	o := options(in, out)
	o.Allow = []string{"ü"}
	if report := run2(t, o); len(report.Places) != maxPlaces || report.MorePlaces != 50 || report.Places[0].Records != 1 {
		t.Errorf("%d places, %d more", len(report.Places), report.MorePlaces)
	}
}

// FuzzParts holds that whatever a record is made of can be looked through part by part, and that no label tells a value.
func FuzzParts(f *testing.F) {
	f.Add("/a//b?x=1&=2&&z", `{"a":[1,{"b":"Zebulon where is"}]}`)
	f.Add("?%zz=%", "a=b&%5b%5D=+&=")
	f.Add("//", `[[[[{"a":`)
	f.Fuzz(func(t *testing.T, url, body string) {
		in, out := pair()
		out[2].URL, out[2].Body = url, []byte(body+"&Zebulon=Zebulon where is")
		o := options(in, out)
		o.Allow, o.Routes = []string{"ü"}, routesOf()
		report := run2(t, o)
		if !report.Failed() || len(report.Places) == 0 {
			t.Fatal("it is not found")
		}
		for _, p := range report.Places {
			if p.Records < 1 || p.Records > int64(len(in)) || p.Check == Texts && strings.Contains(strings.ToLower(p.Field), "zebulon") {
				t.Errorf("%+v", p)
			}
		}
	})
}

// TestDocumentedHeader holds that a header that is documented is named, also where its digits might be a number, and no other like it.
func TestDocumentedHeader(t *testing.T) {
	in, out := pair()
	secretHeaders(out[2], "X-Sum-Ed25519", "Zebulon where is")
	secretHeaders(out[2], "X-Sum-14046620240", "Zebulon where is")
	o := options(in, out)
	o.Allow, o.Headers = []string{"ü"}, &PlainHeaders{Listed: func(name string) bool { return name == "X-Sum-Ed25519" }}
	var names []string
	for _, p := range run2(t, o).Places {
		if p.Part == "header" {
			names = append(names, p.Name+" as "+p.Field)
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); !slices.Contains(names, " as header") || !slices.Contains(names, "X-Sum-Ed25519 as header X-Sum-Ed25519") {
		t.Errorf("%q", names) // content-type and user-agent beside them: no words are given that may stay
	}
}
