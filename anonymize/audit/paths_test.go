package audit

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

// routesOf are the routes that the tests' paths are made of.
func routesOf(patterns ...string) *Routes {
	return &Routes{
		Words: strings.Fields("hook hooks webhook webhooks twilio telnyx orders sms inbound in status v1 v2 2010-04-01 accounts messages media php notifications"),
		Paths: patterns,
	}
}

// onePair is a record with that path, and what a rewriter made of it.
func onePair(in, out string) (before, after []*capture.Record) {
	b := twilio(0, "SM7513bfc2d93963db8d73e388321f5197", "+14046620240", "+18885550100", "Hi Zebulon where is parcel Q77", capture.Unrecognized)
	a := twilio(0, "SMabcdefabcdef00112233445566778899", "+14155550123", "+12125550100", "I love my new pizza", capture.Unrecognized)
	b.URL, a.URL = in, out
	return []*capture.Record{b}, []*capture.Record{a}
}

func auditPaths(t *testing.T, before, after []*capture.Record, patterns ...string) Report {
	t.Helper()
	o := options(before, after)
	o.Routes = routesOf(patterns...)
	return run2(t, o)
}

// TestPathRule holds what of a path may stay.
func TestPathRule(t *testing.T) {
	for _, tc := range []struct {
		name, in, out string
		patterns      []string
		field         string // "" where all is well
	}{
		{"routes alone", "/hooks/twilio/inbound", "/hooks/twilio/inbound", nil, ""},
		{"in upper case", "/HOOKS/SMS", "/HOOKS/SMS", nil, ""},
		{"with capitals", "/Hooks/Twilio-Inbound", "/Hooks/Twilio-Inbound", nil, ""},
		{"in mixed case", "/hooks/inBound", "/hooks/inBound", nil, "url path segment 2"},
		{"compounds", "/sms-status/v2.inbound_php", "/sms-status/v2.inbound_php", nil, ""},
		{"a compound with another word", "/hooks/sms-margaret", "/hooks/sms-margaret", nil, "url path segment 2"},
		{"a compound with nothing at a joint", "/hooks/sms-/x", "/hooks/sms-/y", nil, "url path segment 2"},
		{"a listed word with a joint in it", "/2010-04-01/hooks", "/2010-04-01/hooks", nil, ""},
		{"escaped", "/hooks/%69nbound", "/hooks/%69nbound", nil, ""},
		{"replaced", "/hooks/jdoe1984", "/hooks/kqrx2077", nil, ""},
		{"one letter stays", "/hooks/x", "/hooks/x", nil, "url path segment 2"},
		{"one letter moves", "/x/hooks/y", "/y/hooks/x", nil, ""},
		{"a digit stays", "/hooks/7/in", "/hooks/7/in", nil, "url path segment 2"},
		{"a name moves", "/margaret/hooks/whitfield", "/whitfield/hooks/margaret", nil, "url path segment 1"},
		{"a name stays in a segment", "/hooks/john.smith1984", "/hooks/qrtz.smith2077", nil, "url path segment 2"},
		{"a year stays in a segment", "/hooks/john.smith1984", "/hooks/qrtz.krwpb1984", nil, "url path segment 2"},
		{"in other cases", "/hooks/Margaret-Whitfield", "/hooks/MARGARET_whitfield", nil, "url path segment 2"},
		{"behind escapes", "/hooks/margaret-whitfield", "/hooks/%6Dargaret%2Dwhitfiel%64", nil, "url path segment 2"},
		{"behind two escapes", "/hooks/margaret", "/hooks/%256Dargaret", nil, "url path segment 2"},
		{"in full width", "/hooks/margaret", "/hooks/%EF%BD%8D%EF%BD%81%EF%BD%92%EF%BD%87%EF%BD%81%EF%BD%92%EF%BD%85%EF%BD%94", nil, "url path segment 2"},
		{"in Chinese", "/hooks/王小明", "/hooks/%E7%8E%8B%E5%B0%8F%E6%98%8E", nil, "url path segment 2"},
		{"inside a longer word", "/hooks/margaretwhitfield", "/hooks/xxmargaretwhitfieldxx", nil, "url path segment 2"},
		{"few letters in common", "/hooks/jon-smith", "/hooks/jon-krwpb", nil, ""},
		{"an id that is another", "/hooks/7f3a9c81d2e4b5a6", "/hooks/1b8e4d02c7f6a935", nil, ""},
		{"half of an id", "/hooks/7f3a9c81d2e4b5a6", "/hooks/7f3a9c81d2e4a935", nil, "url path segment 2"},
		{"a route's word in a replaced segment", "/hooks/notifications-margaret", "/hooks/notifications-kwprtzqx", nil, ""},
		{"nothing to tell", "/hooks/-/~", "/hooks/-/~", nil, ""},
		{"empty segments", "//hooks//", "//hooks//", nil, ""},
		{"an absolute URL", "https://hooks.example.com/hooks/jdoe1984", "https://hooks.example.com/hooks/jdoe1984", nil, "url path segment 2"},
		{"no path", "", "", nil, ""},
		{"named by the policy", "/hooks/acme/77/inbound", "/hooks/acme/31/inbound", []string{"/hooks/acme/{id}/inbound"}, ""},
		{"with a slash at the end", "/hooks/acme/77/inbound/", "/hooks/acme/31/inbound/", []string{"/hooks/acme/{id}/inbound"}, ""},
		{"in braces in the policy", "/hooks/acme/77/inbound", "/hooks/acme/77/inbound", []string{"/hooks/acme/{id}/inbound"}, "url path segment 3"},
		{"of another form", "/hooks/acme/77/status", "/hooks/acme/31/status", []string{"/hooks/acme/{id}/inbound"}, "url path segment 2"},
		{"at another place", "/acme/hooks/77/inbound", "/acme/hooks/31/inbound", []string{"/hooks/acme/{id}/inbound"}, "url path segment 1"},
		{"in another case", "/hooks/Acme/77/inbound", "/hooks/Acme/31/inbound", []string{"/hooks/acme/{id}/inbound"}, "url path segment 2"},
		{"of a second pattern", "/acme", "/acme", []string{"/hooks/acme/{id}/inbound", "/acme"}, ""},
		{"escaped in the policy", "/caf%C3%A9", "/caf%C3%A9", []string{"/caf%C3%A9"}, ""},
		{"far beyond", strings.Repeat("/in", 70) + "/margaret", strings.Repeat("/in", 70) + "/margaret", nil, "url path segment 64"},
	} {
		before, after := onePair(tc.in, tc.out)
		report := auditPaths(t, before, after, tc.patterns...)
		if (tc.field == "") == report.Failed() {
			t.Errorf("%s: %+v", tc.name, report)
		}
		if tc.field != "" && (len(report.Findings) == 0 || report.Findings[0].Check != Paths || report.Findings[0].Field != tc.field) {
			t.Errorf("%s: %+v, want %s", tc.name, report.Findings, tc.field)
		}
	}
}

