package corpus

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/capture/frame"
)

// copied packs what can be read of a corpus as another.
func copied(t *testing.T, b []byte) []byte {
	t.Helper()
	src, err := NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var out bytes.Buffer
	if _, err := Transfer(context.Background(), Dest{Stream: &out}, src.Header(), src, src); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestLost holds that a copy says what was lost of what it was made of, and a copy of it that again.
func TestLost(t *testing.T) {
	whole, _ := small(t)
	hurt := bytes.Clone(whole)
	hurt[len(hurt)/2] ^= 1
	for name, tc := range map[string]struct {
		in   []byte
		want Lost
	}{
		"whole":   {whole, Lost{}},
		"damaged": {hurt, Lost{Records: blockOf}},
		"cut":     {whole[:len(whole)/2], Lost{Records: blockOf, More: true}},
	} {
		b := tc.in
		for range 2 {
			b = copied(t, b)
			path := filepath.Join(t.TempDir(), "copy.rpz")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			twin, err := r.Twin()
			if err != nil {
				t.Fatal(err)
			}
			s, err := NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if readAll(t, s); r.Lost() != tc.want || twin.Lost() != tc.want || s.Lost() != tc.want {
				t.Errorf("%s: a file says %+v, its twin %+v, a stream %+v; want %+v", name, r.Lost(), twin.Lost(), s.Lost(), tc.want)
			}
			if len(r.Damage())+len(s.Damage())+len(s.Extensions()) > 0 {
				t.Errorf("%s: damage %+v, %+v, extensions %v", name, r.Damage(), s.Damage(), s.Extensions())
			}
			s.Close()
			twin.Close()
			r.Close()
		}
	}
}

// TestLostForged holds that what no writer says of losses is damage, and that sums have an end.
func TestLostForged(t *testing.T) {
	for _, text := range []string{"", "x", `{"records":-1}`, `{"records":9223372036854775807}`, `{"records":1e99}`} {
		b := forge(t, forged{head: head{Type: frame.Extension}, payload: append(frame.AppendName(nil, extensionLost), text...)})
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, r)
		if d := r.Damage(); r.Lost() != (Lost{}) || len(d) == 0 || d[0].Reason != BadPayload {
			t.Errorf("%q: it says %+v, damage %+v", text, r.Lost(), d)
		}
		r.Close()
	}
	most := Lost{Records: maxTotal}
	if sum := most.plus(most); sum != (Lost{Records: maxTotal, More: true}) {
		t.Errorf("twice as many as can be counted are %+v", sum)
	}
}

// A list of what could not be read takes several times its bytes, so that a long one is taken for damage.
func TestUnreadForged(t *testing.T) {
	list := func(n int) string { return "[" + strings.Repeat("{},", n) + "{}]" }
	for _, text := range []string{"", "x", "[", `[{"reason":"a\u001b"}]`, list(mostUnread / 3)} {
		b := forge(t, forged{head: head{Type: frame.Extension}, payload: append(frame.AppendName(nil, extensionUnread), text...)})
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, r)
		if d := r.Damage(); len(d) == 0 || d[0].Reason != BadPayload {
			t.Errorf("%.20q: damage %+v", text, d)
		}
		r.Close()
	}
}
