package twilio

import (
	"bytes"
	"encoding/xml"
	"mime"
	"strings"

	"reprise/capture/dialect"
)

// mostInAnswer is how many messages of an answer are read.
const mostInAnswer = 100

// inAnswer reads the messages of a TwiML document, with which a webhook may be answered
// (https://www.twilio.com/docs/messaging/twiml/message): each Message in the Response that has a text or media. What is no XML holds none.
func inAnswer(mediaType string, body []byte) (list []dialect.AnswerMessage) {
	media, _, err := mime.ParseMediaType(mediaType)
	if err != nil || media != "text/xml" && media != "application/xml" {
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = nil // another encoding than UTF-8 is not read
	depth, within, filled := 0, false, false
	var now dialect.AnswerMessage
	for len(list) < mostInAnswer {
		token, err := d.Token()
		if err != nil {
			return list
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			switch {
			case depth == 1 && t.Name.Local != "Response":
				return nil
			case depth == 2 && t.Name.Local == "Message":
				within, filled, now = true, false, addressed(t.Attr)
			case within && t.Name.Local == "Media":
				filled = true
			}
		case xml.CharData:
			filled = filled || within && strings.TrimSpace(string(t)) != ""
		case xml.EndElement:
			if depth--; depth == 1 && within {
				if within = false; filled {
					list = append(list, now)
				}
			}
		}
	}
	return list
}

// addressed reads who a message is from and to, where it says so.
func addressed(attributes []xml.Attr) (m dialect.AnswerMessage) {
	for _, a := range attributes {
		switch a.Name.Local {
		case "from":
			m.From = a.Value
		case "to":
			m.To = a.Value
		}
	}
	return m
}
