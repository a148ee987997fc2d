package corpus

import (
	"bytes"
	"fmt"
	"testing"
)

func TestCanonicalHost(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"Hooks.Example.COM":            "hooks.example.com",
		"hooks.example.com:8443":       "hooks.example.com",
		"hooks.example.com.":           "hooks.example.com",
		"hooks.example.com.:443":       "hooks.example.com",
		" hooks.example.com ":          "hooks.example.com",
		"192.0.2.7":                    "192.0.2.7",
		"192.0.2.7:80":                 "192.0.2.7",
		"[2001:DB8::0:1]:443":          "2001:db8::1",
		"[2001:db8::1]":                "2001:db8::1",
		"2001:db8::1":                  "2001:db8::1",
		"[fe80::1%eth0]:80":            "fe80::1",
		"::ffff:192.0.2.7":             "192.0.2.7",
		"localhost":                    "",
		"LOCALHOST:3000":               "",
		"app.localhost:3000":           "",
		"localhost.":                   "",
		"127.0.0.1":                    "",
		"127.8.9.1:80":                 "",
		"[::1]:80":                     "",
		"::ffff:127.0.0.1":             "",
		"0.0.0.0:80":                   "",
		"localhost.example.com":        "localhost.example.com",
		"nolocalhost":                  "nolocalhost",
		"127.0.0.1.nip.example":        "127.0.0.1.nip.example",
		"[2001:db8::1%25eth0]:443":     "2001:db8::1",
		"xn--bcher-kva.example:443":    "xn--bcher-kva.example",
		"localhost.localdomain:443":    "",
		"hooks.example.com:not-a-port": "hooks.example.com",
	} {
		if got := canonicalHost(in); got != want {
			t.Errorf("canonicalHost(%q) = %q, want %q", in, got, want)
		}
	}
}

// hostsOf writes a corpus of one state and returns the hosts that a reader finds.
func hostsOf(t *testing.T, s State, with func(*Writer)) Hosts {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: s})
	if err != nil {
		t.Fatal(err)
	}
	with(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, r)
	if d := r.Damage(); len(d) > 0 {
		t.Fatalf("damage: %v", d)
	}
	return r.Hosts()
}

func TestHosts(t *testing.T) {
	records := sample(50, 1)
	write := func(w *Writer) {
		for i := range records {
			if err := w.Write(&records[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	raw := hostsOf(t, Raw, func(w *Writer) {
		w.AddHost("198.51.100.3:443")
		w.AddHost("127.0.0.1:8080")
		write(w)
	})
	for host, want := range map[string]bool{
		"hooks.example.com:80": true, "A.example": true, "198.51.100.3": true, "198.51.100.4": false,
		"staging.example.com": false, "127.0.0.1": false, "localhost": false, "": false,
	} {
		if raw.Match(host) != want {
			t.Errorf("raw: Match(%q) = %v", host, !want)
		}
	}
	if raw.Len() != 3 {
		t.Errorf("raw: %d hosts, want 3", raw.Len())
	}

	kept := hostsOf(t, Anonymized, func(w *Writer) {
		w.KeepHosts(raw)
		write(w)
	})
	if !kept.Match("hooks.example.com") || !kept.Match("198.51.100.3") || kept.Len() != 3 {
		t.Errorf("anonymized: the hosts of the raw corpus were not carried over")
	}
	if alone := hostsOf(t, Anonymized, write); alone.Len() != 0 || alone.Match("hooks.example.com") {
		t.Errorf("anonymized: a record's own host was recorded")
	}
}

func TestHostsAreSalted(t *testing.T) {
	add := func(w *Writer) { w.AddHost("hooks.example.com") }
	one, two := hostsOf(t, Raw, add).encode(), hostsOf(t, Raw, add).encode()
	if bytes.Equal(one, two) || bytes.Contains(one, []byte("hooks")) {
		t.Errorf("two corpora store the same host alike, or plainly")
	}
}

func TestHostsPrecedeTheirRows(t *testing.T) {
	whole, _ := small(t)
	for n := 0; n < len(whole); n += 17 {
		r, err := NewReader(bytes.NewReader(whole[:n]))
		if err != nil {
			continue
		}
		for _, rec := range readAll(t, r) {
			if !r.Hosts().Match(rec.Host) {
				t.Fatalf("%d bytes: record %d was read but not the host it was captured from", n, rec.Seq)
			}
		}
	}
}

func TestTooManyHosts(t *testing.T) {
	h := hostsOf(t, Raw, func(w *Writer) {
		for i := range maxHosts + 10 {
			w.AddHost(fmt.Sprintf("h%d.example", i))
		}
	})
	if !h.Match("h3.example") || !h.Match("never.seen.example") || h.Match("localhost") {
		t.Errorf("an incomplete list must match every host but loopback")
	}
}
