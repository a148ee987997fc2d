package render

import (
	"slices"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/pace"
)

// parents are the values of the headers that tell a trace.
func parents(m message) (parent, state []string) {
	for _, h := range m.Headers {
		switch strings.ToLower(h.Name) {
		case "traceparent":
			parent = append(parent, h.Value)
		case "tracestate":
			state = append(state, h.Value)
		}
	}
	return parent, state
}

func TestTraced(t *testing.T) {
	recorded := []capture.Header{{Name: "X-A", Value: "b"}, {Name: "TraceParent", Value: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, {Name: "Tracestate", Value: "v=1"}}
	for _, tc := range []struct {
		name    string
		o       Options
		headers []capture.Header
		parent  string // "run" for the run's own
		states  []string
	}{
		{"off", Options{}, nil, "", nil},
		{"off, recorded", Options{}, recorded, recorded[1].Value, []string{"v=1"}},
		{"on", Options{Trace: replay.TraceOn}, nil, "run", nil},
		{"on, recorded", Options{Trace: replay.TraceOn}, recorded, "run", nil},
		{"on, recorded twice", Options{Trace: replay.TraceOn}, append(slices.Clone(recorded), recorded...), "run", nil},
		{"sampled", Options{Trace: replay.TraceSampled, Host: "elsewhere.example"}, recorded, "run", nil},
		{"with a state of the user's", Options{Trace: replay.TraceOn, Headers: []Header{{Name: "tracestate", Value: "mine=2"}}}, recorded, "run", []string{"mine=2"}},
		{"beside a removed header", Options{Trace: replay.TraceOn, Headers: []Header{{Name: "X-A", Remove: true}}}, recorded, "run", nil},
	} {
		rec := twilioRecord(17, "+14155551234", "+12125550000")
		rec.Headers = append(rec.Headers, tc.headers...)
		m := rendered(t, renderer(t, tc.o), rec, 0)
		want := make([]byte, replay.TraceParentLength)
		tc.o.Trace.PutTraceParent(want, "run1", rec.Seq, 0)
		if tc.parent != "run" {
			want = []byte(tc.parent)
		}
		parent, states := parents(m)
		if strings.Join(parent, ",") != string(want) || !slices.Equal(states, tc.states) {
			t.Errorf("%s: traceparent %q, tracestate %q; want %q, %q", tc.name, parent, states, want, tc.states)
		}
	}
}

// A signature holds for the same bytes with and without a trace.
func TestTraceLeavesTheSignature(t *testing.T) {
	rec := twilioRecord(17, "+14155551234", "+12125550000")
	keys := map[string][]byte{"twilio": []byte(token)}
	plain := rendered(t, renderer(t, Options{Seed: 1, Sign: keys}), rec, 0)
	traced := rendered(t, renderer(t, Options{Seed: 1, Sign: keys, Trace: replay.TraceOn}), rec, 0)
	if a, b := header(plain, "X-Twilio-Signature"), header(traced, "X-Twilio-Signature"); a == "" || a != b || string(plain.Body) != string(traced.Body) {
		t.Errorf("signatures %q and %q", a, b)
	}
}

func TestTraceOfAnotherAttempt(t *testing.T) {
	rec := twilioRecord(17, "+14155551234", "+12125550000")
	r := renderer(t, Options{Trace: replay.TraceSampled, Sign: map[string][]byte{"twilio": []byte(token)}, Restamp: true})
	q := replay.Request{Seq: rec.Seq, Kind: rec.Kind, Vendor: rec.Vendor}
	if err := r.Render(rec, pace.Play{}, now(), &q); err != nil {
		t.Fatal(err)
	}
	first := read(t, &q)
	q.Copy = 3
	r.Again(&q)
	r.Refresh(&q, now()) // which keeps it
	second := read(t, &q)
	want := make([]byte, replay.TraceParentLength)
	replay.TraceSampled.PutTraceParent(want, "run1", rec.Seq, 3)
	if a, b := header(first, "traceparent"), header(second, "traceparent"); a == b || b != string(want) || len(first.wire) != len(second.wire) {
		t.Errorf("first %s, then %s, want %s", a, b, want)
	}
	untraced := renderer(t, Options{})
	q = replay.Request{Seq: rec.Seq, Kind: rec.Kind, Vendor: rec.Vendor}
	if err := untraced.Render(rec, pace.Play{}, now(), &q); err != nil {
		t.Fatal(err)
	}
	before := string(q.Wire)
	if untraced.Again(&q); string(q.Wire) != before {
		t.Error("a request without a trace changed")
	}
}

func TestTraceRefusesAHeaderOfTheUser(t *testing.T) {
	for _, h := range []Header{{Name: "TraceParent", Value: "x"}, {Name: "traceparent", Remove: true}} {
		o := Options{Target: target(t, "http://127.0.0.1:9000"), Headers: []Header{h}}
		if _, err := New(o); err != nil {
			t.Errorf("untraced: %v", err)
		}
		o.Trace = replay.TraceOn
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), "traceparent") {
			t.Errorf("traced: %v", err)
		}
	}
}
