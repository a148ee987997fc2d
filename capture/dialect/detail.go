package dialect

import "strings"

// Detail says more of a field of class Place or Name: which part it is, and of whom.
type Detail struct {
	Is Aspect
	// Recipient says that the field is about whom the message goes to; else it is about the sender.
	Recipient bool
}

// Aspect is the part of a place or of a name that a field holds.
type Aspect uint8

// The aspects. Of a Place, Other is one that nothing is put in place of, such as a latitude; of a Name it is a person's whole name.
const (
	Other Aspect = iota
	City
	Region     // a state or a province
	PostalCode // a ZIP code in the US
	Country
	MCC         // mobile country code (ITU-T E.212), three digits
	MNC         // mobile network code
	NetworkCode // both, the country code first
	Carrier     // a network's name
	FirstName   // of a person, as LastName is
	LastName
	UserName // that a person has chosen: one word
)

// Detail says what the vendor's table says of a field of class Place or Name, by its name as Field.Name spells it. Of a field that the
// table does not list, as those are that a policy or a user's own map names, it says what the name tells.
func (v *Vendor) Detail(name string, class Class) Detail {
	if d, ok := v.Layout.Details[name]; ok {
		return d
	}
	return DetailByName(name, class)
}

// DetailByName says what a field's name tells, where no table does: "from_city".
func DetailByName(name string, class Class) Detail {
	name = strings.ToLower(name)
	has := func(word string) bool { return strings.Contains(name, word) }
	d := Detail{Recipient: strings.HasPrefix(name, "to") || has(".to.") || strings.HasSuffix(name, ".to") ||
		strings.HasPrefix(name, "called") || strings.HasPrefix(name, "destination") || has(".destination")}
	switch {
	case class == Name && (has("carrier") || has("network")):
		d.Is = Carrier
	case class == Name && (has("last") || has("surname") || has("family")):
		d.Is = LastName
	case class == Name && (has("first") || has("given")):
		d.Is = FirstName
	case class == Name && has("username"):
		d.Is = UserName
	case class == Name:
	case has("city"):
		d.Is = City
	case has("state") || has("region") || has("province"):
		d.Is = Region
	case has("zip") || has("postal"):
		d.Is = PostalCode
	case has("country"):
		d.Is = Country
	case has("mcc") && has("mnc"):
		d.Is = NetworkCode
	case has("mcc"):
		d.Is = MCC
	case has("mnc"):
		d.Is = MNC
	case has("network"):
		d.Is = NetworkCode
	}
	return d
}

// IsMedia says by its name that a field of class Link leads to what came with a message, as a picture, and not to a page or to a webhook.
func IsMedia(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "profile", "")
	if strings.Contains(name, "referral") { // what an advertisement showed
		return false
	}
	for _, word := range []string{"media", "image", "audio", "video", "file", "vcard", "sticker", "attachment", "thumbnail"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
