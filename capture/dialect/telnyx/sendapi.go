package telnyx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/sms"
)

// sendAPI is POST /v2/messages, and GET of what it made (https://developers.telnyx.com/api/messaging/send-message).
func sendAPI() *dialect.SendAPI {
	return &dialect.SendAPI{Create: "POST /v2/messages", Get: "GET /v2/messages/{id}", Prefix: "/v2/", Send: send, Refuse: refuse}
}

// refuse words a refusal: by a code.
func refuse(_ int, why dialect.Refusal) any {
	switch why.Cause {
	case dialect.NoCredentials:
		why.Code = "10009"
	case dialect.NotFound:
		why.Code = "10005"
	}
	return map[string]any{"errors": []any{map[string]any{"code": why.Code, "title": why.Text, "detail": why.Text}}}
}

// outbound is a request to send a message.
type outbound struct {
	From    string          `json:"from"`
	To      json.RawMessage `json:"to"`
	Text    string          `json:"text"`
	Profile string          `json:"messaging_profile_id"`
	Media   []string        `json:"media_urls"`
}

// people are those it goes to: one, or a list of them.
func (t *outbound) people() (list []string) {
	var one string
	if json.Unmarshal(t.To, &one) == nil && one != "" {
		return []string{one}
	}
	if json.Unmarshal(t.To, &list) != nil || slices.Contains(list, "") {
		return nil // what is no list of numbers has no people
	}
	return list
}

// send makes a message of JSON.
func send(r *dialect.SendRequest) (dialect.SendResult, *dialect.Refusal) {
	bad := func(code, text string) (dialect.SendResult, *dialect.Refusal) {
		return dialect.SendResult{}, &dialect.Refusal{Code: code, Text: text}
	}
	var t outbound
	if err := json.NewDecoder(bytes.NewReader(r.Body)).Decode(&t); err != nil {
		return bad("10015", "The request's JSON cannot be read")
	}
	people := t.people()
	switch {
	case len(people) == 0:
		return bad("10004", "Missing required parameter: to")
	case t.From == "" && t.Profile == "":
		return bad("10004", "Missing required parameter: from or messaging_profile_id")
	case t.Text == "" && len(t.Media) == 0:
		return bad("10004", "Missing required parameter: text or media_urls")
	}
	to := make([]any, len(people))
	for i, p := range people {
		to[i] = map[string]any{"phone_number": p, "status": "queued", "carrier": "", "line_type": ""}
	}
	kind := "SMS"
	if len(t.Media) > 0 {
		kind = "MMS"
	}
	id := r.ID[:8] + "-" + r.ID[8:12] + "-4" + r.ID[13:16] + "-a" + r.ID[17:20] + "-" + r.ID[20:]
	size := sms.Measure(t.Text)
	media := make([]any, len(t.Media))
	for i, u := range t.Media {
		media[i] = map[string]any{"url": u, "content_type": nil, "size": nil}
	}
	return dialect.SendResult{Status: http.StatusOK, From: t.From, To: people, Path: "/v2/messages/" + id, Body: map[string]any{"data": map[string]any{
		"record_type": "message", "direction": "outbound", "id": id, "type": kind, "messaging_profile_id": t.Profile,
		"from": map[string]any{"phone_number": t.From, "carrier": "", "line_type": ""}, "to": to, "text": t.Text, "media": media,
		"encoding": fmt.Sprint(size.Encoding), "parts": size.Parts, "cost": nil, "errors": []any{}, "tags": []any{},
		"received_at": r.Now.Format(time.RFC3339Nano), "sent_at": nil, "completed_at": nil, "valid_until": nil, "webhook_url": "", "webhook_failover_url": "",
	}}}, nil
}
