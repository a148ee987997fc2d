package twilio

import (
	"math/rand/v2"
	"strconv"

	"reprise/capture/dialect"
)

// maker writes messages and receipts in the shapes of the vendor's documentation.
func maker() *dialect.Maker {
	return &dialect.Maker{
		Order: 1, Weight: 45, MediaType: mediaType, OwnStatusPath: true,
		States:  [2][]string{{"sent", "delivered"}, {"sent", "undelivered"}},
		Account: account, Message: writeMessage, ID: appendID, Receipt: writeReceipt,
	}
}

func account(random *rand.Rand) (account, profile string) {
	account = string(dialect.AppendRandom([]byte("AC"), random, dialect.LowerHex, 32))
	return account, string(dialect.AppendRandom([]byte("MG"), random, dialect.LowerHex, 32))
}

func writeMessage(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) {
	k := d.Known
	if k == nil {
		k = &dialect.Known{FromCountry: "US", ToCountry: "US"}
	}
	b = dialect.AppendForm(append(b, "ToCountry="...), k.ToCountry)
	for i := range k.Media {
		b = append(strconv.AppendInt(append(b, "&MediaContentType"...), int64(i), 10), "=image%2Fjpeg"...)
	}
	b = dialect.AppendForm(append(b, "&ToState="...), k.ToRegion)
	b = append(b, "&SmsMessageSid="...)
	idAt = len(b)
	b = d.AppendID(b, dialect.AppendForm, func(b []byte) []byte { return appendID(b, d) })
	idLen = len(b) - idAt
	id := string(b[idAt:])
	b = strconv.AppendInt(append(b, "&NumMedia="...), int64(k.Media), 10)
	b = dialect.AppendForm(append(b, "&ToCity="...), k.ToCity)
	b = dialect.AppendForm(append(b, "&FromZip="...), d.Zip)
	b = append(append(b, "&SmsSid="...), id...)
	b = dialect.AppendForm(append(b, "&FromState="...), d.Region)
	b = dialect.AppendForm(append(b, "&SmsStatus=received&FromCity="...), d.City)
	b = dialect.AppendForm(append(b, "&Body="...), d.Text)
	b = dialect.AppendForm(append(b, "&FromCountry="...), k.FromCountry)
	b = dialect.AppendForm(append(b, "&To="...), d.To)
	b = appendService(b, d)
	b = dialect.AppendForm(append(b, "&ToZip="...), k.ToZip)
	b = strconv.AppendInt(append(b, "&NumSegments="...), int64(d.Size.Parts), 10)
	b = append(append(b, "&MessageSid="...), id...)
	b = dialect.AppendForm(append(b, "&AccountSid="...), d.Account)
	b = dialect.AppendForm(append(b, "&From="...), d.From)
	for i := range k.Media {
		b = append(strconv.AppendInt(append(b, "&MediaUrl"...), int64(i), 10), "=https%3A%2F%2Fapi.twilio.com%2F2010-04-01%2FAccounts%2F"...)
		b = append(append(append(dialect.AppendForm(b, d.Account), "%2FMessages%2F"...), id...), "%2FMedia%2FME"...)
		b = dialect.AppendRandom(b, d.Random, dialect.LowerHex, 32)
	}
	return append(b, "&ApiVersion=2010-04-01"...), idAt, idLen
}

// appendService names the messaging service. A message that came to a number of none is without the parameter.
func appendService(b []byte, d *dialect.Draft) []byte {
	if d.Profile == "" {
		return b
	}
	return dialect.AppendForm(append(b, "&MessagingServiceSid="...), d.Profile)
}

func appendID(b []byte, d *dialect.Draft) []byte {
	return dialect.AppendRandom(append(b, "SM"...), d.Random, dialect.LowerHex, 32)
}

func writeReceipt(b []byte, d *dialect.Draft) []byte {
	switch {
	case d.Known != nil && d.Known.Error != "":
		b = append(dialect.AppendForm(append(b, "ErrorCode="...), d.Known.Error), '&')
	case d.Failed && d.Known == nil:
		b = append(b, "ErrorCode=30003&"...)
	}
	b = dialect.AppendForm(append(b, "SmsSid="...), d.ID)
	b = dialect.AppendForm(append(b, "&SmsStatus="...), d.State)
	b = dialect.AppendForm(append(b, "&MessageStatus="...), d.State)
	b = appendService(dialect.AppendForm(append(b, "&To="...), d.From), d)
	b = dialect.AppendForm(append(b, "&MessageSid="...), d.ID)
	b = append(dialect.AppendForm(append(b, "&AccountSid="...), d.Account), "&From="...)
	return append(dialect.AppendForm(b, d.To), "&ApiVersion=2010-04-01"...)
}
