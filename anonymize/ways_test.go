package anonymize

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

func TestWays(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for _, tc := range []struct {
		raw  string
		way  way
		want string // a pattern
	}{
		{"+14155551234", byNumber, `^\+1\d{3}555\d{4}$`},
		{"whatsapp:14155551234", byNumber, `^whatsapp:1\d{3}555\d{4}$`},
		{"28572", byCode, `^[01]\d{4}$`},
		{"ACME", byName, `^[A-Z]{4}$`},
		{"sms:Acme", byName, `^sms:[A-Z][a-z]{3}$`},
		{"whatsapp:US.13491208655302741918", byUserID, `^whatsapp:US\.\d{20}$`},
		{"US.13491208655302741918", byUserID, `^US\.\d{20}$`},
		{"US.ABC123XYZ", byUserID, `^US\.[A-Z]{3}\d{3}[A-Z]{3}$`},
		{"US.A1", byUserID, `^US\.[A-Z]\d$`},
		{"whatsapp:BR." + strings.Repeat("a1B", 42) + "zZ", byUserID, `^whatsapp:BR\.[a-zA-Z0-9]{128}$`},
		{"US.ENT.11815799212886844830", byParentID, `^US\.ENT\.\d{20}$`},
		{"messenger:123456789012345", byID, `^messenger:[1-9]\d{14}$`},
		{"messenger:1234567890123456789", byID, `^messenger:[1-9]\d{18}$`},
		{"1234567890123456", byID, `^[1-9]\d{15}$`},
		{"line:U4af4980629abcdef0123456789abcdef", byID, `^line:U?[A-Za-z]?[a-z0-9]{32,33}$`},
		{"86cc4dc0-3dc0-41b7-ac43-8ec829ead56f", byID, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
		{"rcs:acme_k2x1_agent", byName, `^rcs:[a-z]{9}_agent$`},
		{"rcs:an_agent_of_many_more_words_agent", byName, `^rcs:[a-z]{11}_agent$`},
		{"sarah.miller@gmail.com", byEmail, `^[a-z]{10}@example\.com$`},
		{"+1415867****", byMask, `^\+1\d{3}555\*{4}$`},
		{"whatsapp:+1XXXXXX0142", byMask, `^whatsapp:\+1XXXXXX\d{4}$`},
		{"****0142", byMask, `^\*{4}\d{4}$`},
		{"07700900123", byNumber, `^\+1\d{3}555\d{4}$`},
	} {
		ad := a.address(tc.raw)
		got := a.write(ad)
		if ad.way != tc.way || !regexp.MustCompile(tc.want).MatchString(got) || got == tc.raw || a.cur.err != nil {
			t.Errorf("%s is of way %d and becomes %s, want %d and %s", tc.raw, ad.way, got, tc.way, tc.want)
		}
		if again := a.write(a.address(tc.raw)); again != got {
			t.Errorf("%s becomes %s, then %s", tc.raw, got, again)
		}
	}
}

// TestUnmask shows that the two forms of one number agree where a record has both.
func TestUnmask(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	r := twilio(t, "From", "whatsapp:+1415867****", "WaId", "14158675309", "To", "+18005550199", "ProfileName", "Sarah")
	r = rewrite(t, a, r)
	from, id := param(r, "From"), param(r, "WaId")
	if !sms.FitsMask(strings.TrimPrefix(from, "whatsapp:"), "+"+id) || from == "whatsapp:+1415867****" {
		t.Errorf("From %s and WaId %s", from, id)
	}
	if rep := a.Report(); rep.Masked != 1 || rep.TollFree != 1 || rep.Redacted != 0 {
		t.Errorf("the report counts %+v", rep)
	}
	// Alone, equal ones are equal, whatever the mask.
	one, two := twilio(t, "From", "+1415867****", "To", "28572"), twilio(t, "From", "+1415867XXXX", "To", "28572")
	one = rewrite(t, a, one)
	two = rewrite(t, a, two)
	if got, want := param(two, "From"), strings.ReplaceAll(param(one, "From"), "*", "X"); got != want {
		t.Errorf("one masked number becomes %s and %s", want, got)
	}
}

func TestRedacted(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fields []string
		want   int64
	}{
		{"a text", []string{"Body", "hello there"}, 0},
		{"redacted", []string{"Body", ""}, 1},
		{"a picture", []string{"Body", "", "NumMedia", "1", "MediaUrl0", "https://api.twilio.com/x"}, 0},
		{"a location", []string{"Body", "", "Latitude", "1.5", "Longitude", "2.5"}, 0},
		{"a receipt", []string{"Body", "", "SmsStatus", "delivered", "MessageStatus", "delivered"}, 0},
	} {
		a := newAnonymizer(t, sms.Wide())
		r := twilio(t, append([]string{"From", "+14158675309", "To", "28572"}, tc.fields...)...)
		r = rewrite(t, a, r)
		if rep := a.Report(); rep.Redacted != tc.want || tc.want > 0 && param(r, "Body") != "" {
			t.Errorf("%s: %d redacted, and the text is %q", tc.name, rep.Redacted, param(r, "Body"))
		}
	}
}

