package telnyx

import "reprise/capture/dialect"

// layout says what the fields hold. Whether from or to is the person depends on the event.
func layout() dialect.Layout {
	return dialect.Layout{
		Headers: dialect.Fields{signatureHeader: dialect.Secret}, Shared: dialect.Fields{timestampHeader: dialect.Time},
		Variants: []dialect.Fields{fields(dialect.Inbound), fields(dialect.Receipt)}, Variant: variant,
		Details: map[string]dialect.Detail{
			"data.payload.from.carrier": {Is: dialect.Carrier}, "data.payload.cc.*.carrier": {Is: dialect.Carrier},
			"data.payload.to.carrier": {Is: dialect.Carrier, Recipient: true}, "data.payload.to.*.carrier": {Is: dialect.Carrier, Recipient: true},
			"data.payload.body.location.latitude": {}, "data.payload.body.location.longitude": {},
		},
	}
}

// fields are those of a message event (https://developers.telnyx.com/docs/messaging/messages/receive-message).
func fields(t dialect.EventType) dialect.Fields {
	from, to := dialect.Person, dialect.Business
	if t == dialect.Receipt {
		from, to = to, from
	}
	f := dialect.Fields{
		"data.record_type": dialect.Keep, "data.event_type": dialect.Keep,
		"data.id": dialect.ID, "data.occurred_at": dialect.Time,
		"meta.attempt": dialect.Keep, "meta.delivered_to": dialect.Link,
	}
	of := dialect.Fields{
		"id": dialect.ID, "record_type": dialect.Keep, "direction": dialect.Keep, "type": dialect.Keep,
		"messaging_profile_id": dialect.Account, "organization_id": dialect.Account,
		"from": from, "to": to, "cc": dialect.Person,
		"text": dialect.Text, "subject": dialect.Text,
		"media.*.url": dialect.Link, "media.*.content_type": dialect.Keep, "media.*.size": dialect.Keep,
		"media.*.hash_sha256": dialect.ID, "media.*.sha256": dialect.ID, "media": dialect.Keep,
		"encoding": dialect.Encoding, "parts": dialect.Segments, "num_chars": dialect.Unknown,
		"tags.*": dialect.Account, "tags": dialect.Keep,
		"cost": dialect.Keep, "cost.amount": dialect.Keep, "cost.currency": dialect.Keep,
		"cost_breakdown":                      dialect.Keep,
		"cost_breakdown.rate.amount":          dialect.Keep,
		"cost_breakdown.rate.currency":        dialect.Keep,
		"cost_breakdown.carrier_fee.amount":   dialect.Keep,
		"cost_breakdown.carrier_fee.currency": dialect.Keep,
		"tcr_campaign_id":                     dialect.Account, "tcr_campaign_registered": dialect.Keep,
		"tcr_campaign_billable": dialect.Keep,
		"received_at":           dialect.Time, "sent_at": dialect.Time, "completed_at": dialect.Time, "valid_until": dialect.Time,
		"errors": dialect.Keep, "errors.*.code": dialect.Keep, "errors.*.title": dialect.Keep,
		"errors.*.detail": dialect.Text, "errors.*.source.pointer": dialect.Keep, "errors.*.meta.url": dialect.Link,
		"webhook_url": dialect.Link, "webhook_failover_url": dialect.Link,
		"autoresponse_type": dialect.Keep, "is_spam": dialect.Keep, "wait_seconds": dialect.Keep,
		"smart_encoding_applied": dialect.Keep, "group_message_id": dialect.ID,
	}
	party := func(path string, number dialect.Class) {
		of[path+".phone_number"] = number
		of[path+".carrier"] = dialect.Name
		of[path+".line_type"] = dialect.Keep
		of[path+".status"] = dialect.Keep
		of[path+".agent_id"], of[path+".agent_name"] = dialect.Business, dialect.Account
	}
	rich(of)
	party("from", from)
	party("to", to)
	party("to.*", to)
	party("cc.*", dialect.Person)
	of["to.*"], of["cc.*"] = to, dialect.Person
	for name, class := range of {
		f["data.payload."+name] = class
	}
	return f
}

// rich adds what an RCS message holds: Google's schema in snake case
// (https://developers.telnyx.com/docs/messaging/messages/receiving-rcs-webhooks).
func rich(of dialect.Fields) {
	of["body"], of["body.text"] = dialect.Keep, dialect.Text
	of["body.suggestion_response.text"], of["body.suggestion_response.postback_data"] = dialect.Text, dialect.Text
	of["body.location.latitude"], of["body.location.longitude"] = dialect.Place, dialect.Place
	of["rcs_message_category"] = dialect.Keep
	for _, file := range [...]string{"body.user_file.payload", "body.user_file.thumbnail"} {
		of[file+".file_uri"], of[file+".file_name"] = dialect.Link, dialect.Text
		of[file+".mime_type"], of[file+".file_size_bytes"] = dialect.Keep, dialect.Keep
	}
}
