package anonymize

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/keyed"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

const twilioForm = "AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&Body=hi&From=%2B14155551234&MessageSid=SM7513bfc2d93963db8d73e388321f5197&SmsStatus=received&NumMedia=0&To=28572"

// telnyxBody is a message that says where it was delivered to.
func telnyxBody(url string) string {
	return `{"data":{"event_type":"message.received","id":"51a00665-b5c1-4778-ab30-a4557bfd4df1","occurred_at":"2026-11-23T07:55:47.824+00:00","payload":{"direction":"inbound",` +
		`"from":{"phone_number":"+14155551234"},"id":"298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e","text":"START","to":[{"phone_number":"28572"}],"type":"SMS",` +
		`"webhook_url":"` + url + `"},"record_type":"event"},"meta":{"attempt":1,"delivered_to":"` + url + `"}}`
}

// sentTo returns a request of each sort to a path: Twilio's, Telnyx's, and one of a vendor that nobody knows.
func sentTo(t testing.TB, path string) []*capture.Record {
	return []*capture.Record{
		request(t, path, formType, twilioForm),
		request(t, path, jsonType, telnyxBody("https://hooks.acme.com"+path)),
		request(t, path, jsonType, `{"note":"x"}`),
	}
}

// personalPaths are paths with a segment that tells of someone, the last of whose routes is in front of it or behind.
func personalPaths(rng *rand.Rand) []string {
	paths := []string{
		"/hooks/telnyx/orders/A1029384", "/hooks/telnyx/jdoe1984", "/hooks/telnyx/mwhitfield42", "/hooks/telnyx/john.smith1984",
		"/hooks/telnyx/margaret-whitfield", "/hooks/telnyx/tok_secretlivekeyabcdefgh/in", "/hooks/telnyx/whsecabcdefghij",
		"/hooks/twilio/orders/A1029384?brand=acme",
	}
	first := strings.Fields("margaret john anna Wei SOFIA olu José Björn мария 美玲 d'Arcy Jean-Luc mary.ann al")
	last := strings.Fields("whitfield smith o'neil García NGUYEN van-der-berg Li müller иванова 王 hook apis smsith")
	letters := func(n int, of string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = of[rng.IntN(len(of))]
		}
		return string(b)
	}
	const small, digits, hex = "abcdefghijklmnopqrstuvwxyz", "0123456789", "0123456789abcdef"
	for len(paths) < 508 {
		f, l := first[rng.IntN(len(first))], last[rng.IntN(len(last))]
		made := []string{
			f, l + letters(4, digits), f + "." + l, f + "_" + l + letters(2, digits), f + "%20" + l, f + "@" + letters(6, small) + ".com",
			f + "+shop@" + letters(5, small) + ".example.com", "A" + letters(7, digits), "ORD-2022-" + letters(5, digits), "#" + letters(8, digits),
			"order_" + letters(3, digits), letters(1, digits), letters(2, small) + letters(1, digits), "+1415555" + letters(4, digits), "1 (415) 555-" + letters(4, digits),
			"tok_" + letters(20, small+digits), "whsec" + letters(12, small), "sk_live_" + letters(24, small+digits), letters(32, hex),
			letters(8, hex) + "-" + letters(4, hex) + "-4" + letters(3, hex) + "-a" + letters(3, hex) + "-" + letters(12, hex),
			"sMs", "wEbhook", "smsInbound", "inbound-" + f, f + ".json", "inbound;jsessionid=" + letters(16, hex), f + ";v=" + l, "%" + letters(2, "GHIJ") + f, "\xff\xfe" + f,
			letters(300, small), "4111-1111-1111-1111", "078-05-1120", "2022-11-25", "https:%2F%2Facme.com%2F" + f,
		}
		segment := strings.NewReplacer("#", "%23", " ", "%20").Replace(made[len(paths)%len(made)])
		paths = append(paths, []string{"/hooks/telnyx/" + segment, "/" + segment + "/sms/inbound", "/api/v1/" + segment + "/", "/webhooks//" + segment + "/../status?x=1"}[rng.IntN(4)])
	}
	return paths
}

// No segment of a path stays that is no route; what is a route does, and equal segments stay equal.
func TestNothingPersonalStaysInPaths(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	routes := newRouter(DefaultPolicy(all.Table()).Routes())
	a := newAnonymizer(t, sms.Wide())
	became, from := map[string]string{}, map[string]string{}
	for _, path := range personalPaths(rng) {
		urls := map[string]bool{}
		for _, in := range sentTo(t, path) {
			out := rewrite(t, a, in)
			urls[pathPart(out.URL)] = true
			old, made := strings.Split(pathPart(in.URL), "/"), strings.Split(pathPart(out.URL), "/")
			if len(old) != len(made) {
				t.Fatalf("seed %d: %s became %s", seed, in.URL, out.URL)
			}
			for i := range old {
				if old[i] == "" || old[i] == ".." || routes.route(old[i]) {
					if made[i] != old[i] {
						t.Errorf("seed %d: %s of %s became %s", seed, old[i], path, made[i])
					}
					continue
				}
				if made[i] == old[i] || sharesRun(made[i], withoutRoutes(routes, old[i])) {
					t.Errorf("seed %d: of %s stayed %q, which is %q now", seed, path, old[i], made[i])
				}
				if was, ok := became[old[i]]; ok && was != made[i] {
					t.Errorf("seed %d: %q became %q and %q", seed, old[i], was, made[i])
				}
				if was, ok := from[made[i]]; ok && was != old[i] && !isNumberSegment(old[i]) {
					t.Errorf("seed %d: %q and %q became %q", seed, old[i], was, made[i])
				}
				became[old[i]], from[made[i]] = made[i], old[i]
			}
		}
		if len(urls) != 1 {
			t.Errorf("seed %d: %s became %v", seed, path, urls)
		}
	}
	if len(became) < 300 {
		t.Errorf("%d segments", len(became))
	}
}

