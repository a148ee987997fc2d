package dialect

import (
	"encoding/json"
	"testing"

	"reprise/capture/payload"
)

// TestRemove holds that what is removed goes with its name, and that no mark is left beside it.
func TestRemove(t *testing.T) {
	const formType = "application/x-www-form-urlencoded"
	for _, tc := range []struct{ url, body, wantURL, wantBody string }{
		{"/p?x=1", "x=1", "/p", ""},
		{"/p?x=1&a=2", "x=1&a=2", "/p?a=2", "a=2"},
		{"/p?a=2&x=1", "a=2&x=1", "/p?a=2", "a=2"},
		{"/p?a=2&x=1&b=3", "a=2&x=1&b=3", "/p?a=2&b=3", "a=2&b=3"},
		{"/p?x=1&x=2&a=3&x=", "a=2&x=1&x=2", "/p?a=3", "a=2"},
		{"/p?a=1&%78=1", "%78=1&a=1", "/p?a=1", "a=1"},
		{"/p?a=1", `{"x":1}`, "/p?a=1", `{}`},
		{"/p", `{"x":"1","a":2}`, "/p", `{"a":2}`},
		{"/p", `{ "a" : 2 , "x" : "q\"," }`, "/p", `{ "a" : 2  }`},
		{"/p", `{"a":2,"x":1,"x":null,"b":3}`, "/p", `{"a":2,"b":3}`},
		{"/p", `{"a":2,"\u0078":true}`, "/p", `{"a":2}`},
		{"/p", `{"y":["1","2"],"z":["3"]}`, "/p", `{"y":[],"z":["3"]}`},
		{"/p", `{"a":{"b":[{"x":1},{"x":"2","a":1}]}}`, "/p", `{"a":{"b":[{},{"a":1}]}}`},
		{"/p?", "a=1", "/p?", "a=1"},
	} {
		contentType := ""
		if tc.body != "" && tc.body[0] != '{' {
			contentType = formType
		}
		r := record(tc.url, contentType, tc.body)
		err := rewrite(r, func(f Field) (string, Op) {
			if n := f.Name; f.Part != payload.InHeader && (n == "x" || n == "y.*" || n == "a.b.*.x") {
				return "", Remove
			}
			return "", Leave
		})
		if err != nil || r.URL != tc.wantURL || string(r.Body) != tc.wantBody {
			t.Errorf("%s %s became %s %s, %v, want %s %s", tc.url, tc.body, r.URL, r.Body, err, tc.wantURL, tc.wantBody)
		}
	}
}

// FuzzRemove holds that JSON stays JSON whatever is removed of it.
func FuzzRemove(f *testing.F) {
	f.Add(`{"a":[1,"x\\\"",{"b,":null}],"+14155550123":{"c":2}}`, uint64(5))
	f.Add(`[ "a" , "b" ]`, uint64(2))
	f.Add(`a=1&b&+14155550123=2&=`, uint64(7))
	f.Fuzz(func(t *testing.T, body string, which uint64) {
		r := record("/p?"+body, "", body)
		valid := json.Valid(r.Body) && (body[0] == '{' || body[0] == '[')
		n := 0
		err := rewrite(r, func(Field) (string, Op) {
			n++
			if which>>(n%64)&1 == 1 {
				return "", Remove
			}
			return "", Drop
		})
		if err == nil && valid && !json.Valid(r.Body) {
			t.Errorf("%q became %q", body, r.Body)
		}
	})
}
