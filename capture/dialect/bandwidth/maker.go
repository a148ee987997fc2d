package bandwidth

import (
	"strconv"

	"reprise/capture/dialect"
)

// maker writes messages and receipts in the shapes of the vendor's documentation.
func maker() *dialect.Maker {
	return &dialect.Maker{
		Order: 3, Weight: 12, MediaType: "application/json; charset=utf-8",
		States:  [2][]string{{"message-delivered"}, {"message-failed"}},
		Account: dialect.UUIDAccount, Message: writeMessage, ID: appendID, Receipt: writeReceipt,
	}
}

func writeMessage(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) {
	const layout = "2006-01-02T15:04:05.000000Z"
	b = append(b, `[{"type":"message-received","time":"`...)
	b = append(d.At.AppendFormat(b, layout), `","description":"Incoming message received","to":"`...)
	b = append(dialect.AppendInJSON(b, d.To), `","message":{"id":"`...)
	idAt = len(b)
	b = d.AppendID(b, dialect.AppendInJSON, func(b []byte) []byte { return appendID(b, d) })
	idLen = len(b) - idAt
	b = dialect.AppendInJSON(append(b, `","owner":"`...), d.To)
	b = dialect.AppendInJSON(append(b, `","applicationId":"`...), d.Account)
	b = append(d.At.AppendFormat(append(b, `","time":"`...), layout), `","segmentCount":`...)
	b = append(strconv.AppendInt(b, int64(d.Size.Parts), 10), `,"direction":"in","to":["`...)
	b = append(dialect.AppendInJSON(append(dialect.AppendInJSON(b, d.To), `"],"from":"`...), d.From), `","text":`...)
	return append(dialect.AppendJSON(b, d.Text), `}}]`...), idAt, idLen
}

func appendID(b []byte, d *dialect.Draft) []byte {
	const length = 29
	at := len(b)
	b = strconv.AppendInt(b, d.At.UnixMilli(), 10)
	return dialect.AppendRandom(b, d.Random, dialect.Base36, length-(len(b)-at))
}

func writeReceipt(b []byte, d *dialect.Draft) []byte {
	const layout = "2006-01-02T15:04:05.000000Z"
	b = append(dialect.AppendInJSON(append(b, `[{"type":"`...), d.State), `","time":"`...)
	b = append(d.Now.AppendFormat(b, layout), `","description":"`...)
	if d.Failed {
		b = append(b, `invalid-destination-address","errorCode":4720,"to":"`...)
	} else {
		b = append(b, `Message delivered to carrier.","to":"`...)
	}
	b = dialect.AppendInJSON(append(dialect.AppendInJSON(b, d.From), `","message":{"id":"`...), d.ID)
	b = append(dialect.AppendInJSON(append(b, `","owner":"`...), d.To), `","applicationId":"`...)
	b = d.At.AppendFormat(append(dialect.AppendInJSON(b, d.Account), `","time":"`...), layout)
	b = append(dialect.AppendInJSON(append(b, `","segmentCount":1,"direction":"out","to":["`...), d.From), `"],"from":"`...)
	return append(dialect.AppendInJSON(b, d.To), `","text":"","tag":""}}]`...)
}
