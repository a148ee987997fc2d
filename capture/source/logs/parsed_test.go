package logs

import (
	"strconv"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect/all"
)

// TestParsed has payloads that were logged as their fields.
func TestParsed(t *testing.T) {
	for _, tc := range []struct {
		name, encoding, body, want string
		origin                     capture.Origin
		noted                      string
	}{
		{
			"a form, in its order", EncodingForm, `{"ToCountry":"US","Body":"Hi & bye\n=+é~*","From":"+14155550101","NumMedia":0,"Empty":"","Null":null,"Flag":true}`,
			"ToCountry=US&Body=Hi+%26+bye%0A%3D%2B%C3%A9%7E*&From=%2B14155550101&NumMedia=0&Empty=&Null=&Flag=true", capture.Rebuilt, "",
		},
		{"lists of values: the name again", EncodingForm, `{"Body":["Hi"],"Media":["a","b"],"None":[]}`, "Body=Hi&Media=a&Media=b", capture.Rebuilt, ""},
		{
			"objects within", EncodingForm, `{"a":{"b":{"c d":"1"},"e":["2","3"]},"f":[{"g":4},[5]]}`,
			"a%5Bb%5D%5Bc+d%5D=1&a%5Be%5D%5B%5D=2&a%5Be%5D%5B%5D=3&f%5B0%5D%5Bg%5D=4&f%5B1%5D%5B%5D=5", capture.Rebuilt, "",
		},
		{"pairs", EncodingForm, `[["From","+1"],["Body","Hi"],["From","+2"]]`, "From=%2B1&Body=Hi&From=%2B2", capture.Rebuilt, ""},
		{"names and values", EncodingForm, `[{"name":"From","value":"+1"},{"key":"Body","value":"Hi"}]`, "From=%2B1&Body=Hi", capture.Rebuilt, ""},
		{"JSON in a string", EncodingForm, `"{\"From\": \"+1\", \"Body\": \"a\\nb\"}"`, "From=%2B1&Body=a%0Ab", capture.Rebuilt, ""},
		{"a form as it was sent", EncodingForm, `"From=%2B1&Body=Hi"`, "From=%2B1&Body=Hi", capture.Recorded, ""},
		{"what the log leaves out", EncodingForm, `{"From":"[FILTERED]","Body":"Hi"}`, "From=%5BFILTERED%5D&Body=Hi", capture.Rebuilt, "a value is not in the log: [FILTERED] stands for it"},
		{"nothing", EncodingForm, `null`, "", capture.Recorded, ""},
		{"no field", EncodingForm, `{}`, "", capture.Rebuilt, ""},
		{
			"typed values", EncodingForm, `{"M":{"From":{"S":"+1"},"Num":{"N":"2"},"Ok":{"BOOL":true},"No":{"NULL":true},"L":{"L":[{"S":"x"},{"S":"y"}]}}}`,
			"From=%2B1&Num=2&Ok=true&No=&L=x&L=y", capture.Rebuilt, "",
		},
		{"JSON without its white space", EncodingJSON, "{\"a\" : [ 1.00, \"\\u00e9 \\\" \\\\\" ] ,\t\"b\":{ },\"c\":\" d \"}", `{"a":[1.00,"\u00e9 \" \\"],"b":{},"c":" d "}`, capture.Rebuilt, ""},
		{"an array of JSON", EncodingJSON, `[ {"a": 1} ]`, `[{"a":1}]`, capture.Rebuilt, ""},
		{"JSON as it was sent", EncodingJSON, `"{\"a\": 1}"`, `{"a": 1}`, capture.Recorded, ""},
		{"JSON that the log leaves out a part of", EncodingJSON, `{"a":"[FILTERED]"}`, `{"a":"[FILTERED]"}`, capture.Rebuilt, "a value is not in the log: [FILTERED] stands for it"},
		{
			"typed values of JSON", EncodingJSON, `{"a":{"S":"x"},"n":{"N":"1.50"},"m":{"M":{"l":{"L":[{"N":"1"},{"NULL":true}]}}},"o":{"BOOL":false},"e":{"N":"x"}}`,
			`{"a":"x","n":1.50,"m":{"l":[1,null]},"o":false,"e":"x"}`, capture.Rebuilt, "",
		},
		{"not typed after all", EncodingJSON, `{"a":{"S":"x"},"b":{"S":"y","T":1}}`, `{"a":{"S":"x"},"b":{"S":"y","T":1}}`, capture.Rebuilt, ""},
	} {
		m := Map{Time: "/t", URL: "/u", Body: "/b", BodyEncoding: tc.encoding}
		records, problems, account := read(t, m, `{"t":1,"u":"/","b":`+tc.body+`}`)
		if len(records) != 1 {
			t.Errorf("%s: %d records, %v", tc.name, len(records), problems)
			continue
		}
		r := records[0]
		if string(r.Body) != tc.want || r.Origin != tc.origin {
			t.Errorf("%s: got %s, %v\nwant %s, %v", tc.name, r.Body, r.Origin, tc.want, tc.origin)
		}
		if got, _ := r.Header("Content-Type"); (got == "") != (len(tc.want) == 0) || strings.Contains(got, "json") != (tc.encoding == EncodingJSON && len(tc.want) > 0) {
			t.Errorf("%s: Content-Type %q", tc.name, got)
		}
		if tc.noted != "" && (account.Noted[tc.noted] != 1 || problems[0].Field != "/b") || tc.noted == "" && len(account.Noted) > 0 {
			t.Errorf("%s: noted %v", tc.name, account.Noted)
		}
	}
	m := Map{Time: "/t", URL: "/u", Body: "/b", Headers: Headers{At: "/h"}, BodyEncoding: EncodingForm}
	records, _, _ := read(t, m, `{"t":1,"u":"/","b":{"a":"b"},"h":{"content-type":"text/x"}}`)
	if got := describe(records[0]); !strings.Contains(got, "content-type: text/x\nContent-Length: 3") || strings.Contains(got, "urlencoded") {
		t.Errorf("a Content-Type that was logged: %s", got)
	}
	for _, body := range []string{`7`, `true`, `[1]`, `"{\"a\":"`} {
		if records, problems, _ := read(t, m, `{"t":1,"u":"/","b":`+body+`}`); len(records) != 0 || len(problems) != 1 || problems[0].Reason != reasonNotParsed {
			t.Errorf("%s: %d records, %v", body, len(records), problems)
		}
	}
	// A column holds text, and a payload's fields are logged in one as JSON.
	m = Map{Time: "t", URL: "u", Body: "b", BodyEncoding: EncodingJSON}
	records, problems, _ := read(t, m, "t,u,b\n1,/,\"{\"\"a\"\": 1}\"\n2,/,plain\n")
	if len(records) != 2 || string(records[0].Body) != `{"a":1}` || records[0].Origin != capture.Rebuilt || string(records[1].Body) != "plain" || records[1].Origin != capture.Recorded {
		t.Errorf("a column: %v, %v", records, problems)
	}
}