// TestOnePerson shows that whoever is known in two ways has one name, in whatever order they are met.
func TestOnePerson(t *testing.T) {
	const number, id = "whatsapp:+14158675309", "whatsapp:US.13491208655302741918"
	both := []string{"From", number, "ExternalUserId", id, "WaId", "14158675309"}
	byID := []string{"From", id, "ExternalUserId", id}
	byNumber := []string{"From", number, "WaId", "14158675309"}
	for _, order := range [][][]string{{both, byID, byNumber}, {byID, both, byNumber}, {byNumber, both, byID}, {byNumber, both, byID, both}} {
		a := newAnonymizer(t, sms.Wide())
		var names, ids, numbers []string
		for _, fields := range order {
			r := twilio(t, append([]string{"To", "28572", "ProfileName", "Sarah Miller"}, fields...)...)
			r = rewrite(t, a, r)
			names = append(names, param(r, "ProfileName"))
			if v := param(r, "ExternalUserId"); v != "" {
				ids = append(ids, v)
			}
			if v := param(r, "WaId"); v != "" {
				numbers = append(numbers, v)
			}
			if from := param(r, "From"); from != param(r, "ExternalUserId") && from != "whatsapp:+"+param(r, "WaId") {
				t.Errorf("From %s is neither the id nor the number", from)
			}
		}
		for _, list := range [][]string{names, ids, numbers} {
			for _, v := range list[1:] {
				if v != list[0] {
					t.Errorf("one person is %v", list)
				}
			}
		}
		if rep := a.Report(); rep.Senders != 1 || rep.UserIDs != 1 || rep.Numbers != 1 {
			t.Errorf("%d senders, %d ids and %d numbers", rep.Senders, rep.UserIDs, rep.Numbers)
		}
	}
}

// TestLateLink shows what holds where the two ways were met apart before: from then on both have the name of the number.
func TestLateLink(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	name := func(fields ...string) string {
		r := twilio(t, append([]string{"To", "28572", "ProfileName", "Sarah Miller"}, fields...)...)
		r = rewrite(t, a, r)
		return param(r, "ProfileName")
	}
	first := name("From", "whatsapp:+14158675309")
	alone := name("From", "whatsapp:US.13491208655302741918")
	both := name("From", "whatsapp:+14158675309", "ExternalUserIdentifier", "US.13491208655302741918")
	later := name("From", "whatsapp:US.13491208655302741918")
	if first != both || both != later || alone == first {
		t.Errorf("the names are %s, %s, %s, %s", first, alone, both, later)
	}
}

// TestOnePersonInJSON shows the same for WhatsApp's own payloads and for JSON in a field of a form.
func TestOnePersonInJSON(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	r := twilio(t, "To", "whatsapp:+18005550199", "From", "whatsapp:US.13491208655302741918", "ProfileName", "Sarah Miller", "ExternalUserId", "US.13491208655302741918",
		"ChannelMetadata", `{"type":"whatsapp","data":{"context":{"ProfileName":"Sarah Miller","ExternalUserId":"US.13491208655302741918","WaId":"14158675309"}}}`)
	r = rewrite(t, a, r)
	var meta struct {
		Data struct {
			Context struct{ ProfileName, ExternalUserID, WaID string } `json:"context"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(strings.NewReplacer("ExternalUserId", "ExternalUserID", "WaId", "WaID").Replace(param(r, "ChannelMetadata"))), &meta); err != nil {
		t.Fatal(err)
	}
	c := meta.Data.Context
	if c.ProfileName != param(r, "ProfileName") || "whatsapp:"+c.ExternalUserID != param(r, "From") || c.ExternalUserID != param(r, "ExternalUserId") {
		t.Errorf("%+v beside %s", c, r.Body)
	}
	cloud := request(t, "/hook", "application/json", `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},`+
		`"contacts":[{"profile":{"name":"Sarah Miller","username":"@sarahm"},"wa_id":"14158675309","user_id":"US.13491208655302741918"}],"messages":[{"from":"14158675309","from_user_id":"US.13491208655302741918","id":"wamid.A","timestamp":"1739321024","type":"text","text":{"body":"hello you"}}]},"field":"messages"}]}]}`,
		"X-Hub-Signature-256", "sha256=00")
	cloud = rewrite(t, a, cloud)
	body := string(cloud.Body)
	for _, want := range []string{`"name":"` + c.ProfileName + `"`, `"from_user_id":"` + c.ExternalUserID + `"`, `"user_id":"` + c.ExternalUserID + `"`, `"from":"` + c.WaID + `"`, `"wa_id":"` + c.WaID + `"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

