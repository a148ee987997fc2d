package twilio

import "reprise/capture/dialect"

// layout says what the fields hold. Whether From or To is the person depends on what the payload tells of.
func layout() dialect.Layout {
	return dialect.Layout{
		Headers: headers(), Shared: dialect.Fields{"x-home-region": dialect.Keep},
		Variants: []dialect.Fields{fields(dialect.Inbound), fields(dialect.Receipt)}, Variant: variant, Settle: settle, Details: details(),
	}
}

// details say of the fields of places whose they are: From and Caller are the sender.
func details() map[string]dialect.Detail {
	d := map[string]dialect.Detail{
		"MCC": {Is: dialect.MCC}, "MNC": {Is: dialect.MNC}, "Latitude": {}, "Longitude": {}, "Address": {}, "Label": {}, "ProfileName": {},
	}
	for _, party := range [...]struct {
		name      string
		recipient bool
	}{{"From", false}, {"Caller", false}, {"To", true}, {"Called", true}} {
		d[party.name+"City"] = dialect.Detail{Is: dialect.City, Recipient: party.recipient}
		d[party.name+"State"] = dialect.Detail{Is: dialect.Region, Recipient: party.recipient}
		d[party.name+"Zip"] = dialect.Detail{Is: dialect.PostalCode, Recipient: party.recipient}
		d[party.name+"Country"] = dialect.Detail{Is: dialect.Country, Recipient: party.recipient}
	}
	for _, name := range contextNames() {
		if detail, ok := d[name]; ok {
			d[channelContext+name] = detail
		}
	}
	return d
}

// regions are the words of X-Home-Region.
func regions() []string {
	return []string{"us", "ie", "au", "de", "jp", "sg", "in", "dub", "sao", "ashburn"}
}

// headers are the headers that Twilio adds, in lower case.
func headers() dialect.Fields {
	return dialect.Fields{
		"i-twilio-idempotency-token": dialect.ID,
		"x-twilio-signature":         dialect.Secret,

		"x-twilio-webhooks-signature-settings": dialect.Secret,
	}
}

// fields are the parameters of messaging webhooks and status callbacks, of SMS, MMS, WhatsApp and RCS
// (https://www.twilio.com/docs/messaging/guides/webhook-request). Twilio adds parameters without notice.
func fields(t dialect.EventType) dialect.Fields {
	from, to := dialect.Person, dialect.Business
	if t == dialect.Receipt {
		from, to = to, from
	}
	all := dialect.Fields{
		"From": from, "To": to, "Caller": from, "Called": to,
		"WaId": dialect.Person,
		// WhatsApp's id of the person, as one changelog or another spells its name
		// (https://www.twilio.com/en-us/changelog/whatsapp-bsuid-format-in-conversations-and-webhook-fields).
		"ExternalUserId": dialect.Person, "ExternalUserIdentifier": dialect.Person,
		"ChannelToAddress":             dialect.Person,
		"OriginalRepliedMessageSender": dialect.Business,

		"MessageSid": dialect.ID, "SmsSid": dialect.ID, "SmsMessageSid": dialect.ID,
		"OriginalRepliedMessageSid": dialect.ID,
		"ReferralCtwaClid":          dialect.ID, "ReferralSourceId": dialect.ID, "ReferralMediaId": dialect.ID,
		"EventSid": dialect.ID, "RequestUuid": dialect.ID,

		"AccountSid": dialect.Account, "MessagingServiceSid": dialect.Account, "ChannelInstallSid": dialect.Account,
		"ContentSid": dialect.Account, "AddressSid": dialect.Account,

		"Body": dialect.Text, "ButtonText": dialect.Text, "ButtonPayload": dialect.Text,
		"ListId": dialect.Text, "ListTitle": dialect.Text, "ListDescription": dialect.Text,
		"ReferralBody": dialect.Text, "ReferralHeadline": dialect.Text,
		"ErrorMessage": dialect.Text, "ChannelStatusMessage": dialect.Text,

		"FromCity": dialect.Place, "FromState": dialect.Place, "FromZip": dialect.Place, "FromCountry": dialect.Place,
		"ToCity": dialect.Place, "ToState": dialect.Place, "ToZip": dialect.Place, "ToCountry": dialect.Place,
		"CallerCity": dialect.Place, "CallerState": dialect.Place, "CallerZip": dialect.Place, "CallerCountry": dialect.Place,
		"CalledCity": dialect.Place, "CalledState": dialect.Place, "CalledZip": dialect.Place, "CalledCountry": dialect.Place,
		"Latitude": dialect.Place, "Longitude": dialect.Place, "Address": dialect.Place, "Label": dialect.Place,
		"MCC": dialect.Place, "MNC": dialect.Place,

		"ProfileName": dialect.Name,

		"MediaUrl#": dialect.Link, "ReferralSourceUrl": dialect.Link, "ReferralMediaUrl": dialect.Link,

		"NumSegments":    dialect.Segments,
		"RawDlrDoneDate": dialect.Time,
		"bodySHA256":     dialect.Secret, // of the JSON in the body, part of its signature

		"ApiVersion": dialect.Keep, "SmsStatus": dialect.Keep, "MessageStatus": dialect.Keep,
		"NumMedia": dialect.Keep, "MediaContentType#": dialect.Keep, "MediaContentType": dialect.Keep,
		"OptOutType": dialect.Keep, "ErrorCode": dialect.Keep, "ChannelPrefix": dialect.Keep,
		"MessageType": dialect.Keep, "EventType": dialect.Keep, "StructuredMessage": dialect.Keep,
		"Forwarded": dialect.Keep, "FrequentlyForwarded": dialect.Keep, "ButtonType": dialect.Keep,
		"ReferralSourceType": dialect.Keep, "ReferralMediaContentType": dialect.Keep, "ReferralNumMedia": dialect.Keep,
		"Price": dialect.Keep, "PriceUnit": dialect.Keep,

		// JSON in a field, read field by field. What a flow asked, and what was answered, nobody lists: those values are withheld.
		"ChannelMetadata": dialect.JSON, "InteractiveData": dialect.JSON, "FlowData": dialect.JSON,
		"ChannelMetadata.type": dialect.Keep,

		// JSON in a field: known, and withheld.
		"AddOns": dialect.Unknown, "MessageData": dialect.Unknown, "Contacts": dialect.Unknown,
	}
	for _, name := range contextNames() {
		all[channelContext+name] = all[name]
	}
	otherFields(all, from, to)
	return all
}

// channelContext is where ChannelMetadata says again what parameters of the channel say: {"type":"whatsapp","data":{"context":{"WaId":…}}}.
const channelContext = "ChannelMetadata.data.context."

// contextNames are the parameters that may stand there.
func contextNames() []string {
	return []string{
		"ProfileName", "WaId", "ExternalUserId", "ExternalUserIdentifier", "MessageType",
		"ButtonText", "ButtonPayload", "ButtonType", "ListId", "ListTitle", "ListDescription",
		"Forwarded", "FrequentlyForwarded", "OriginalRepliedMessageSid", "OriginalRepliedMessageSender",
		"Latitude", "Longitude", "Address", "Label",
		"ReferralBody", "ReferralHeadline", "ReferralSourceId", "ReferralSourceType", "ReferralSourceUrl", "ReferralMediaId",
		"ReferralMediaContentType", "ReferralMediaUrl", "ReferralNumMedia", "ReferralCtwaClid",
	}
}
