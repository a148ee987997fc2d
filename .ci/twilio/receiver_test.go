package twilio

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"testing"

	"reprise/fixtures/webhooktest"
)

var update = flag.Bool("update", false, "write golden files")

const (
	corpus = "testdata/friday.rpz" // reprise fixtures synth --curve bfcm2022 --messages 120 -o testdata/friday.rpz
	token  = "an auth token made for tests"
	public = "https://sms.example.com/inbound"
)

// signed plays what Twilio sent, signed with the token for the receiver's URL.
func signed() webhooktest.Options {
	return webhooktest.Options{
		Vendors: []string{"twilio"}, Path: "/inbound",
		Sign: map[string][]byte{"twilio": []byte(token)}, SignURL: public,
	}
}

func TestInbound(t *testing.T) {
	o := signed()
	o.Golden, o.Update = "testdata/friday.golden", *update
	if s := webhooktest.Replay(t, New(token, public), corpus, o); s.Requests < 50 {
		t.Errorf("only %d requests were played", s.Requests)
	}
}

func TestEachKind(t *testing.T) {
	o := signed()
	o.Parallel = true
	webhooktest.ReplayKinds(t, func(*testing.T) http.Handler { return New(token, public) }, corpus, o)
}

// TestForgeries: what is signed with another token, for another URL or not at all is refused.
func TestForgeries(t *testing.T) {
	another, elsewhere, unsigned := signed(), signed(), signed()
	another.Sign = map[string][]byte{"twilio": []byte("another token")}
	elsewhere.SignURL = "https://sms.example.com/outbound"
	unsigned.Sign = nil
	for name, o := range map[string]webhooktest.Options{"another token": another, "another URL": elsewhere, "unsigned": unsigned} {
		t.Run(name, func(t *testing.T) {
			h := New(token, public)
			webhooktest.Replay(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := httptest.NewRecorder()
				h.ServeHTTP(answer, r)
				if answer.Code != http.StatusForbidden {
					w.WriteHeader(http.StatusInternalServerError) // fails the test, with the record's number
				}
			}), corpus, o)
		})
	}
}

func BenchmarkInbound(b *testing.B) { webhooktest.Bench(b, New(token, public), corpus, signed()) }

func FuzzInbound(f *testing.F) {
	webhooktest.Seeds(f, corpus, webhooktest.Options{Vendors: []string{"twilio"}})
	f.Fuzz(func(t *testing.T, body []byte) {
		h := New(token, public)
		if got := h.reply("+15005550006", string(body)); h.stopped["+15005550006"] && got != "" {
			t.Errorf("told %q after STOP", got)
		}
	})
}