// TestLedgerLink shows that a later corpus knows who is one person, though it has no record with both.
func TestLedgerLink(t *testing.T) {
	file := t.TempDir() + "/ledger"
	name := func(fields ...string) string {
		l := openLedger(t, file)
		a, err := withLedger(t, l, sms.Wide())
		if err != nil {
			t.Fatal(err)
		}
		r := twilio(t, append([]string{"To", "28572", "ProfileName", "Sarah Miller"}, fields...)...)
		r = rewrite(t, a, r)
		if err := errors.Join(l.Sync(), l.Close()); err != nil {
			t.Fatal(err)
		}
		return param(r, "ProfileName")
	}
	both := name("From", "whatsapp:+14158675309", "ExternalUserId", "US.13491208655302741918", "ExternalUserIdentifier", "US.ENT.11815799212886844830")
	if parent := name("From", "US.ENT.11815799212886844830"); parent != both {
		t.Errorf("%s is %s by the parent's id", both, parent)
	}
	byID, byNumber := name("From", "whatsapp:US.13491208655302741918"), name("From", "+14158675309")
	if both != byID || both != byNumber {
		t.Errorf("%s is %s by id and %s by number", both, byID, byNumber)
	}
	// Versions before this one read each entry as an address, and refuse a ledger that has one twice.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte("\n"))
	seen, next := make(map[string]bool), make(map[string]uint32)
	for ; len(text) >= entryLen; text = text[entryLen:] {
		if text[0] == markClass {
			continue
		}
		group, ordinal, tag := string(text[:2]), binary.LittleEndian.Uint32(text[4:]), string(text[8:entryLen])
		if seen[tag] || ordinal != next[group] || text[1] > maxLength {
			t.Errorf("an entry of class %d and length %d is refused", text[0], text[1])
		}
		seen[tag] = true
		next[group]++
	}
	if len(seen) != 6 { // the number, the short code, and two links
		t.Errorf("the ledger has %d entries", len(seen))
	}
}

// TestBatchOfPeople shows that a batch of many events makes nobody of it one person, but whom one address names, and takes no more than time in proportion.
func TestBatchOfPeople(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	var b strings.Builder
	b.WriteString(`{"meta":{"klaviyo_webhook_id":"1"},"data":[`)
	const events = 5_000
	for i := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		e, _ := json.Marshal(map[string]any{"topic": "event:klaviyo.sent_sms", "external_id": "x", "payload": map[string]any{"included": []any{map[string]any{
			"attributes": map[string]any{"phone_number": 14150000000 + i, "email": "sarah" + string(rune('a'+i%26)) + "@acme.com", "first_name": "Sarah", "last_name": "Miller"},
		}}}})
		b.Write(e)
	}
	b.WriteString("]}")
	r := request(t, "/hook", "application/json", b.String(), "Klaviyo-Signature", "x")
	if r.Vendor != "klaviyo" {
		t.Fatalf("the vendor is %q", r.Vendor)
	}
	r = rewrite(t, a, r)
	if rep := a.Report(); rep.Numbers != events || rep.UserIDs != 26 {
		t.Errorf("%d numbers and %d addresses", rep.Numbers, rep.UserIDs)
	}
	if names := regexp.MustCompile(`"last_name":"[^"]+"`).FindAllString(string(r.Body), -1); len(names) != events || names[0] != names[26] || names[0] == names[1] || strings.Contains(names[0], "Miller") {
		t.Errorf("%d names, such as %v", len(names), names[:min(len(names), 3)])
	}
}

// twilio returns an inbound message with these parameters.
func twilio(t *testing.T, fields ...string) *capture.Record {
	t.Helper()
	body := "AccountSid=AC1&MessageSid=SM1"
	has := func(name string) bool {
		for i := 0; i < len(fields); i += 2 {
			if fields[i] == name {
				return true
			}
		}
		return false
	}
	if !has("SmsStatus") {
		body += "&SmsStatus=received"
	}
	if !has("Body") {
		body += "&Body=hello+there+you"
	}
	for i := 0; i < len(fields); i += 2 {
		body += "&" + fields[i] + "=" + url.QueryEscape(fields[i+1])
	}
	return request(t, "/hook", formType, body)
}

// param returns a parameter of a record's form.
func param(r *capture.Record, name string) string {
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if string(s.Name()) == name {
			return s.Value()
		}
	}
	return ""
}

