package telnyx

import (
	"strconv"

	"reprise/capture/dialect"
)

// maker writes messages and receipts in the shapes of the vendor's documentation.
func maker() *dialect.Maker {
	return &dialect.Maker{
		Order: 2, Weight: 25, MediaType: "application/json",
		States:  [2][]string{{"sent", "delivered"}, {"sent", "delivery_failed"}},
		Account: dialect.UUIDAccount, Message: writeMessage, ID: appendID, Receipt: writeReceipt,
	}
}

func writeMessage(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) {
	const layout = "2006-01-02T15:04:05.000-07:00"
	carriers := [...]string{"T-Mobile USA", "Verizon Wireless", "AT&T Mobility", "US Cellular"}
	b = append(b, `{"data":{"event_type":"message.received","id":"`...)
	b = append(dialect.AppendUUID(b, d.Random), `","occurred_at":"`...)
	b = append(d.At.AppendFormat(b, layout), `","payload":{"cc":[],"completed_at":null,"cost":null,"direction":"inbound","encoding":"`...)
	b = append(append(b, d.Size.Encoding.String()...), `","errors":[],"from":{"carrier":"`...)
	b = append(append(b, carriers[d.Random.IntN(len(carriers))]...), `","line_type":"Wireless","phone_number":"`...)
	b = append(dialect.AppendInJSON(b, d.From), `"},"id":"`...)
	idAt = len(b)
	b = d.AppendID(b, dialect.AppendInJSON, func(b []byte) []byte { return dialect.AppendUUID(b, d.Random) })
	idLen = len(b) - idAt
	b = append(b, `","media":[],"messaging_profile_id":"`...)
	b = append(dialect.AppendInJSON(b, d.Profile), `","organization_id":"`...)
	b = append(dialect.AppendInJSON(b, d.Account), `","parts":`...)
	b = append(strconv.AppendInt(b, int64(d.Size.Parts), 10), `,"received_at":"`...)
	b = append(d.At.AppendFormat(b, layout), `","record_type":"message","sent_at":null,"subject":"","tags":[],"text":`...)
	b = append(dialect.AppendJSON(b, d.Text), `,"to":[{"carrier":"Telnyx","line_type":"Wireless","phone_number":"`...)
	b = append(dialect.AppendInJSON(b, d.To), `","status":"webhook_delivered"}],"type":"SMS","valid_until":null,"webhook_failover_url":null,"webhook_url":"`...)
	b = append(dialect.AppendInJSON(b, d.URL), `"},"record_type":"event"},"meta":{"attempt":`...)
	b = append(strconv.AppendInt(b, int64(d.Tries+1), 10), `,"delivered_to":"`...)
	return append(dialect.AppendInJSON(b, d.URL), `"}}`...), idAt, idLen
}

func appendID(b []byte, d *dialect.Draft) []byte { return dialect.AppendUUID(b, d.Random) }

func writeReceipt(b []byte, d *dialect.Draft) []byte {
	const layout = "2006-01-02T15:04:05.000-07:00"
	b = append(b, `{"data":{"event_type":"message.`...)
	if d.Last {
		b = append(b, `finalized","id":"`...)
	} else {
		b = append(b, `sent","id":"`...)
	}
	b = append(dialect.AppendUUID(b, d.Random), `","occurred_at":"`...)
	b = append(d.Now.AppendFormat(b, layout), `","payload":{"cc":[],"completed_at":`...)
	if d.Last {
		b = append(d.Now.AppendFormat(append(b, '"'), layout), '"')
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"cost":null,"direction":"outbound","errors":[`...)
	if d.Failed {
		b = append(b, `{"code":"40001","title":"Not routable"}`...)
	}
	b = append(dialect.AppendInJSON(append(b, `],"from":{"carrier":"Telnyx","line_type":"Wireless","phone_number":"`...), d.To), `"},"id":"`...)
	b = dialect.AppendInJSON(append(dialect.AppendInJSON(b, d.ID), `","media":[],"messaging_profile_id":"`...), d.Profile)
	b = append(dialect.AppendInJSON(append(b, `","organization_id":"`...), d.Account), `","record_type":"message","sent_at":"`...)
	b = append(d.At.AppendFormat(b, layout), `","tags":[],"to":[{"carrier":"","line_type":"Wireless","phone_number":"`...)
	b = append(dialect.AppendInJSON(append(dialect.AppendInJSON(b, d.From), `","status":"`...), d.State), `"}],"type":"SMS","webhook_url":"`...)
	b = append(dialect.AppendInJSON(b, d.URL), `"},"record_type":"event"},"meta":{"attempt":1,"delivered_to":"`...)
	return append(dialect.AppendInJSON(b, d.URL), `"}}`...)
}
