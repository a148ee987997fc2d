package render

import (
	"fmt"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
)

// telnyxTo is a message of Telnyx to several numbers; null is one of them that is none.
func telnyxTo(kind capture.Kind, numbers ...string) *capture.Record {
	list := make([]string, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, fmt.Sprintf(`{"phone_number":%q}`, n))
	}
	body := `{"data":{"event_type":"message.received","payload":{"direction":"inbound","from":{"phone_number":"+14155551234"},"to":[` +
		strings.Join(append(list, `{"phone_number":null}`), ",") + `],"text":"hi"}}}`
	return &capture.Record{
		Method: "POST", URL: "/t", Host: "h", Headers: []capture.Header{{Name: "Content-Type", Value: "application/json"}},
		Body: []byte(body), Vendor: "telnyx", Kind: kind, Message: capture.Message{From: "+14155551234", To: numbers[0]},
	}
}

func TestAddresses(t *testing.T) {
	receipt := twilioRecord(4, "ACME", "+14155551234")
	receipt.Kind = capture.Status
	receipt.Body = append(receipt.Body, "&MessageStatus=sent"...)
	inPath := twilioRecord(5, "+14155551235", "28572")
	inPath.URL = "/orders/12125559999/in"
	broken := telnyxTo(capture.Unrecognized, "+12125550009")
	broken.Body = broken.Body[:40]
	a := NewAddresses(all.Table(), true)
	for _, rec := range []*capture.Record{
		twilioRecord(1, "+14155551234", "+12125550001"), twilioRecord(2, "whatsapp:+14155551234", "whatsapp:+12125550001"),
		telnyxTo(capture.Unrecognized, "28572", "+12125550002", "+12125550001"), receipt, inPath, broken,
		{Method: "GET", URL: "/", Host: "h"},
	} {
		a.Observe(rec)
	}
	want := []Address{{"+12125550001", sms.E164}, {"28572", sms.ShortCode}, {"+12125550002", sms.E164}, {"ACME", sms.Alphanumeric}}
	if got := a.List(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the list is %v", got)
	}
	if a.People() != 2 || a.Unread() != 2 {
		t.Errorf("%d people, %d unread", a.People(), a.Unread())
	}
	places, ok := a.In(telnyxTo(capture.Unrecognized, "28572", "+12125550002", "+12125550002"))
	if fmt.Sprint(places) != "[1 2]" || !ok {
		t.Errorf("a message is for %v, %t", places, ok)
	}
}

func TestAssign(t *testing.T) {
	a := NewAddresses(all.Table(), false)
	for i, to := range []string{"28572", "+12125550001", "28573", "+12125550002", "ACME"} {
		a.Observe(twilioRecord(i, "+14155551234", to))
	}
	for _, tc := range []struct {
		name, list string
		want       string
		outside    string
	}{
		{"each sort by itself", "+13105550001 72345 +13105550002 24680", "72345 +13105550001 24680 +13105550002", "[4]"},
		{"more than are needed", "1234 1235 1236 +13105550001 +13105550002 +13105550003", "1234 +13105550001 1235 +13105550002", "[4]"},
		{"too few of one", "72345 +13105550001 +13105550002 +13105550003", "72345 +13105550001 - +13105550002", "[2 4]"},
		{"none", "", "- - - -", "[0 1 2 3 4]"},
	} {
		to, outside := a.Assign(strings.Fields(tc.list))
		var got []string
		for _, name := range []string{"28572", "+12125550001", "28573", "+12125550002"} {
			if to[name] == "" {
				to[name] = "-"
			}
			got = append(got, to[name])
		}
		if strings.Join(got, " ") != tc.want || fmt.Sprint(outside) != tc.outside {
			t.Errorf("%s: %v, outside %v", tc.name, got, outside)
		}
	}
	to, outside := a.AssignPairs(map[string]string{"28572": "+13105550001", "ACME": "TEST", "+12125550001": "+13105550001", "99999": "1"})
	if len(to) != 3 || to["ACME"] != "TEST" || to["28572"] != "+13105550001" || fmt.Sprint(outside) != "[2 3]" {
		t.Errorf("pairs: %v, outside %v", to, outside)
	}
}

// A number is written as its vendor writes its like, whatever it takes the place of.
func TestRecipientsAreWrittenAsTheVendorDoes(t *testing.T) {
	o := Options{Recipients: map[string]string{"+12125550001": "72345", "28572": "+13105550001", "+12125550002": "+13105550002", "ACME": "+13105550003"}}
	for _, tc := range []struct{ from, to, want string }{
		{"+14155551234", "+12125550001", "72345"},
		{"14155551234", "12125550001", "72345"},
		{"whatsapp:+14155551234", "whatsapp:+12125550001", "whatsapp:72345"},
		{"+14155551234", "28572", "+13105550001"},
		{"14155551234", "28572", "13105550001"},
		{"4155551234", "28572", "3105550001"},
		{"004155551234", "+12125550002", "+13105550002"},
		{"14155551234", "12125550002", "13105550002"},
		{"+14155551234", "2125550002", "3105550002"},
		{"14155551234", "ACME", "13105550003"},
		{"+14155551234", "+12125550009", "+12125550009"},
	} {
		m := rendered(t, renderer(t, o), twilioRecord(1, tc.from, tc.to), 0)
		if got := form(t, m).Get("To"); got != tc.want || form(t, m).Get("From") != tc.from {
			t.Errorf("from %s to %s: written as %s, want %s", tc.from, tc.to, got, tc.want)
		}
	}
	out := string(rendered(t, renderer(t, o), telnyxTo(capture.Unrecognized, "+12125550001", "28572"), 0).Body)
	if !strings.Contains(out, `"to":[{"phone_number":"72345"},{"phone_number":"+13105550001"},{"phone_number":null}]`) {
		t.Errorf("a list is %s", out)
	}
	rec := twilioRecord(1, "+14155551234", "+12125550002")
	rec.URL = "/in/+12125550002/12125559999?To=%2b12125550002"
	if got := rendered(t, renderer(t, o), rec, 0).URL; got != "/in/+13105550002/12125559999?To=%2b13105550002" {
		t.Errorf("the URL is %s", got)
	}
}

// The people of copies come behind those of the corpus.
func TestSendersOfTheWholeCorpus(t *testing.T) {
	a := NewAddresses(all.Table(), true)
	for i := range 3 {
		a.Observe(twilioRecord(i, fmt.Sprintf("+1415555000%d", i), "+12125550001"))
	}
	list := []string{"+13105550000", "+13105550001", "+13105550002", "+13105550003"}
	for _, tc := range []struct {
		raw    string
		person int
		want   string
	}{
		{"+14155550002", 0, list[2]},
		{"14155550000", 0, list[0]},
		{"+14155550000", 1, list[3]},
		{"whatsapp:+14155550002", 1, list[1]},
		{"+14155550001", 2, list[3]},
		{"ACME", 0, ""},
		{"", 0, ""},
	} {
		w := senderMapping{senders: a.Senders(list)}
		if got, ok := w.of(tc.raw, tc.person); got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s, person %d became %s, want %s", tc.raw, tc.person, got, tc.want)
		}
	}
	s, outside := a.SenderPairs(map[string]string{"+14155550000": "+13105550000", "+14155550002": "+13105550000", "+14155550009": "1"})
	if number, ok := s.of("+14155550002", 0); number != "+13105550000" || !ok || outside != 1 {
		t.Errorf("pairs: %s, %t, outside %d", number, ok, outside)
	}
	if _, ok := s.of("+14155550001", 0); ok {
		t.Error("one who is in no pair became another")
	}
}
