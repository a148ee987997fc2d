package vonage

import (
	"math/rand/v2"
	"strings"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/sms"
)

// maker writes messages and receipts in the shapes of the vendor's documentation.
func maker() *dialect.Maker {
	return &dialect.Maker{
		Order: 4, Weight: 9, MediaType: "application/json", OwnStatusPath: true, Bare: true,
		States:  [2][]string{{"accepted", "delivered"}, {"accepted", "failed"}},
		Account: account, Message: writeMessage, ID: appendID, Receipt: writeReceipt,
	}
}

func account(random *rand.Rand) (account, profile string) {
	return string(dialect.AppendRandom(nil, random, dialect.LowerHex, 8)), ""
}

func writeMessage(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) {
	kind := "text"
	if d.Size.Encoding == sms.UCS2 {
		kind = "unicode"
	}
	b = dialect.AppendInJSON(append(b, `{"api-key":"`...), d.Account)
	b = append(dialect.AppendInJSON(append(b, `","msisdn":"`...), d.From), `","to":"`...)
	b = append(dialect.AppendInJSON(b, d.To), `","messageId":"`...)
	idAt = len(b)
	b = d.AppendID(b, dialect.AppendInJSON, func(b []byte) []byte { return dialect.AppendRandom(b, d.Random, dialect.UpperHex, 16) })
	idLen = len(b) - idAt
	b = append(b, `","text":`...)
	b = append(append(dialect.AppendJSON(b, d.Text), `,"type":"`...), kind...)
	word := ""
	if words := strings.Fields(d.Text); len(words) > 0 {
		word = strings.ToUpper(words[0])
	}
	b = append(dialect.AppendJSON(append(b, `","keyword":`...), word), `,"message-timestamp":"`...)
	return append(d.At.AppendFormat(b, "2006-01-02 15:04:05"), `"}`...), idAt, idLen
}

func appendID(b []byte, d *dialect.Draft) []byte {
	return dialect.AppendRandom(b, d.Random, dialect.UpperHex, 16)
}

func writeReceipt(b []byte, d *dialect.Draft) []byte {
	b = append(dialect.AppendInJSON(append(b, `{"msisdn":"`...), d.From), `","to":"`...)
	b = dialect.AppendInJSON(append(dialect.AppendInJSON(b, d.To), `","network-code":"310090","messageId":"`...), d.ID)
	b = append(dialect.AppendInJSON(append(b, `","price":"0.00800000","status":"`...), d.State), `","scts":"`...)
	b = append(d.Now.AppendFormat(b, "0601021504"), `","err-code":"`...)
	if d.Failed {
		b = append(b, '3')
	} else {
		b = append(b, '0')
	}
	b = append(dialect.AppendInJSON(append(b, `","api-key":"`...), d.Account), `","message-timestamp":"`...)
	return append(d.Now.AppendFormat(b, time.DateTime), `"}`...)
}