// TestPathsUnasked holds that nothing is said of paths where no routes are given.
func TestPathsUnasked(t *testing.T) {
	before, after := onePair("/jdoe", "/jdoe")
	if report := run2(t, options(before, after)); report.Failed() {
		t.Errorf("%+v", report)
	}
}

// TestKeptPaths plants eight paths that hold a name, an order's number or a token.
func TestKeptPaths(t *testing.T) {
	for _, path := range []string{
		"/hooks/telnyx/orders/A1029384", "/hooks/telnyx/jdoe1984", "/hooks/telnyx/mwhitfield42", "/hooks/telnyx/john.smith1984",
		"/hooks/telnyx/margaret-whitfield", "/hooks/telnyx/tok_secretlivekeyabcdefgh/in", "/hooks/telnyx/whsecabcdefghij", "/hooks/twilio/orders/A1029384?brand=",
	} {
		before, after := onePair(path, path)
		if report := auditPaths(t, before, after); report.Counts != (Counts{Paths: 1}) {
			t.Errorf("%s: %+v", path, report)
		}
	}
}

// made is a segment that tells of someone.
func made(r *rand.Rand) string {
	first := []string{"margaret", "john", "Ana", "jürgen", "Li", "OLIVIA", "siobhan", "mcDonald", "zoë", "bo"}
	last := []string{"whitfield", "smith", "O'Brien", "garcía", "Xu", "vanDerBerg", "quimby", "Łukasz", "NG", "rosewood"}
	const digits, hex = "0123456789", "0123456789abcdef"
	some := func(of string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = of[r.IntN(len(of))]
		}
		return string(b)
	}
	f, l := first[r.IntN(len(first))], last[r.IntN(len(last))]
	switch r.IntN(11) {
	case 0:
		return f + "." + l + some(digits, 1+r.IntN(4))
	case 1:
		return f + "-" + l
	case 2:
		return "A" + some(digits, 7)
	case 3:
		return "ord_" + some(digits, 1+r.IntN(9))
	case 4:
		return "tok_" + some(hex, 12+r.IntN(20))
	case 5:
		return f + "@" + l + "-mail.com"
	case 6:
		return base64.RawURLEncoding.EncodeToString([]byte(f + ":" + l))
	case 7:
		return some(hex, 8) + "-" + some(hex, 4) + "-4" + some(hex, 3) + "-a" + some(hex, 3) + "-" + some(hex, 12)
	case 8:
		return f[:1] + l
	case 9:
		return some(digits, 1+r.IntN(6))
	}
	return "inBound" + l // looks like a route, and is none
}

