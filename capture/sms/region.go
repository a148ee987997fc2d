package sms

import "github.com/nyaruka/phonenumbers"

// Region returns the ISO 3166 code of the country that a canonical telephone number belongs to, such as "GB", and "" where
// there is none. Under +1 the area code decides; of several countries that share another calling code it is the main one,
// so that "+" and three digits decide, and under +1 the area code. It parses the number, which takes some ten microseconds.
func Region(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	region := ""
	if n.GetCountryCode() == 1 {
		region = phonenumbers.GetRegionCodeForNumber(n)
	}
	if region == "" || region == unknownRegion {
		region = phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	}
	if region == unknownRegion {
		return ""
	}
	return region
}

// IsValid says whether a canonical telephone number is of a length and a range that its country gives out. It parses the number, which
// takes some ten microseconds.
func IsValid(number string) bool {
	n, err := phonenumbers.Parse(number, "")
	return err == nil && phonenumbers.IsValidNumber(n)
}

// unknownRegion is libphonenumber's name for no country.
const unknownRegion = "ZZ"
