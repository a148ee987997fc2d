package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"reprise/capture"
	"reprise/capture/payload"
)

func record(target, contentType, body string) *capture.Record {
	r := &capture.Record{Method: "POST", URL: target, Body: []byte(body)}
	if contentType != "" {
		r.Headers = []capture.Header{{Name: "Content-Type", Value: contentType}}
	}
	return r
}

const formType = "application/x-www-form-urlencoded"

// rewrite rewrites a record of which no table says anything.
func rewrite(r *capture.Record, edit Edit) error { return NewSchema(Layout{}).Rewrite(r, edit) }

// set returns an edit that sets the field of that name.
func set(name, value string) Edit {
	return func(f Field) (string, Op) {
		if f.Name == name {
			return value, Set
		}
		return "", Leave
	}
}

func TestRewriteForm(t *testing.T) {
	for _, tc := range []struct{ name, body, value, want string }{
		{"plus", "A=1&B=x+y", "p q&r=s", "A=1&B=p+q%26r%3Ds"},
		{"%20", "A=1&B=x%20y", "p q", "A=1&B=p%20q"},
		{"%20 elsewhere", "A=1%20&B=xy", "p q", "A=1%20&B=p%20q"},
		{"own style before the others'", "A=1%20&B=x+y", "p q", "A=1%20&B=p+q"},
		{"no style to see", "B=", "p q+", "B=p+q%2B"},
		{"lower-case hex", "A=%c3%a9&B=1", "+é", "A=%c3%a9&B=%2b%c3%a9"},
		{"upper-case hex", "A=%C3%A9&B=1", "+é", "A=%C3%A9&B=%2B%C3%A9"},
		{"raw * and '", "A=*'&B=1", "it's *", "A=*'&B=it's+*"},
		{"escaped * and '", "A=%2A%27&B=1", "it's *", "A=%2A%27&B=it%27s+%2A"},
		{"escaped - and _", "A=%2D%5f&B=1", "a-b_c", "A=%2D%5f&B=a%2Db%5Fc"},
		{"raw UTF-8", "A=caf\xc3\xa9&B=1", "naïve", "A=caf\xc3\xa9&B=naïve"},
		{"raw ; and :", "A=a;b:c&B=1", "x;y:z", "A=a;b:c&B=x;y:z"},
		{"raw = in a value", "A=1&B=a=b", "x=y", "A=1&B=x=y"},
		{"bare %", "A=100%&B=5%zz", "7%", "A=100%&B=7%25"},
		{"empty items", "&&A=1&B=1&", "2", "&&A=1&B=2&"},
		{"repeated", "B=1&B=2&b=3", "9", "B=9&B=9&b=3"},
		{"escaped key", "A=1&%42=1", "2", "A=1&%42=2"},
		{"line breaks", "A=1&B=x", "a\r\nb\x00", "A=1&B=a%0D%0Ab%00"},
	} {
		r := record("/", formType, tc.body)
		if err := rewrite(r, set("B", tc.value)); err != nil || string(r.Body) != tc.want {
			t.Errorf("%s: %q became %q, %v, want %q", tc.name, tc.body, r.Body, err, tc.want)
		}
	}
}