// swapped writes a segment with other letters and digits, as a faithful rewriter would.
func swapped(r *rand.Rand, s string) string {
	old := []rune(s)
	for {
		b := slices.Clone(old)
		for i, c := range b {
			switch {
			case c >= '0' && c <= '9':
				b[i] = '0' + rune(r.IntN(10))
			case c >= 'a' && c <= 'z', c >= 0x80:
				b[i] = 'a' + rune(r.IntN(26))
			case c >= 'A' && c <= 'Z':
				b[i] = 'A' + rune(r.IntN(26))
			}
		}
		if string(b) != s {
			return strings.ReplaceAll(string(b), "@", "q") // what looks like an address has a check of its own
		}
	}
}

// route is a path of listed words, with one segment at a place of its own.
func route(r *rand.Rand, segment string) string {
	words := routesOf().Words
	var parts []string
	for range 1 + r.IntN(4) {
		parts = append(parts, words[r.IntN(len(words))])
	}
	return "/" + strings.Join(slices.Insert(parts, r.IntN(len(parts)+1), url.PathEscape(segment)), "/")
}

// TestMadePaths plants 500 paths that tell of someone in requests of three sorts: each is found; and nothing is found in what a
// faithful rewriter makes of them.
func TestMadePaths(t *testing.T) {
	const seed, count = 7, 500
	r := rand.New(rand.NewPCG(seed, 1))
	var before, after, faithful []*capture.Record
	for i := range count {
		segment := made(r)
		path := route(r, segment)
		in, out := onePair(path, path)
		switch i % 3 {
		case 1:
			in[0] = telnyx(0, "298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e", "+14046620240", "+18885550100", "Hi Zebulon where is parcel Q77", capture.Unrecognized)
			out[0] = telnyx(0, "aaaabbbb-cccc-4ddd-8eee-ffff00001111", "+14155550123", "+12125550100", "I love my new pizza", capture.Unrecognized)
		case 2:
			for _, r := range []*capture.Record{in[0], out[0]} {
				r.Vendor, r.Message, r.Body, r.Kind = "", capture.Message{}, nil, capture.Other
			}
		}
		good := out[0].Clone()
		in[0].URL, out[0].URL = path, path
		good.URL = strings.Replace(path, url.PathEscape(segment), url.PathEscape(swapped(r, segment)), 1)
		before, after, faithful = append(before, in[0]), append(after, out[0]), append(faithful, good)
	}
	if report := auditPaths(t, before, faithful); report.Failed() {
		t.Errorf("seed %d: of what is faithful: %+v", seed, report)
	}
	for i := range count { // each by itself would take its time: a few, and all together
		if n := i + 1; n == count || n < 4 {
			if report := auditPaths(t, before[:n], after[:n]); report.Counts.Paths != int64(n) {
				t.Errorf("seed %d: %d of %d are found", seed, report.Counts.Paths, n)
			}
		}
	}
}

