package vonage

import "reprise/capture/dialect"

// smsFields are those of the SMS API's messages and delivery receipts
// (https://developer.vonage.com/en/messaging/sms/guides/inbound-sms). msisdn is the handset in both.
func smsFields() dialect.Fields {
	return dialect.Fields{
		"msisdn": dialect.Person, "to": dialect.Business,
		"messageId": dialect.ID, "client-ref": dialect.ID, "concat-ref": dialect.ID,
		"api-key": dialect.Account,
		"text":    dialect.Text, "keyword": dialect.TextWord,
		"data": dialect.Unknown, "udh": dialect.Unknown, // a binary message: known, and withheld
		"network-code": dialect.Place,
		"sig":          dialect.Secret, "nonce": dialect.Secret,
		"message-timestamp": dialect.Time, "timestamp": dialect.Time, "scts": dialect.Time,
		"type": dialect.Keep, "concat": dialect.Keep, "concat-total": dialect.Keep, "concat-part": dialect.Keep,
		"price": dialect.Keep, "status": dialect.Keep, "err-code": dialect.Keep,
	}
}

// messagesFields are those of the Messages API (https://developer.vonage.com/en/api/messages-olympus).
func messagesFields(t dialect.EventType) dialect.Fields {
	from, to := dialect.Person, dialect.Business
	if t == dialect.Receipt {
		from, to = to, from
	}
	f := dialect.Fields{
		"from": from, "to": to, "from.number": from, "to.number": to, "from.type": dialect.Keep, "to.type": dialect.Keep,
		"message_uuid": dialect.ID, "client_ref": dialect.ID, "context.message_uuid": dialect.ID,
		"api_key": dialect.Account,
		"text":    dialect.Text, "message.content.text": dialect.Text, "sms.keyword": dialect.TextWord,
		"profile.name": dialect.Name, "origin.network_code": dialect.Place, "destination.network_code": dialect.Place,
		"timestamp": dialect.Time,
		"channel":   dialect.Keep, "message_type": dialect.Keep, "status": dialect.Keep,
		"message.content.type": dialect.Keep,
		"sms.num_messages":     dialect.Segments, "sms.total_count": dialect.Segments, "sms.count_total": dialect.Segments,
		"usage.price": dialect.Keep, "usage.currency": dialect.Keep,
		"error.type": dialect.Link, "error.title": dialect.Keep, "error.detail": dialect.Text, "error.instance": dialect.ID,
	}
	rich(f)
	for _, media := range [...]string{"image", "video", "audio", "file", "vcard", "sticker"} {
		f[media+".url"] = dialect.Link
		f[media+".name"] = dialect.Text
		f[media+".caption"] = dialect.Text
	}
	return f
}

// rich adds what messages of WhatsApp and of RCS hold besides: what was tapped, places, orders, and what they answer.
func rich(f dialect.Fields) {
	for name, class := range (dialect.Fields{
		"reply.id": dialect.Text, "reply.title": dialect.Text, "reply.description": dialect.Text, "button.payload": dialect.Text, "button.text": dialect.Text,
		"location.lat": dialect.Place, "location.long": dialect.Place, "location.name": dialect.Place, "location.address": dialect.Place,
		"reaction.action": dialect.Keep, "reaction.emoji": dialect.Text,
		"order.catalog_id": dialect.Account, "order.text": dialect.Text, "order.product_items.*.product_retailer_id": dialect.Account,
		"order.product_items.*.quantity": dialect.Keep, "order.product_items.*.item_price": dialect.Keep, "order.product_items.*.currency": dialect.Keep,
		"context.message_from": dialect.Business, "context_status": dialect.Keep,
		"whatsapp.referral.body": dialect.Text, "whatsapp.referral.headline": dialect.Text, "whatsapp.referral.source_id": dialect.ID,
		"whatsapp.referral.source_type": dialect.Keep, "whatsapp.referral.source_url": dialect.Link, "whatsapp.referral.ctwa_clid": dialect.ID,
		"whatsapp.pricing.type": dialect.Keep, "whatsapp.pricing.pricing_model": dialect.Keep, "whatsapp.pricing.category": dialect.Keep,
		"whatsapp.conversation.id": dialect.ID, "whatsapp.conversation.origin.type": dialect.Keep,
	}) {
		f[name] = class
	}
}