func TestRewriteJSON(t *testing.T) {
	for _, tc := range []struct{ name, body, value, want string }{
		{"plain", `{"a":1, "b" : "x"}`, "q\"\\/\n\x01é😀", `{"a":1, "b" : "q\"\\/\n\u0001é😀"}`},
		{"\\u for all beyond ASCII", `{"a":"\u00e9","b":"x"}`, "é😀", `{"a":"\u00e9","b":"\u00e9\ud83d\ude00"}`},
		{"\\u in upper case", `{"b":"\u00E9"}`, "é😀", `{"b":"\u00E9\uD83D\uDE00"}`},
		{"raw in the value, \\u elsewhere", `{"a":"\u00e9","b":"é"}`, "ü", `{"a":"\u00e9","b":"ü"}`},
		{"raw elsewhere", `{"a":"é\u00e9","b":"x"}`, "ü", `{"a":"é\u00e9","b":"ü"}`},
		{"slashes", `{"a":"x\/y","b":"x"}`, "a/b", `{"a":"x\/y","b":"a\/b"}`},
		{"a raw slash in the value", `{"a":"x\/y","b":"x/y"}`, "a/b", `{"a":"x\/y","b":"a/b"}`},
		{"escaped <, > and &", `{"a":"\u003c\u003e\u0026","b":"x"}`, "<&>'", `{"a":"\u003c\u003e\u0026","b":"\u003c\u0026\u003e'"}`},
		{"escaped +", `{"b":"\u002B1415"}`, "+1555", `{"b":"\u002B1555"}`},
		{"escaped quote", `{"a":"\u0022","b":"x"}`, `"`, `{"a":"\u0022","b":"\u0022"}`},
		{"duplicate keys", `{"b":"1","b":"2"}`, "3", `{"b":"3","b":"3"}`},
		{"big numbers and 0.00 elsewhere", `{"n":12345678901234567890,"m":0.00,"e":1E5,"b":"x"}`, "y", `{"n":12345678901234567890,"m":0.00,"e":1E5,"b":"y"}`},
		{"lone surrogate and bytes that are no UTF-8", "{\"a\":\"\\ud800\xff\",\"b\":\"\\udc00\"}", "y", "{\"a\":\"\\ud800\xff\",\"b\":\"y\"}"},
		{"byte order mark and white space", "\xef\xbb\xbf \r\n\t{\"b\"\n:\t\"x\"}\n", "y", "\xef\xbb\xbf \r\n\t{\"b\"\n:\t\"y\"}\n"},
		{"a form's Content-Type", `{"b":"x"}`, "+", `{"b":"+"}`},
	} {
		r := record("/", formType, tc.body)
		if err := rewrite(r, set("b", tc.value)); err != nil || string(r.Body) != tc.want {
			t.Errorf("%s: %q became %q, %v, want %q", tc.name, tc.body, r.Body, err, tc.want)
		}
	}
}

func TestRewriteLiterals(t *testing.T) {
	body := `{"b":1,"c":true,"d":null,"e":-1.5e+3}`
	r := record("/", "", body)
	var literals []string
	if err := rewrite(r, func(f Field) (string, Op) {
		if f.Part == payload.InBody && f.Literal {
			literals = append(literals, f.Name+"="+f.Value)
		}
		return "", Drop
	}); err != nil || string(r.Body) != `{"b":0,"c":false,"d":null,"e":0}` {
		t.Errorf("dropping gave %s, %v", r.Body, err)
	}
	if want := []string{"b=1", "c=true", "d=null", "e=-1.5e+3"}; !reflect.DeepEqual(literals, want) {
		t.Errorf("literals %q, want %q", literals, want)
	}
	r = record("/", "", body)
	var field *payload.FieldError
	if err := rewrite(r, set("b", "x")); !errors.As(err, &field) || field.Field != "b" || string(r.Body) != body {
		t.Errorf("setting a number to a word gave %v", err)
	}
}

func TestNames(t *testing.T) {
	for body, want := range map[string][]string{
		`{"a":{"b":[{"c":"1"},["2",3]],"d":null},"e":{},"f":[]}`: {"a.b.*.c=1", "a.b.*.*=2", "a.b.*.*=3", "a.d=null"},
		`[{"a":"1"},"2"]`:                      {"*.a=1", "*=2"},
		`{"\u0061":"1"}`:                       {"a=1"},
		`{"+14155550123":{"a":"1"},"b c":"2"}`: {"#=+14155550123", "#.a=1", "#=b c", "#=2"},
		`{"":"1"}`:                             {"#=", "#=1"},
		"a%5Bb%5D=1&c.d=2":                     {"a[b]=1", "c.d=2"},
		"14155550123=1&flag=&%2B14155550123":   {"#=14155550123", "#=1", "flag=", "#=+14155550123"},
		"a=1&word":                             {"a=1", "#=word"},
		"hello there":                          {"=hello there"},
		"<xml>+14155550123</xml>":              {"=<xml>+14155550123</xml>"},
		`"a JSON string"`:                      {`="a JSON string"`},
	} {
		var got []string
		contentType := ""
		if strings.Contains(body, "&") {
			contentType = formType
		}
		if err := rewrite(record("/", contentType, body), func(f Field) (string, Op) {
			if f.Part == payload.InHeader {
				return "", Leave
			}
			got = append(got, f.Name+"="+f.Value)
			return "", Leave
		}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %q, %v, want %q", body, got, err, want)
		}
	}
}