// A payload is the same whether it stands as an object, in a string or in a column: a form where its fields are texts alone, but where a vendor
// sends these as JSON.
func TestParsedWhereverItStands(t *testing.T) {
	for object, want := range map[string]string{
		`{"From": "+1", "Body": "a b"}`:                    "From=%2B1&Body=a+b",
		`{"a": "b", "n": 1}`:                               `{"a":"b","n":1}`,
		`{"a": {"b": "c"}}`:                                `{"a":{"b":"c"}}`,
		`{"msisdn": "1", "messageId": "2", "text": "a b"}`: `{"msisdn":"1","messageId":"2","text":"a b"}`,
	} {
		for name, input := range map[string]string{
			"an object": `{"t":1,"u":"/","b":` + object + "}\n",
			"a string":  `{"t":1,"u":"/","b":` + strconv.Quote(object) + "}\n",
			"a column":  "t,u,b\n1,/,\"" + strings.ReplaceAll(object, `"`, `""`) + "\"\n",
		} {
			m := Map{Time: "t", URL: "u", Body: "b", BodyEncoding: EncodingParsed}
			src, err := New(strings.NewReader(input), Options{Map: m, Vendors: all.Table()})
			if err != nil {
				t.Fatal(err)
			}
			var r capture.Record
			if err := src.Next(t.Context(), &r); err != nil || string(r.Body) != want || r.Origin != capture.Rebuilt {
				t.Errorf("%s in %s: %v: %s, origin %v, want %s", object, name, err, r.Body, r.Origin, want)
			}
		}
	}
}
