package sms

import "github.com/nyaruka/phonenumbers"

// Region returns the ISO 3166 code of the country whose numbering plan a canonical telephone number belongs to, such as
// "GB", and "" where there is none. It parses the number, which takes some ten microseconds: remember what it says.
func Region(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	if region := phonenumbers.GetRegionCodeForNumber(n); region != "" && region != "ZZ" {
		return region
	}
	if region := phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode())); region != "ZZ" {
		return region
	}
	return ""
}
