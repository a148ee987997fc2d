package plivo

import (
	"strconv"
	"time"

	"reprise/capture/dialect"
)

// maker writes messages and receipts in the shapes of the vendor's documentation.
func maker() *dialect.Maker {
	return &dialect.Maker{
		Order: 5, Weight: 9, MediaType: "application/x-www-form-urlencoded", OwnStatusPath: true, Bare: true,
		States:  [2][]string{{"queued", "sent", "delivered"}, {"queued", "sent", "undelivered"}},
		Account: dialect.UUIDAccount, Message: writeMessage, ID: appendID, Receipt: writeReceipt,
	}
}

func writeMessage(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) {
	b = dialect.AppendForm(append(b, "From="...), d.From)
	b = append(b, "&MessageUUID="...)
	idAt = len(b)
	b = d.AppendID(b, dialect.AppendForm, func(b []byte) []byte { return dialect.AppendUUID(b, d.Random) })
	idLen = len(b) - idAt
	b = append(b, "&Text="...)
	b = append(dialect.AppendForm(b, d.Text), "&To="...)
	b = append(dialect.AppendForm(b, d.To), "&TotalAmount=0.00000&TotalRate=0.00000&Type=sms&Units="...)
	return strconv.AppendInt(b, int64(d.Size.Parts), 10), idAt, idLen
}

func appendID(b []byte, d *dialect.Draft) []byte { return dialect.AppendUUID(b, d.Random) }

func writeReceipt(b []byte, d *dialect.Draft) []byte {
	b = append(dialect.AppendForm(append(b, "From="...), d.To), "&MessageUUID="...)
	b = dialect.AppendForm(append(dialect.AppendForm(b, d.ID), "&ParentMessageUUID="...), d.ID)
	b = append(dialect.AppendForm(append(b, "&PartInfo=1+of+1&Status="...), d.State), "&To="...)
	b = append(dialect.AppendForm(b, d.From), "&TotalAmount=0.00550&TotalRate=0.00550&Units=1"...)
	if d.Failed {
		b = append(b, "&ErrorCode=80"...)
	}
	b = dialect.AppendForm(append(b, "&QueuedTime="...), d.At.Format(time.DateTime))
	if d.Last {
		b = dialect.AppendForm(append(b, "&DeliveryReportTime="...), d.Now.Format(time.DateTime))
	}
	return b
}
