package dialect

import "testing"

func TestDetail(t *testing.T) {
	v := New(Vendor{Name: "acme", Layout: Layout{Details: map[string]Detail{"area": {Is: Region, Recipient: true}, "city": {}}}})
	for _, tc := range []struct {
		name  string
		class Class
		want  Detail
	}{
		{"area", Place, Detail{Region, true}},
		{"city", Place, Detail{}}, // the table goes before what the name tells
		{"FromCity", Place, Detail{City, false}},
		{"data.to.postal_code", Place, Detail{PostalCode, true}},
		{"destination.network_code", Place, Detail{NetworkCode, true}},
		{"CalledCountry", Place, Detail{Country, true}},
		{"mcc", Place, Detail{MCC, false}},
		{"state_mnc", Place, Detail{Region, false}},
		{"latitude", Place, Detail{}},
		{"to.carrier", Name, Detail{Carrier, true}},
		{"network", Name, Detail{Carrier, false}},
		{"city_name", Name, Detail{}},
		{"customer.last_name", Name, Detail{LastName, false}},
		{"first_name", Name, Detail{FirstName, false}},
		{"profile.username", Name, Detail{UserName, false}},
	} {
		if got := v.Detail(tc.name, tc.class); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

func TestIsMedia(t *testing.T) {
	for name, want := range map[string]bool{
		"MediaUrl#": true, "media.*.url": true, "image.url": true, "*.message.content.media.fileUrl": true, "payload.file_uri": true, "": false,
		"webhook_url": false, "meta.delivered_to": false, "error.type": false, "whatsapp.referral.source_url": false, "ReferralMediaUrl": false, "messaging_profile.url": false,
	} {
		if got := IsMedia(name); got != want {
			t.Errorf("IsMedia(%q) = %v, want %v", name, got, want)
		}
	}
}