// TestAgreesAcrossVendors shows that an id of WhatsApp's becomes the same one in every vendor's payload.
func TestAgreesAcrossVendors(t *testing.T) {
	const id = "US.13491208655302741918"
	a := newAnonymizer(t, sms.Wide())
	want := param(rewrite(t, a, twilio(t, "From", "whatsapp:"+id, "To", "28572")), "From")[len("whatsapp:"):]
	for _, r := range []*capture.Record{
		request(t, "/hook", jsonType, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"metadata":{"display_phone_number":"15550783881"},`+
			`"statuses":[{"id":"wamid.C3","status":"delivered","timestamp":"1750263773","recipient_user_id":"`+id+`"}]},"field":"messages"}]}]}`, "X-Hub-Signature-256", "sha256=00"),
		request(t, "/hook", jsonType, `{"app_id":"01EB37HMH1M6SV18BSNS3G135H","accepted_time":"2026-11-27T10:00:04.598Z","project_id":"c36f3d3d-1513-4edd-ae42-11995557ff61","message":{"id":"01EBDTZMYPHM0G1D0AJFEZ0A4P",`+
			`"direction":"TO_APP","contact_message":{"text_message":{"text":"hello you"}},"channel_identity":{"channel":"WHATSAPP","identity":"`+id+`","app_id":""},"conversation_id":"01EB199XQ2CBY50K6WZD9S1A22",`+
			`"contact_id":"01EB197NDA4W7V15NPRCVV0S79","accept_time":"2026-11-27T10:00:03.1Z"}}`, "x-sinch-webhook-signature", "c2ln"),
		request(t, "/hook", jsonType, `{"service":"channels","event":"whatsapp.inbound","payload":{"id":"96a0b5fa-a986-453d-be5c-3117f989f025","channelId":"614208aa-b153-4d5d-9989-2fddfc0ce4c3","sender":{"contact":{"id":"32cf5eee-f940-422c-ab8c-5f753aad5efd",`+
			`"identifierKey":"whatsappbsuid","identifierValue":"`+id+`"}},"receiver":{"connector":{"id":"86cc4dc0-3dc0-41b7-ac43-8ec829ead56f"}},"body":{"type":"text","text":{"text":"Sample incoming text"}},`+
			`"meta":{"extraInformation":{"whatsappbsuid":"`+id+`","whatsappusername":"nelson"}},"status":"delivered","direction":"incoming","createdAt":"2026-11-27T10:00:00.736Z"}}`, "messagebird-signature", "c2ln"),
	} {
		out := rewrite(t, a, r)
		if r.Vendor == "" || strings.Count(string(out.Body), want) != strings.Count(string(r.Body), id) || strings.Contains(string(out.Body), id) {
			t.Errorf("%s: %s is not everywhere in %s", r.Vendor, want, out.Body)
		}
	}
}

// TestNamesInABatch shows that each name of a request with several people is that of its own person.
func TestNamesInABatch(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	contact := func(number, name string) string {
		return `{"profile":{"name":"` + name + `"},"wa_id":"` + number + `"}`
	}
	cloud := func(contacts ...string) *capture.Record {
		return request(t, "/hook", jsonType, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"metadata":{"display_phone_number":"15550783881"},"contacts":[`+strings.Join(contacts, ",")+
			`],"messages":[{"from":"14158675309","id":"wamid.A","timestamp":"1739321024","type":"text","text":{"body":"hello } you"}}]},"field":"messages"}]}]}`, "X-Hub-Signature-256", "sha256=00")
	}
	names := func(r *capture.Record) (list []string) {
		for _, m := range regexp.MustCompile(`"name":"([^"]*)"`).FindAllStringSubmatch(string(rewrite(t, a, r).Body), -1) {
			list = append(list, m[1])
		}
		return list
	}
	one, other := contact("14158675309", "Sarah { Miller"), contact("14158675310", "Tom Baker")
	both := names(cloud(one, other))
	if len(both) != 2 || both[0] == both[1] || names(cloud(one))[0] != both[0] {
		t.Errorf("the names are %v, and alone %v", both, names(cloud(one)))
	}
	if swapped := names(cloud(other, one)); swapped[0] != both[1] || swapped[1] != both[0] {
		t.Errorf("the names are %v, and %v the other way round", both, swapped)
	}
	if got := param(rewrite(t, a, twilio(t, "From", "whatsapp:+14158675310", "To", "28572", "ProfileName", "Tom Baker")), "ProfileName"); got != both[1] {
		t.Errorf("%s is %s in a message of their own", both[1], got)
	}
}

// TestPrefixesStay shows that a channel's prefix stays before an id of an account, and of a message.
func TestPrefixesStay(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for _, got := range []string{a.id("whatsapp:wamid4F2Ab"), a.account("whatsapp:wamid4F2Ab")} {
		if want := "whatsapp:" + a.id("wamid4F2Ab"); got != want || strings.Contains(got, "4F2Ab") {
			t.Errorf("an id becomes %s, not %s", got, want)
		}
	}
}
