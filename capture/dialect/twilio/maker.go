package twilio

import (
	"math/rand/v2"
	"strconv"

	"reprise/capture/dialect"
)

// maker writes messages and receipts in the shapes of the vendor's documentation.
func maker() *dialect.Maker {
	return &dialect.Maker{
		Order: 1, Weight: 45, MediaType: "application/x-www-form-urlencoded; charset=UTF-8", OwnStatusPath: true,
		States:  [2][]string{{"sent", "delivered"}, {"sent", "undelivered"}},
		Account: account, Message: writeMessage, ID: appendID, Receipt: writeReceipt,
	}
}

func account(random *rand.Rand) (account, profile string) {
	account = string(dialect.AppendRandom([]byte("AC"), random, dialect.LowerHex, 32))
	return account, string(dialect.AppendRandom([]byte("MG"), random, dialect.LowerHex, 32))
}

func writeMessage(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) {
	const idLength = 34
	b = append(b, "ToCountry=US&ToState=&SmsMessageSid="...)
	idAt = len(b)
	b = dialect.AppendRandom(append(b, "SM"...), d.Random, dialect.LowerHex, 32)
	id := string(b[idAt:])
	b = append(b, "&NumMedia=0&ToCity=&FromZip="...)
	b = append(append(b, d.Zip...), "&SmsSid="...)
	b = append(append(b, id...), "&FromState="...)
	b = append(append(b, d.Region...), "&SmsStatus=received&FromCity="...)
	b = append(append(b, d.City...), "&Body="...)
	b = append(dialect.AppendForm(b, d.Text), "&FromCountry=US&To="...)
	b = append(dialect.AppendForm(b, d.To), "&MessagingServiceSid="...)
	b = append(append(b, d.Profile...), "&ToZip=&NumSegments="...)
	b = strconv.AppendInt(b, int64(d.Size.Parts), 10)
	b = append(append(append(b, "&MessageSid="...), id...), "&AccountSid="...)
	b = append(append(b, d.Account...), "&From="...)
	return append(dialect.AppendForm(b, d.From), "&ApiVersion=2010-04-01"...), idAt, idLength
}

func appendID(b []byte, d *dialect.Draft) []byte {
	return dialect.AppendRandom(append(b, "SM"...), d.Random, dialect.LowerHex, 32)
}

func writeReceipt(b []byte, d *dialect.Draft) []byte {
	if d.Failed {
		b = append(b, "ErrorCode=30003&"...)
	}
	b = append(append(b, "SmsSid="...), d.ID...)
	b = append(append(b, "&SmsStatus="...), d.State...)
	b = append(append(b, "&MessageStatus="...), d.State...)
	b = append(dialect.AppendForm(append(b, "&To="...), d.From), "&MessagingServiceSid="...)
	b = append(append(append(b, d.Profile...), "&MessageSid="...), d.ID...)
	b = append(append(append(b, "&AccountSid="...), d.Account...), "&From="...)
	return append(dialect.AppendForm(b, d.To), "&ApiVersion=2010-04-01"...)
}
