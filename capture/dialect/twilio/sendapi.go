package twilio

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/sms"
)

// sendAPI is POST /2010-04-01/Accounts/{Sid}/Messages.json, and GET of what it made
// (https://www.twilio.com/docs/messaging/api/message-resource).
func sendAPI() *dialect.SendAPI {
	const messages = "/2010-04-01/Accounts/{account}/Messages"
	return &dialect.SendAPI{Create: "POST " + messages + ".json", Get: "GET " + messages + "/{sid}", Prefix: "/2010-04-01/", Send: send, Refuse: refuse, InAnswer: inAnswer}
}

// refuse words a refusal: by a number.
func refuse(status int, why dialect.Refusal) any {
	switch why.Cause {
	case dialect.NoCredentials:
		why.Number = 20003
	case dialect.NotFound:
		why.Number = 20404
	}
	return map[string]any{
		"code": why.Number, "message": why.Text, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", why.Number), "status": status,
	}
}

// formOf reads a request's form; a body of another media type has none.
func formOf(r *dialect.SendRequest) (url.Values, error) {
	if r.MediaType == "" {
		return nil, nil
	}
	media, _, err := mime.ParseMediaType(r.MediaType)
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, err
	}
	return url.ParseQuery(string(r.Body))
}

// send makes a message of a form.
func send(r *dialect.SendRequest) (dialect.SendResult, *dialect.Refusal) {
	bad := func(number int, text string) (dialect.SendResult, *dialect.Refusal) {
		return dialect.SendResult{}, &dialect.Refusal{Number: number, Text: text}
	}
	f, err := formOf(r)
	if err != nil || r.Cut {
		return bad(20001, "The request's form cannot be read")
	}
	to, from, service, body := f.Get("To"), f.Get("From"), f.Get("MessagingServiceSid"), f.Get("Body")
	switch {
	case to == "":
		return bad(21604, "A 'To' phone number is required.")
	case from == "" && service == "":
		return bad(21603, "A 'From' phone number is required.")
	case body == "" && f.Get("MediaUrl") == "" && f.Get("ContentSid") == "":
		return bad(21602, "Message body is required.")
	}
	account, sid := r.Path("account"), "SM"+r.ID
	path := "/2010-04-01/Accounts/" + account + "/Messages/" + sid + ".json"
	status := "queued"
	if from == "" {
		status = "accepted"
	}
	date := r.Now.Format("Mon, 02 Jan 2006 15:04:05 -0700")
	return dialect.SendResult{Status: http.StatusCreated, From: from, To: []string{to}, Path: path, Body: map[string]any{
		"account_sid": account, "api_version": "2010-04-01", "body": body, "date_created": date, "date_sent": nil, "date_updated": date,
		"direction": "outbound-api", "error_code": nil, "error_message": nil, "from": orNull(from), "messaging_service_sid": orNull(service),
		"num_media": fmt.Sprint(len(f["MediaUrl"])), "num_segments": fmt.Sprint(sms.Measure(body).Parts), "price": nil, "price_unit": "USD",
		"sid": sid, "status": status, "subresource_uris": map[string]any{"media": strings.TrimSuffix(path, ".json") + "/Media.json"},
		"to": to, "uri": path,
	}}, nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