// withoutRoutes leaves the words out of a segment, decoded, that may stay.
func withoutRoutes(routes *router, segment string) string {
	decoded, _ := url.PathUnescape(segment)
	var words []string
	for _, word := range strings.FieldsFunc(decoded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !routes.route(word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, "-")
}

func pathPart(target string) string { path, _, _ := strings.Cut(target, "?"); return path }

// isNumberSegment says whether a segment is a telephone number, which may be written in several ways.
func isNumberSegment(s string) bool {
	return payload.PathSort(strings.ReplaceAll(s, "%20", " ")) == payload.PathNumber
}

func TestPath(t *testing.T) {
	for _, tc := range []struct {
		name, path, want string
		patterns         []string
	}{
		{name: "routes stay", path: "/webhooks/twilio/inbound", want: "/webhooks/twilio/inbound"},
		{name: "in any of three cases", path: "/Webhooks/SMS/V1/Twilio-Inbound", want: "/Webhooks/SMS/V1/Twilio-Inbound"},
		{name: "and compounds", path: "/sms_webhook.php/2010-04-01/telnyx-status.json", want: "/sms_webhook.php/2010-04-01/telnyx-status.json"},
		{name: "structure stays", path: "//./../", want: "//./../"},
		{name: "the root", path: "/", want: "/"},
		{name: "nothing", path: "", want: ""},
		{name: "marks stay", path: "/-/~/%20/sms", want: "/-/~/%20/sms"},
		{name: "a pattern names a segment", path: "/hooks/acme/whitfield/in", want: "/hooks/acme/*/in", patterns: []string{"/hooks/acme/{agent}/in"}},
		{name: "in its place alone", path: "/hooks/whitfield/acme/in", want: "/hooks/*/*/in", patterns: []string{"/hooks/acme/{agent}/in"}},
		{name: "in paths as long alone", path: "/hooks/acme/whitfield/in/x", want: "/hooks/*/*/in/*", patterns: []string{"/hooks/acme/{agent}/in"}},
		{name: "two patterns", path: "/hooks/acme/eu/x1", want: "/hooks/acme/eu/*", patterns: []string{"/hooks/acme/{a}/{b}", "/hooks/{a}/eu/{b}"}},
		{name: "a route that a pattern does not name", path: "/hooks/acme/sms", want: "/hooks/acme/sms", patterns: []string{"/hooks/acme/{what}"}},
	} {
		p := DefaultPolicy(all.Table())
		for _, pattern := range tc.patterns {
			if err := p.AddPath(pattern); err != nil {
				t.Fatal(err)
			}
		}
		a, err := New(Options{Key: make([]byte, KeySize), Table: all.Table(), Policy: p})
		if err != nil {
			t.Fatal(err)
		}
		got := pathPart(rewrite(t, a, request(t, tc.path, formType, twilioForm)).URL)
		old, made, want := strings.Split(tc.path, "/"), strings.Split(got, "/"), strings.Split(tc.want, "/")
		ok := len(made) == len(want)
		for i := range want {
			ok = ok && (made[i] == want[i] || want[i] == "*" && made[i] != old[i])
		}
		if !ok {
			t.Errorf("%s: %s became %s, want %s", tc.name, tc.path, got, tc.want)
		}
	}
}

// A segment that is an id or a number of the body becomes what that does, in whatever it is wrapped.
func TestPathMeetsBody(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	in := request(t, "/hooks/AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f/msg-SM7513bfc2d93963db8d73e388321f5197/14155551234/%2B1415555-1234", formType, twilioForm)
	out := rewrite(t, a, in)
	segments := strings.Split(out.URL, "/")
	account, id := keyed.FreshID(a.keys.ids, "AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"), out.Message.ID
	if digits := out.Message.From[1:]; segments[2] != account || !strings.HasSuffix(segments[3], "-"+id) || segments[4] != digits || segments[5] != "%2B"+digits {
		t.Errorf("%s beside %s from %s", out.URL, out.Body, out.Message.From)
	}
}

// The URL of the request, wherever the request holds it, is that of the new request.
func TestOwnURL(t *testing.T) {
	for _, tc := range []struct{ name, target, host, link, want string }{
		{"as sent", "/hooks/whitfield/in", "hooks.acme.com", "https://hooks.acme.com/hooks/whitfield/in", "https://hooks.example.com@"},
		{"in plain text", "/hooks/whitfield/in", "hooks.acme.com", "http://hooks.acme.com/hooks/whitfield/in", "http://hooks.example.com@"},
		{"with a port", "/hooks/whitfield/in", "hooks.acme.com", "https://HOOKS.acme.com:8443/hooks/whitfield/in", "https://hooks.example.com:8443@"},
		{"without the port", "/hooks/whitfield/in", "hooks.acme.com:8443", "https://hooks.acme.com/hooks/whitfield/in", "https://hooks.example.com@"},
		{"behind a proxy", "/hooks/whitfield/in", "10.0.0.7:3000", "https://hooks.acme.com/hooks/whitfield/in", "https://hooks.example.com@"},
		{"with the query", "/hooks/whitfield/in?agent=9&x", "hooks.acme.com", "https://hooks.acme.com/hooks/whitfield/in?agent=9&x", "https://hooks.example.com@?agent=&"},
		{"without the query", "/hooks/whitfield/in?agent=9", "hooks.acme.com", "https://hooks.acme.com/hooks/whitfield/in", "https://hooks.example.com@"},
		{"with another query", "/hooks/whitfield/in?agent=9", "hooks.acme.com", "https://hooks.acme.com/hooks/whitfield/in?agent=8", "https://hooks.example.com@"},
		{"with a user", "/hooks/whitfield/in", "hooks.acme.com", "https://u:p@hooks.acme.com/hooks/whitfield/in#f", "https://hooks.example.com@"},
		{"of an absolute request", "http://hooks.acme.com/hooks/whitfield/in", "hooks.acme.com", "https://hooks.acme.com/hooks/whitfield/in", "https://hooks.example.com@"},
		{"of a local request", "/hooks/whitfield/in", "localhost:80", "http://localhost:80/hooks/whitfield/in", "http://localhost:80@"},
	} {
		a := newAnonymizer(t, sms.Wide())
		escaped := strings.NewReplacer("/", `\/`, "&", `\u0026`).Replace(tc.link)
		in := request(t, tc.target, jsonType, telnyxBody(escaped))
		in.Host = tc.host
		out := rewrite(t, a, in)
		path := pathPart(out.URL)
		if i := strings.Index(path, "//"); i >= 0 {
			path = path[i+2+strings.IndexByte(path[i+2:], '/'):]
		}
		want := strings.NewReplacer("/", `\/`, "&", `\u0026`).Replace(strings.Replace(tc.want, "@", path, 1))
		if n := strings.Count(string(out.Body), `"`+want+`"`); n != 2 || strings.Contains(out.URL, "whitfield") {
			t.Errorf("%s: %s with %s, want %s", tc.name, out.URL, out.Body, want)
		}
		if want := map[bool]int64{true: 1}[strings.Contains(tc.target, "agent=")]; a.Report().Unknown["telnyx.?agent"] != want {
			t.Errorf("%s: the query was counted as %v", tc.name, a.Report().Unknown)
		}
	}
}

// A parameter that no table lists and that holds the record's own URL is told by what it holds.
func TestOwnURLInQuery(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	in := request(t, "/sms/whitfield?StatusCallback=https%3A%2F%2Fhooks.acme.com%2Fsms%2Fwhitfield&Other=https%3A%2F%2Facme.com", formType, twilioForm)
	in.Host = "hooks.acme.com"
	out := rewrite(t, a, in)
	path := pathPart(out.URL)
	if want := path + "?StatusCallback=https%3A%2F%2Fhooks.example.com" + strings.ReplaceAll(path, "/", "%2F") + "&Other="; out.URL != want {
		t.Errorf("%s, want %s", out.URL, want)
	}
}

func TestKeptAndProposed(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for i := range 60 {
		body := strings.Replace(twilioForm, "4155551234", fmt.Sprintf("41555%05d", 12000+i), 1)
		path := "/hooks/acme/sms"
		switch {
		case i >= 45:
			path = "/hooks/margaret/sms"
			body = twilioForm
		case i%2 == 1:
			path = fmt.Sprintf("/hooks/acme/jdoe%d", 100+i)
		}
		rewrite(t, a, request(t, path, formType, body))
	}
	r := a.Report()
	if r.Kept.Segments["hooks"] != 60 || r.Kept.Segments["sms"] != 38 || len(r.Kept.Segments) != 2 || r.Segments != 60+22 {
		t.Errorf("%+v, %d replaced", r.Kept.Segments, r.Segments)
	}
	if want := []PathProposal{{"/hooks/acme/sms", 23, 23}, {"/hooks/acme/{id}", 22, 22}}; !slices.Equal(r.Proposed, want) {
		t.Errorf("%+v, want %+v", r.Proposed, want)
	}
	if r.Kept.Headers["content-type: "+formType] != 60 {
		t.Errorf("%+v", r.Kept.Headers)
	}
}
