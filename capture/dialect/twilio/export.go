package twilio

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// exports are the five forms in which Twilio gives out messages and webhooks.
func exports() []dialect.Export {
	resource := map[string]dialect.Column{
		"sid": dialect.ColumnID, "from": dialect.ColumnFrom, "to": dialect.ColumnTo, "body": dialect.ColumnText,
		// Of a message that came in, date_sent is when Twilio sent the request to the webhook.
		"date_sent": dialect.ColumnTime, "date_created": dialect.ColumnCreated, "date_updated": dialect.ColumnUpdated,
		"direction": dialect.ColumnDirection, "status": dialect.ColumnStatus, "num_segments": dialect.ColumnParts, "num_media": dialect.ColumnMedia,
		"account_sid": dialect.ColumnAccount, "messaging_service_sid": dialect.ColumnProfile, "error_code": dialect.ColumnError,
	}
	inbound, states := []string{"inbound"}, exportStates()
	return []dialect.Export{
		{
			Name: "twilio-bulk", Title: "an export of messages (BulkExport)", Docs: "https://www.twilio.com/docs/usage/bulkexport/day",
			Marks:   []string{"sid", "account_sid", "direction", "num_segments", "date_sent"},
			Columns: resource, Inbound: inbound, States: states, Whole: true,
		},
		{
			Name: "twilio-api", Title: "messages as the API lists them", Docs: "https://www.twilio.com/docs/messaging/api/message-resource",
			Pages: []string{"messages"}, Marks: []string{"sid", "account_sid", "direction", "num_segments", "date_sent", "price_unit"},
			Columns: resource, Inbound: inbound, States: states, Whole: true,
		},
		{
			Name: "twilio-csv", Title: "a log of messages (CSV of the Console)", Docs: "https://help.twilio.com/articles/223183588",
			Marks: []string{"From", "To", "Body", "Status", "SentDate", "AccountSid", "Sid", "Direction"},
			Columns: map[string]dialect.Column{
				"Sid": dialect.ColumnID, "From": dialect.ColumnFrom, "To": dialect.ColumnTo, "Body": dialect.ColumnText, "SentDate": dialect.ColumnTime,
				"Direction": dialect.ColumnDirection, "Status": dialect.ColumnStatus, "NumSegments": dialect.ColumnParts, "NumMedia": dialect.ColumnMedia,
				"AccountSid": dialect.ColumnAccount, "ErrorCode": dialect.ColumnError,
			},
			Inbound: inbound, States: states, Whole: true,
		},
		{
			Name: "twilio-events", Title: "a stream of events (Event Streams)", Docs: "https://www.twilio.com/docs/events/event-types/messaging/inbound-message",
			Marks: []string{"specversion", "type", "data.messageSid", "data.from", "data.to"},
			Columns: map[string]dialect.Column{
				"type": dialect.ColumnDirection, "data.messageSid": dialect.ColumnID, "data.from": dialect.ColumnFrom, "data.to": dialect.ColumnTo,
				"data.body": dialect.ColumnText, "data.timestamp": dialect.ColumnTime, "time": dialect.ColumnCreated,
				"data.messageStatus": dialect.ColumnStatus, "data.numSegments": dialect.ColumnParts, "data.numMedia": dialect.ColumnMedia,
				"data.accountSid": dialect.ColumnAccount, "data.messagingServiceSid": dialect.ColumnProfile, "data.errorCode": dialect.ColumnError,
				"data.fromCountry": dialect.ColumnFromCountry, "data.fromState": dialect.ColumnFromRegion, "data.fromCity": dialect.ColumnFromCity,
				"data.fromZip": dialect.ColumnFromZip, "data.toCountry": dialect.ColumnToCountry, "data.toState": dialect.ColumnToRegion,
				"data.toCity": dialect.ColumnToCity, "data.toZip": dialect.ColumnToZip,
			},
			Inbound: []string{streamInbound}, States: states, Whole: true, // stamps end in .000Z
		},
		{
			Name: "twilio-alerts", Title: "alerts with the requests that failed (Monitor)", Docs: "https://www.twilio.com/docs/usage/monitor-alert",
			Pages: []string{"alerts"}, Marks: []string{"alert_text", "error_code", "request_method", "request_url"},
			Requests: alertRequests, Whole: true,
		},
	}
}

// exportStates are the states of which a status callback tells.
func exportStates() map[string]string {
	states := make(map[string]string)
	for _, s := range [...]string{"sent", "delivered", "undelivered", "failed", "read", "canceled"} {
		states[s] = s
	}
	return states
}

// alert is what an alert of Monitor has of the request that failed.
type alert struct {
	Text      string          `json:"alert_text"`
	Generated string          `json:"date_generated"`
	Created   string          `json:"date_created"`
	Method    string          `json:"request_method"`
	URL       string          `json:"request_url"`
	Headers   json.RawMessage `json:"request_headers"`
	Variables string          `json:"request_variables"`
}

// alertRequests reads the request of an alert. An alert as the API lists them has none, nor has one of a request to Twilio itself.
func alertRequests(row []byte, each func(*capture.Record) error) error {
	var a alert
	if json.Unmarshal(row, &a) != nil {
		return &payload.FieldError{Field: "alert", Reason: "not an alert"}
	}
	var r capture.Record
	if err := dialect.SetTarget(&r, a.URL, "request_url"); err != nil {
		return err
	}
	if r.Method = strings.ToUpper(a.Method); r.Method != "GET" && r.Method != "POST" {
		return &payload.FieldError{Field: "request_method", Reason: "not GET or POST"}
	}
	if a.Variables == "" {
		return &payload.FieldError{Field: "request_variables", Reason: payload.ReasonMissing}
	}
	var ok bool
	if r.Time, _, ok = dialect.ParseTime(cmp.Or(a.Generated, a.Created)); !ok {
		return &payload.FieldError{Field: "date_generated", Reason: "not a time"}
	}
	if r.Headers, ok = headersOf(a.Headers); !ok {
		return &payload.FieldError{Field: "request_headers", Reason: "not headers"}
	}
	if r.Method == "POST" {
		r.Body = []byte(a.Variables)
	} else if !strings.Contains(r.URL, "?") {
		r.URL += "?" + a.Variables
	}
	if len(r.Headers) == 0 { // alerts of some years have none
		r.Origin = capture.Rebuilt
		r.Headers = []capture.Header{{Name: "User-Agent", Value: agent}, {Name: "Content-Type", Value: mediaType}, {Name: "Accept", Value: "*/*"}}
	}
	if dialect.Framed(&r) {
		r.Origin = capture.Rebuilt
	}
	if about, err := url.ParseQuery(a.Text); err == nil {
		if status, err := strconv.Atoi(about.Get("httpResponse")); err == nil && 100 <= status && status <= 999 {
			r.Response.Status = status
		}
	}
	return each(&r)
}

// headersOf reads headers that stand as JSON, or in a string of any notation.
func headersOf(raw json.RawMessage) ([]capture.Header, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return dialect.ParseHeaders(text)
	}
	return dialect.ParseHeaders(string(raw))
}
