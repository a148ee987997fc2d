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
	const idLength, layout = 29, "2006-01-02T15:04:05.000000Z"
	b = append(b, `[{"type":"message-received","time":"`...)
	b = append(d.At.AppendFormat(b, layout), `","description":"Incoming message received","to":"`...)
	b = append(append(b, d.To...), `","message":{"id":"`...)
	idAt = len(b)
	b = strconv.AppendInt(b, d.At.UnixMilli(), 10)
	b = dialect.AppendRandom(b, d.Random, dialect.Base36, idLength-(len(b)-idAt))
	b = append(append(b, `","owner":"`...), d.To...)
	b = append(append(b, `","applicationId":"`...), d.Account...)
	b = append(d.At.AppendFormat(append(b, `","time":"`...), layout), `","segmentCount":`...)
	b = append(strconv.AppendInt(b, int64(d.Size.Parts), 10), `,"direction":"in","to":["`...)
	b = append(append(append(append(b, d.To...), `"],"from":"`...), d.From...), `","text":`...)
	return append(dialect.AppendJSON(b, d.Text), `}}]`...), idAt, idLength
}

func appendID(b []byte, d *dialect.Draft) []byte {
	const length = 29
	at := len(b)
	b = strconv.AppendInt(b, d.At.UnixMilli(), 10)
	return dialect.AppendRandom(b, d.Random, dialect.Base36, length-(len(b)-at))
}

func writeReceipt(b []byte, d *dialect.Draft) []byte {
	const layout = "2006-01-02T15:04:05.000000Z"
	b = append(append(append(b, `[{"type":"`...), d.State...), `","time":"`...)
	b = append(d.Now.AppendFormat(b, layout), `","description":"`...)
	if d.Failed {
		b = append(b, `invalid-destination-address","errorCode":4720,"to":"`...)
	} else {
		b = append(b, `Message delivered to carrier.","to":"`...)
	}
	b = append(append(append(b, d.From...), `","message":{"id":"`...), d.ID...)
	b = append(append(append(b, `","owner":"`...), d.To...), `","applicationId":"`...)
	b = d.At.AppendFormat(append(append(b, d.Account...), `","time":"`...), layout)
	b = append(append(append(b, `","segmentCount":1,"direction":"out","to":["`...), d.From...), `"],"from":"`...)
	return append(append(b, d.To...), `","text":"","tag":""}}]`...)
}
