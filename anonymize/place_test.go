package anonymize

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"reprise/anonymize/texts"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
)

// TestPlacesAgree shows that city, state, postcode and country are of one place, and that the number's area code is of it, too.
func TestPlacesAgree(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for i := range 40 {
		r := rewrite(t, a, twilio(t, "From", fmt.Sprintf("+1%d5%05d", 4156+i*31, i), "To", fmt.Sprintf("+180055501%02d", i),
			"FromCity", "PORTLAND", "FromState", "OR", "FromZip", "97201", "FromCountry", "US", "ToCity", "Boston", "ToState", "MA", "ToZip", "02101", "ToCountry", "US"))
		for _, side := range []string{"From", "To"} {
			number := param(r, side)
			p := texts.New().Place([2]uint64{1, 1}, number[2:5])
			city, state, zip, country := param(r, side+"City"), param(r, side+"State"), param(r, side+"Zip"), param(r, side+"Country")
			if !strings.EqualFold(city, p.City) || state != p.State || zip[:1] != p.Zip[:1] || p.Country == "US" && zip[:3] != p.Zip[:3] || country != p.Country {
				t.Errorf("%s is in %s, %s %s, %s; its area code is of %+v", number, city, state, zip, country, p)
			}
			if side == "To" && isTollFree(number) {
				t.Errorf("a toll-free number became %s", number)
			}
		}
	}
	if rep := a.Report(); rep.TollFree != 40 {
		t.Errorf("%d toll-free numbers are counted", rep.TollFree)
	}
}

// TestPlacesOfEvents shows the same where no message says who it is: of vendors' profiles, the person is the one of whom they tell.
func TestPlacesOfEvents(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	order := `{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","order_number":1234,"email":"sarah@gmail.com","phone":"+15035550142",` +
		`"shipping_address":{"first_name":"Sarah","last_name":"Miller","name":"Sarah Miller","city":"Portland","zip":"97201","province":"Oregon","province_code":"OR","country":"United States","country_code":"US","phone":"+15035550142"}}`
	r := rewrite(t, a, request(t, "/hook", jsonType, order, "X-Shopify-Hmac-Sha256", "eA==", "X-Shopify-Topic", "orders/create"))
	get := func(key string) string {
		m := regexp.MustCompile(`"` + key + `":"([^"]*)"`).FindStringSubmatch(string(r.Body))
		if m == nil {
			t.Fatalf("%s is not in %s", key, r.Body)
		}
		return m[1]
	}
	p := texts.New().Place([2]uint64{1, 1}, get("phone")[2:5])
	if get("city") != p.City || get("province") != p.StateName || get("province_code") != p.State || get("country") != p.CountryName ||
		get("country_code") != p.Country || get("zip")[:1] != p.Zip[:1] {
		t.Errorf("the area code is of %+v, and the order has %s", p, r.Body)
	}
	if get("name") != get("first_name")+" "+get("last_name") || get("last_name") == "Miller" {
		t.Errorf("the names are %s, %s and %s", get("name"), get("first_name"), get("last_name"))
	}
	// Of another with the same address and no number, the name and the place are the same.
	again := `{"id":1,"admin_graphql_api_id":"gid://shopify/Order/1","order_number":1234,"email":"Sarah@gmail.com","shipping_address":{"first_name":"Sarah","last_name":"Miller"}}`
	first := get("first_name")
	r = rewrite(t, a, request(t, "/hook", jsonType, again, "X-Shopify-Hmac-Sha256", "eA==", "X-Shopify-Topic", "orders/create"))
	if get("first_name") != first {
		t.Errorf("one person is %s, and by address alone %s", first, get("first_name"))
	}
}

// TestTollFreeGiven shows that a toll-free number that the user maps becomes what the user says, and is not counted.
func TestTollFreeGiven(t *testing.T) {
	a, err := New(Options{Key: testKey(), Table: all.Table(), Recipients: map[string]string{"+18005550199": "+18335550142"}})
	if err != nil {
		t.Fatal(err)
	}
	r := rewrite(t, a, twilio(t, "From", "+14158675309", "To", "+18005550199"))
	if rep := a.Report(); param(r, "To") != "+18335550142" || rep.TollFree != 0 {
		t.Errorf("it became %s, and %d are counted", param(r, "To"), rep.TollFree)
	}
}