// TestLinkPaths holds the rule for URLs in bodies and in headers.
func TestLinkPaths(t *testing.T) {
	for _, tc := range []struct {
		name, in, out string // of the body's DeliveredTo
		field         string
	}{
		{"its own", "https://hooks.acme.com/hooks/summer-sale/inbound", "https://hooks.example.com/hooks/kwprtz-qxyz/inbound", ""},
		{"left as it was", "https://hooks.acme.com/hooks/summer-sale/inbound", "https://example.com/hooks/summer-sale/inbound", "body link segment 2"},
		{"a word of generated links", "https://acme.com/sale/jdoe1984", "https://example.com/sale/kqrx2077", ""},
		{"all of it words of generated links", "https://acme.com/sale/shop", "https://example.com/sale/shop", "body link segment 1"},
		{"of the request's path", "", "https://example.com/hooks/jdoe1984", "body link segment 2"},
		{"in a query", "https://a.com/x?a=margaret.whitfield", "https://example.com/y?a=margaret.whitfield", "body link segment 3"},
		{"all of it short", "https://a.com/hooks/7", "https://example.com/hooks/7", "body link segment 2"},
		{"a short segment that is another", "https://a.com/hooks/7", "https://example.com/hooks/3", ""},
		{"a form's next field", "https://a.com/hooks/kw&Status=delivered", "https://example.com/hooks/zx&Status=delivered", ""},
		{"the name of a parameter", "https://a.com/in?brand=acme", "https://example.com/in?brand=", ""},
		{"routes", "https://api.twilio.com/2010-04-01/Accounts/media", "https://example.com/2010-04-01/Accounts/media", ""},
		{"a user", "https://margaret:x@a.com/in", "https://margaret@example.com/in", "body link segment 1"},
		{"of the text", "https://a.com/pizza/ship", "https://example.com/order/pizza", ""},
		{"of the text, and more behind", "https://a.com/pizza ship", "https://example.com/pizza love", ""},
	} {
		for _, escape := range []func(string) string{url.QueryEscape, func(s string) string { return strings.ReplaceAll(s, "/", `\/`) }} {
			before, after := onePair("/hooks/jdoe1984", "/hooks/kqrx2077")
			before[0].Body = append(before[0].Body, "&DeliveredTo="+escape(tc.in)...)
			after[0].Body = append(after[0].Body, "&DeliveredTo="+escape(tc.out)...)
			ofText := strings.HasPrefix(tc.name, "of the text")
			if ofText {
				after[0].Message.Text = "I love " + tc.out
			}
			o := options(before, after)
			o.Routes, o.Allow, o.LinkWords = routesOf(), []string{"https", "example", "com"}, []string{"sale", "shop"}
			report := run2(t, o)
			if (tc.field == "") == report.Failed() || tc.field != "" && report.Findings[0] != (Finding{Paths, 0, tc.field}) {
				t.Errorf("%s: %+v", tc.name, report)
			}
			if ofText {
				continue
			}
			before, after = onePair("/hooks/jdoe1984", "/hooks/kqrx2077")
			secretHeaders(before[0], "Referer", tc.in)
			secretHeaders(after[0], "Referer", tc.out)
			o = options(before, after)
			o.Routes, o.LinkWords = routesOf(), []string{"sale", "shop"}
			report = run2(t, o)
			want := strings.Replace(tc.field, "body", "header Referer", 1)
			if (want == "") == report.Failed() || want != "" && report.Findings[0] != (Finding{Paths, 0, want}) {
				t.Errorf("%s in a header: %+v", tc.name, report)
			}
		}
	}
}

