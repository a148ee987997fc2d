package payload

import (
	"math/rand/v2"
	"strings"
	"testing"

	"reprise/capture"
)

// TestNextPlain compares the short way through plain items of a form with the long one, which is made of what NameLike and nextItem say.
func TestNextPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	parts := []string{"From", "To", "a.b_c", "=", "=", "=", "&", "&", "&&", "%41", "+", "1", "x1y2", "+14155550101", "", strings.Repeat("n", 64), "-", "é", "?"}
	for range 50_000 {
		var b strings.Builder
		for range rng.IntN(12) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		form := b.String()
		var s Scanner
		s.ResetForm([]byte(form))
		for at := 0; ; {
			start, eq, end := nextItem([]byte(form), at)
			plain := eq < end && eq > start && eq-start <= maxNameLike && strings.Trim(form[start:eq], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.") == ""
			s.pos, s.tok = at, token{}
			took := s.nextPlain()
			if took && !plain || !took && plain && start-at < 2 {
				t.Fatalf("%q at %d: took %v, plain %v", form, at, took, plain)
			}
			if took && (s.pos != end || s.tok != token{tokForm, eq + 1, end} || string(s.Name()) != form[start:eq]) {
				t.Fatalf("%q at %d: %+v, name %q", form, at, s.tok, s.Name())
			}
			if !took && (s.pos != at || s.tok != token{}) {
				t.Fatalf("%q at %d: it moved", form, at)
			}
			if start == len(form) {
				break
			}
			at = end
		}
	}
}

// TestPlainAndData: a form with keys of both kinds gives the values of all.
func TestPlainAndData(t *testing.T) {
	r := &capture.Record{URL: "/?To=2&%41=3", Body: []byte("From=1&+14155550101=x&Flag&b%63=4&Last=")}
	var s Scanner
	var got []string
	for s.Reset(r); s.Next(); {
		got = append(got, string(s.Name())+":"+s.Value())
	}
	if want := "From:1 #:x Flag: bc:4 Last: To:2 A:3"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}