// A key that looks like data can be blanked; a flag that the vendor knows is no data.
func TestRewriteKeys(t *testing.T) {
	schema := NewSchema(Layout{Variants: []Fields{{"known": Keep}}})
	blank := func(f Field) (string, Op) {
		if f.Class == Unknown {
			return "", Drop
		}
		return "", Leave
	}
	for body, want := range map[string]string{
		`{"+14155550123":{"a":"1"},"known":"2"}`: `{"":{"a":""},"known":"2"}`,
		"%2B14155550123=1&known&secret&known=3":  "=&known&&known=3",
	} {
		r := record("/", formType, body)
		if err := schema.Rewrite(r, blank); err != nil || string(r.Body) != want {
			t.Errorf("%s became %s, %v, want %s", body, r.Body, err, want)
		}
	}
}

func TestRewriteRejects(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for body, reason := range map[string]string{
		`{"a":`: "cut short", `{"a":"x`: "cut short", `{`: "cut short", `["\`: "bad escape",
		`{"a" 1}`: payload.ReasonNotJSON, `{a:1}`: payload.ReasonNotJSON, `[1 2]`: payload.ReasonNotJSON, `[01]`: payload.ReasonNotJSON, `[1.]`: payload.ReasonNotJSON,
		`[-]`: payload.ReasonNotJSON, `[1e]`: payload.ReasonNotJSON, `[nul]`: payload.ReasonNotJSON, `[1,]`: payload.ReasonNotJSON, `{"a":1,}`: payload.ReasonNotJSON, `[}`: payload.ReasonNotJSON,
		`{"a":1]`: payload.ReasonNotJSON, `["\x"]`: "bad escape", `["\u12g4"]`: "bad escape", `{} {}`: "data after its end",
		deep(201): "nested too deep",
		strings.Repeat(`{"`+strings.Repeat("a", 60)+`":[`, 100) + "1": "cut short",
	} {
		r := record("/?q=1", "application/json", body)
		var field *payload.FieldError
		if err := rewrite(r, func(Field) (string, Op) { return "x", Drop }); !errors.As(err, &field) || field.Field != "body" || field.Reason != reason {
			t.Errorf("%.40s gave %v, want %q", body, err, reason)
		}
		if string(r.Body) != body || r.URL != "/?q=1" || len(r.Headers) != 1 {
			t.Errorf("%.40s: the record changed", body)
		}
	}
	if err := rewrite(record("/", "", deep(200)), set("", "")); err != nil {
		t.Errorf("200 levels gave %v", err)
	}
}

func TestRewriteURL(t *testing.T) {
	set := func(f Field) (string, Op) {
		switch f.Class {
		case Business:
			return "+1555/0100 x", Set
		case Account:
			return "ID", Set
		case Unknown:
			return "", Drop
		}
		return "", Leave
	}
	for target, want := range map[string]string{
		"/webhooks/twilio/inbound":                         "/webhooks/twilio/inbound",
		"/webhooks?tenant=brand%2042":                      "/webhooks?tenant=",
		"/webhooks?":                                       "/webhooks?",
		"/hook?x=1?y":                                      "/hook?x=",
		"/n/14155550123/in":                                "/n/+1555%2F0100%20x/in",
		"/n/+14155550123":                                  "/n/+1555%2F0100%20x",
		"/n/%2b14155550123?a":                              "/n/%2b1555%2f0100%20x?",
		"/n/sms-14155550123-x":                             "/n/sms-+1555%2F0100%20x-x",
		"/2010-04-01/v2/inbound":                           "/2010-04-01/v2/inbound",
		"/AC0123456789abcdef0123456789abcdef/x":            "/ID/x",
		"/t/29e2d263-7ac9-4fa2-8254-84bbda884287":          "/t/ID",
		"/u/ada@example.com":                               "/u/",
		"http://14155550123.example.com/n/14155550123?b=c": "http://14155550123.example.com/n/+1555%2F0100%20x?b=",
		"http://14155550123.example.com":                   "http://14155550123.example.com",
		"*":                                                "*",
		"":                                                 "",
		"/a%2Fb%4":                                         "/a%2Fb%4",
		"/internationalizationally/conversationalmessaging/": "/internationalizationally/conversationalmessaging/",
	} {
		r := record(target, "", "")
		if err := rewrite(r, set); err != nil || r.URL != want {
			t.Errorf("%s became %s, %v, want %s", target, r.URL, err, want)
		}
	}
}

func TestRewriteHeaders(t *testing.T) {
	r := record("/", formType, "a=1")
	r.Host = "old.example.com"
	r.Headers = append(
		r.Headers, capture.Header{Name: "HOST", Value: r.Host}, capture.Header{Name: "cookie", Value: "c"},
		capture.Header{Name: "content-LENGTH", Value: "3"}, capture.Header{Name: "X-Forwarded-For", Value: "10.0.0.1"},
	)
	if err := rewrite(r, func(f Field) (string, Op) {
		switch {
		case f.Name == "HOST":
			return "new.example.com", Set
		case f.Class == Secret, f.Class == Unknown && f.Part == payload.InHeader:
			return "", Drop
		case f.Name == "a":
			return "two words", Set
		}
		return "", Leave
	}); err != nil {
		t.Fatal(err)
	}
	want := []capture.Header{{Name: "Content-Type", Value: formType}, {Name: "HOST", Value: "new.example.com"}, {Name: "content-LENGTH", Value: "11"}}
	if !reflect.DeepEqual(r.Headers, want) || r.Host != "new.example.com" || string(r.Body) != "a=two+words" {
		t.Errorf("headers %q, host %q, body %q", r.Headers, r.Host, r.Body)
	}
}

func TestHeaderClass(t *testing.T) {
	for name, want := range map[string]Class{
		"content-type": Keep, "Content-Length": Keep, "User-Agent": Keep, "Transfer-Encoding": Keep,
		"Authorization": Secret, "Cookie": Secret, "X-Plivo-Signature-V2-Nonce": Secret, "X-API-Key": Secret, "x-attentive-hmac-sha256": Secret,
		"X-Forwarded-For": Unknown, "X-Real-IP": Unknown, "X-Anything": Unknown, "Content-Encoding": Unknown,
		"Telnyx-Timestamp": Unknown, "X-Home-Region": Unknown,
	} {
		if got := (Table{}).HeaderClass(name); got != want {
			t.Errorf("HeaderClass(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestClassNames(t *testing.T) {
	seen := make(map[string]bool)
	for c := Unknown; c <= Segments; c++ {
		if name := c.String(); name == "" || seen[name] || strings.Contains(name, "(") {
			t.Errorf("class %d is called %q", uint8(c), name)
		} else {
			seen[name] = true
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("/hook?q=1", "A=1&B=x+y%20z&B=%zz&c;d=e=f&g&&%C3%a9", "new & value=é%+")
	f.Add("/+14155550123/29e2d263-7ac9-4fa2-8254-84bbda884287?", "a=\xff%ff", "*'\x00")
	f.Fuzz(func(t *testing.T, target, body, value string) {
		r := record(target, formType, body)
		if payload.StartsJSON(r.Body) {
			return
		}
		checkRewrite(t, r, value)
		if strings.ContainsAny(body, ";#") || body == "" {
			return
		}
		if _, err := url.ParseQuery(body); err != nil {
			return
		}
		if err := rewrite(r, func(f Field) (string, Op) { return value, setIn(f, payload.InBody) }); err != nil {
			t.Fatal(err)
		}
		q, err := url.ParseQuery(string(r.Body))
		if err != nil && !strings.Contains(value, ";") {
			t.Fatalf("%q set in %q gave %q: %v", value, body, r.Body, err)
		}
		for _, values := range q {
			for _, got := range values {
				if got != value && got != "" { // "" of an item without =, whose key was set
					t.Errorf("%q set in %q gave %q", value, body, r.Body)
				}
			}
		}
	})
}

// setIn answers Set for values of that part.
func setIn(f Field, part payload.Part) Op {
	if f.Part == part {
		return Set
	}
	return Leave
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"a":"x\u00e9\/","b":[1,-0.5e+7,true,null,{"c":"é"}],"a":""}`, "new \"value\"\n😀/<")
	f.Add("[\"\\ud800\xff\"]", "\u2028")
	f.Add(` {"+1415555": "\u003c"} `, "<\x01>")
	f.Fuzz(func(t *testing.T, body, value string) {
		r := record("/", "", body)
		if !payload.StartsJSON(r.Body) {
			return
		}
		valid := json.Valid(r.Body)
		err := rewrite(r, func(Field) (string, Op) { return "", Leave })
		var field *payload.FieldError
		switch {
		case err != nil && !errors.As(err, &field):
			t.Fatalf("%T", err)
		case err != nil && valid && field.Reason != "nested too deep" && field.Reason != "name too long":
			t.Fatalf("valid JSON %q: %v", body, err)
		case err == nil && !valid && !strings.ContainsFunc(body, func(c rune) bool { return c < ' ' }) && !bytes.HasPrefix(r.Body, []byte("\xef\xbb\xbf")):
			t.Fatalf("%q is no JSON, and was taken", body)
		case err != nil:
			return
		}
		checkRewrite(t, r, value)
		if !valid || !utf8.ValidString(value) {
			return
		}
		if err := rewrite(r, func(f Field) (string, Op) {
			if f.Literal {
				return "", Drop
			}
			return value, Set
		}); err != nil {
			t.Fatal(err)
		}
		var back any
		if err := json.Unmarshal(r.Body, &back); err != nil {
			t.Fatalf("%q set in %q gave %q: %v", value, body, r.Body, err)
		}
		checkLeaves(t, back, value)
	})
}

// checkLeaves wants every string of a decoded JSON text to be value.
func checkLeaves(t *testing.T, v any, value string) {
	switch v := v.(type) {
	case string:
		if v != value {
			t.Errorf("a string is %q, was set to %q", v, value)
		}
	case []any:
		for _, e := range v {
			checkLeaves(t, e, value)
		}
	case map[string]any:
		for _, e := range v {
			checkLeaves(t, e, value)
		}
	}
}

// checkRewrite wants leaving and setting to the same to change nothing, and every value that is set to be read
// back.
func checkRewrite(t *testing.T, r *capture.Record, value string) {
	t.Helper()
	was := r.Clone()
	for _, op := range []Op{Leave, Set} {
		if err := rewrite(r, func(f Field) (string, Op) { return f.Value, op }); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r, was) {
			t.Fatalf("identity gave %q %q, want %q %q", r.URL, r.Body, was.URL, was.Body)
		}
	}
	changed := r.Clone()
	if err := rewrite(changed, func(f Field) (string, Op) {
		if f.Part == payload.InHeader || f.Part == payload.InPath || f.Literal || f.Name == "" {
			return "", Leave
		}
		return value, Set
	}); err != nil {
		t.Fatal(err)
	}
	if string(r.Body) != string(was.Body) {
		t.Fatal("the old body was written into")
	}
	var s payload.Scanner
	for s.Reset(changed); s.Next(); {
		if s.IsString() && len(s.Name()) > 0 && s.Value() != value && !(s.Value() == "" && isBare(changed, string(s.Name()))) {
			t.Fatalf("%q reads %q, was set to %q in %q %q", s.Name(), s.Value(), value, was.URL, was.Body)
		}
	}
}

// isBare says whether an item of r without an equals sign is of that name.
func isBare(r *capture.Record, name string) bool {
	_, query, _ := strings.Cut(r.URL, "?")
	for item := range strings.SplitSeq(string(r.Body)+"&"+query, "&") {
		if decoded := string(payload.AppendDecodedForm(nil, []byte(item))); decoded == name && !strings.Contains(item, "=") {
			return true
		}
	}
	return false
}