// TestHosts holds what of a host's name may stay.
func TestHosts(t *testing.T) {
	for _, tc := range []struct {
		in, out string
		leaks   bool
	}{
		{"hooks.acme.com", "hooks.example.com", false},
		{"hooks.example.com:8443", "hooks.example.com:8443", false},
		{"acme.example.com", "acme.example.com", true},
		{"hooks.acme.com", "hooks.acme.com", true},
		{"hooks.ACME.com", "acme.example.com", true},
		{"127.0.0.1:8080", "127.0.0.1:8080", false},
		{"[::1]:80", "[::1]:80", false},
		{"10.7.2.19", "10.7.2.19", true},
		{"", "", false},
	} {
		before, after := onePair("/in", "/in")
		before[0].Host, after[0].Host = tc.in, tc.out
		report := auditPaths(t, before, after)
		if report.Failed() != tc.leaks || tc.leaks && report.Counts != (Counts{Hosts: 1}) {
			t.Errorf("%s to %s: %+v", tc.in, tc.out, report)
		}
	}
}

// TestHeaderValues holds which headers' values may stay.
func TestHeaderValues(t *testing.T) {
	for _, tc := range []struct {
		name, in, out string
		leaks         bool
	}{
		{"User-Agent", "TwilioProxy/1.1", "TwilioProxy/1.1", false},
		{"Accept", "application/json; q=0.9, */*", "application/json; q=0.9, */*", false},
		{"X-Tenant", "acme", "acme", true},
		{"x-tenant", "acme", "ACME", true},
		{"X-Tenant", "acme", "glow", false},
		{"X-Kept", "acme", "acme", false},
		{"X-Count", "123456", "123456", false},
		{"X-Count", "1234567", "1234567", true},
		{"telnyx-timestamp", "1669381200", "1669381200", false},
		{"x-shopify-triggered-at", "2026-01-05T00:00:01.018430569Z", "2026-01-05T00:00:01.018430569Z", false},
		{"klaviyo-timestamp", "Fri, 27 Nov 2026 10:00:01 GMT", "Fri, 27 Nov 2026 10:00:01 GMT", false},
		{"klaviyo-timestamp", "Fri, 27 Nov 2026 10:00:01 Acme", "Fri, 27 Nov 2026 10:00:01 Acme", true},
		{"x-shopify-triggered-at", "2026-01-05T00:00:01Z 12025550111", "2026-01-05T00:00:01Z 12025550111", true},
		{"X-Name", "日本", "日本", true},
		{"X-Empty", "", "", false},
	} {
		before, after := onePair("/in", "/in")
		secretHeaders(before[0], "X-Gone", "acme", tc.name, tc.in)
		secretHeaders(after[0], tc.name, tc.out)
		o := options(before, after)
		o.Headers = &PlainHeaders{Words: strings.Fields("twilioproxy application json q x www form urlencoded charset utf"), Names: []string{"x-kept"}}
		report := run2(t, o)
		if report.Failed() != tc.leaks || tc.leaks && (report.Counts != (Counts{Headers: 1}) || report.Findings[0].Field != "header "+tc.name) {
			t.Errorf("%s %s: %+v", tc.name, tc.in, report)
		}
	}
}

