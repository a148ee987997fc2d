package answers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestDiffer(t *testing.T) {
	for _, tc := range []struct{ name, a, b, want string }{
		{"equal", `{"a":1}`, `{ "a" : 1 }`, ""},
		{"value", `{"a":{"b":1}}`, `{"a":{"b":2}}`, "a/b value"},
		{"large numbers", `{"a":9007199254740993}`, `{"a":9007199254740992}`, "a value"},
		{"one and one point nought", `{"a":1}`, `{"a":1.0}`, "a value"},
		{"type", `{"a":"1"}`, `{"a":true}`, "a type"},
		{"added and removed", `{"a":"x"}`, `{"b":"x"}`, "a removed, b added"},
		{"order of a list", `[{"s":"x"},{"s":"y"}]`, `[{"s":"y"},{"s":"x"}]`, ""},
		{"a longer list", `["x"]`, `["x","y"]`, "* value"},
		{"a name twice", `{"a":"x","a":"y"}`, `{"a":"y"}`, "a value"},
		{"uuid", `{"id":"5f0c9a52-8f6f-4f43-9f0c-0d6f1f5b8a11"}`, `{"id":"6f0c9a52-8f6f-4f43-9f0c-0d6f1f5b8a12"}`, "id noise"},
		{"moment", `{"t":"2026-11-24T10:00:00.5Z"}`, `{"t":"2026-11-24T10:00:01Z"}`, "t noise"},
		{"epoch", `{"t":1764000000}`, `{"t":1764000001}`, "t noise"},
		{"epoch with a fraction", `{"t":1764000000.25}`, `{"t":1764000001.123456}`, "t noise"},
		{"epoch with a fraction in one alone", `{"t":1764000000}`, `{"t":1764000001.123456}`, "t noise"},
		{"epoch as text", `{"t":"1764000000.5"}`, `{"t":"1764000001.25"}`, "t noise"},
		{"epoch in another unit", `{"t":1764000000.25}`, `{"t":1764000001123}`, "t value"},
		{"the same epoch", `{"t":1764000000.25}`, `{"t":1764000000.25}`, ""},
		{"a counted id", `{"id":998}`, `{"id":1002}`, "id noise"},
		{"a counted id by its name", `{"m":{"message_id":"998","eventId":1}}`, `{"m":{"message_id":"1002","eventId":2}}`, "m/eventId noise, m/message_id noise"},
		{"an element's id", `<r id="1"><msg-id>7</msg-id></r>`, `<r id="2"><msg-id>8</msg-id></r>`, "r/@id noise, r/msg-id/text noise"},
		{"a name that only ends so", `{"paid":1,"grid":1}`, `{"paid":2,"grid":2}`, "grid value, paid value"},
		{"an id of another class", `{"id":12}`, `{"id":"x"}`, "id type"},
		{"sid", `{"sid":"SM0123456789abcdef0123456789abcdef"}`, `{"sid":"SMf123456789abcdef0123456789abcdef"}`, "sid noise"},
		{"sid of another length", `{"sid":"SM0123456789abcdef0123456789abcdef"}`, `{"sid":"SMf123456789abcdef01234567"}`, "sid value"},
		{"a short number", `{"n":12}`, `{"n":13}`, "n value"},
		{"twiml", `<Response><Message>Hi</Message></Response>`, `<Response><Message>Ho</Message></Response>`, "Response/Message/text value"},
		{"twiml without", `<Response/>`, `<Response><Message to="x">Ho</Message></Response>`, "Response/Message added, Response/Message/@to added, Response/Message/text added"},
		{"form", `a=1&b=x`, `a=1&b=y`, "b value"},
		{"text", `ok`, `OK`, " value"},
		{"form and text", `{"a":1}`, `sorry`, " form"},
		{"no JSON after all", `{"a":`, `{"a":1`, " value"},
	} {
		a, b := ShapeOf([]byte(tc.a)), ShapeOf([]byte(tc.b))
		var got []string
		for _, d := range Differ(&a, &b) {
			got = append(got, d.Path+" "+d.What)
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, strings.Join(got, ", "), tc.want)
		}
	}
}

// TestNothingIsKept holds that no value and no name that may be somebody's is in a shape.
func TestNothingIsKept(t *testing.T) {
	for _, body := range []string{
		`{"to":"+14155550123","people":{"+14155550123":"Ann Example","ann@example.com":1},"deep":[["Ann Example"]]}`,
		`<Response><Message to="+14155550123">Ann Example</Message></Response>`, `To=%2B14155550123&Name=Ann+Example`, `Dear Ann Example, call +14155550123`,
	} {
		text, err := json.Marshal(ShapeOf([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"4155550123", "Ann", "Example", "example.com"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("a shape holds %q", secret)
			}
		}
	}
}

func TestKeeperIsBounded(t *testing.T) {
	var k Keeper
	for i := range uint32(MaxShapes + 100) {
		k.Keep(i+1, fmt.Appendf(nil, "body %d", i))
	}
	k.Keep(1, []byte("again"))
	k.Keep(0, nil)
	if n := len(k.Shapes()); n != MaxShapes {
		t.Errorf("%d shapes, want %d", n, MaxShapes)
	}
	var long Keeper
	if long.Keep(1, make([]byte, MaxBody+1)); len(long.Shapes()) != 0 {
		t.Error("a body beyond the bound is kept")
	}
	deep := ShapeOf([]byte(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)))
	wide := ShapeOf([]byte("[" + strings.Repeat(`1,`, 5000) + "1]"))
	if deep.Form != "text" || len(wide.Values) != maxValues {
		t.Errorf("deep: %s, wide: %d values", deep.Form, len(wide.Values))
	}
}

func FuzzShapeOf(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":null}]}`, `<a b="c">d<e/></a>`, `a=1&b`, `[`, `<`, "\xff\xfe"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, b := ShapeOf(body), ShapeOf(body)
		if len(Differ(&a, &b)) > 0 {
			t.Error("a body differs from itself")
		}
		for _, v := range a.Values {
			if len(v.Path) > maxPath {
				t.Errorf("a path of %d bytes", len(v.Path))
			}
		}
	})
}