// FuzzPaths holds that a path that stays is found, whatever it is made of, unless all of it is routes or says nothing.
func FuzzPaths(f *testing.F) {
	f.Add("/hooks/jdoe1984", "/hooks/kqrx2077")
	f.Add("/hooks/%6a%zz/", "https://x/%25%32%35")
	f.Add("//\xff/é/{id}", "/\u202e/.-_")
	f.Fuzz(func(t *testing.T, in, out string) {
		before, after := onePair(in, out)
		first := auditPaths(t, before, after, "/hooks/{id}/in")
		before, after = onePair(in, out)
		if again := auditPaths(t, slices.Repeat(before, 2), slices.Repeat(after, 2), "/hooks/{id}/in"); again.Counts.Paths != 2*first.Counts.Paths {
			t.Errorf("one record has %d findings, two have %d", first.Counts.Paths, again.Counts.Paths)
		}
		before, after = onePair(in, in)
		kept := auditPaths(t, before, after)
		var p path
		p.of(in)
		r := newRoutes(routesOf(), newLexer())
		bad := slices.ContainsFunc(p.segments, func(s segment) bool { return hasWord(s.folded) && !r.isRoute(s.plain) })
		if (kept.Counts.Paths > 0) != bad {
			t.Errorf("%q stays, and %d are found", in, kept.Counts.Paths)
		}
	})
}

func BenchmarkPaths(b *testing.B) {
	for _, path := range []string{"/hooks/twilio/inbound", "/hooks/twilio/7f3a9c81d2e4b5a6/inbound"} {
		b.Run(fmt.Sprint(strings.Count(path, "/")), func(b *testing.B) {
			before, after := onePair(path, strings.Replace(path, "7f3a9c81d2e4b5a6", "1b8e4d02c7f6a935", 1))
			o := options(before, after)
			a := &auditor{o: o, lexer: newLexer()}
			a.routes = newRoutes(routesOf(), a.lexer)
			h := a.newHands()[0]
			for i := range b.N {
				if len(path) > 30 { // every record has a path of its own
					before[0].URL = path + fmt.Sprint(i)
				}
				h.scan.counterpart, h.scan.cmp.linked = before[0], false
				h.scan.paths(before[0].URL, after[0].URL)
			}
		})
	}
}

// TestRouteWordsAsValues holds that a value which says what a route says is nobody's, and any other is looked for.
func TestRouteWordsAsValues(t *testing.T) {
	for value, want := range map[string]Counts{"inbound-notifications": {}, "summer-collection": {Values: 1}, "glossier.inbound": {}} {
		before, after := onePair("/hooks/glossier/inbound/notifications", "/hooks/glossier/inbound/notifications")
		before[0].Body = append(before[0].Body, "&Extra="+value...)
		after[0].Body = append(after[0].Body, "&Extra="+value...)
		o := options(before, after)
		o.Routes, o.Fields = routesOf("/hooks/glossier/inbound/{x}"), func(r *capture.Record, f func(FieldSort, []byte)) {
			_, extra, _ := strings.Cut(string(r.Body), "&Extra=")
			f(Personal, []byte(extra))
		}
		if report := run2(t, o); report.Counts != want {
			t.Errorf("%s: %+v", value, report.Counts)
		}
	}
}

// FuzzOverlap holds the quick search against the plain one.
func FuzzOverlap(f *testing.F) {
	f.Add("margaretwhitfield", "xxmargaretwhitfieldxx")
	f.Add("abcdefghij", "abcdefghij")
	f.Add("aaaaaaaaaaaaaaaaaaaa", "aaaaaaaaa")
	f.Fuzz(func(t *testing.T, a, b string) {
		o := options(nil, nil)
		s := scanner{auditor: &auditor{o: o, lexer: newLexer()}}
		s.routes = newRoutes(&Routes{}, s.lexer)
		want := false
		for i := 0; i+minShared <= len(a); i++ {
			want = want || strings.Contains(b, a[i:i+minShared])
		}
		if got := s.overlap([]byte(a), []byte(b)); got != want {
			t.Errorf("%q, %q: %v", a, b, got)
		}
	})
}
