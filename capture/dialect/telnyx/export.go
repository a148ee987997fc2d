package telnyx

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// exports has the deliveries of webhooks, and the detail records of messages, which are without their texts.
func exports() []dialect.Export {
	return []dialect.Export{
		{
			Name: "telnyx-deliveries", Title: "deliveries of webhooks, with their attempts", Docs: "https://developers.telnyx.com/api-reference/webhooks/list-webhook-deliveries",
			Pages: []string{"data"}, Marks: []string{"id", "record_type", "webhook.event_type", "attempts.*.status"},
			Requests: deliveryRequests,
		},
		{
			Name: "telnyx-mdr", Title: "detail records of messages, without texts", Docs: "https://developers.telnyx.com/api-reference/mdr-detail-reports/fetch-all-mdr-records",
			Pages: []string{"data"}, Marks: []string{"id", "cld", "cli", "direction", "parts", "created_at"},
			Columns: map[string]dialect.Column{
				"id": dialect.ColumnID, "cli": dialect.ColumnFrom, "cld": dialect.ColumnTo, "created_at": dialect.ColumnTime, "direction": dialect.ColumnDirection,
				"parts": dialect.ColumnParts, "status": dialect.ColumnStatus,
			},
			Inbound: []string{"inbound"}, Textless: true,
			States: map[string]string{"sent": "sent", "delivered": "delivered", "delivery_failed": "delivery_failed", "sending_failed": "sending_failed"},
		},
	}
}

// attempted is a delivery as the API tells of it.
type attempted struct {
	RecordType string          `json:"record_type"`
	Webhook    json.RawMessage `json:"webhook"`
	Attempts   []struct {
		Started  string `json:"started_at"`
		Finished string `json:"finished_at"`
		HTTP     struct {
			Request struct {
				URL     string          `json:"url"`
				Headers json.RawMessage `json:"headers"`
			} `json:"request"`
			Response struct {
				Status int `json:"status"`
			} `json:"response"`
		} `json:"http"`
	} `json:"attempts"`
}

// deliveryRequests gives each attempt of a delivery, the first one first. The API has what was sent parsed: the webhook is what stands at data, and meta says
// which attempt it was and where it went.
func deliveryRequests(row []byte, each func(*capture.Record) error) error {
	var d attempted
	switch err := json.Unmarshal(row, &d); {
	case err != nil:
		return &payload.FieldError{Field: "attempts", Reason: "not a delivery"}
	case len(d.Webhook) == 0 || d.Webhook[0] != '{':
		return &payload.FieldError{Field: "webhook", Reason: payload.ReasonMissing}
	case len(d.Attempts) == 0:
		return &payload.FieldError{Field: "attempts", Reason: payload.ReasonMissing}
	}
	var webhook bytes.Buffer
	if err := json.Compact(&webhook, d.Webhook); err != nil {
		return &payload.FieldError{Field: "webhook", Reason: payload.ReasonNotJSON}
	}
	order := make([]int, len(d.Attempts))
	for i := range order {
		order[i] = len(order) - 1 - i // the API has the latest first
	}
	slices.SortStableFunc(order, func(i, j int) int { return strings.Compare(d.Attempts[i].Started, d.Attempts[j].Started) })
	for number, at := range order {
		a := &d.Attempts[at]
		field := func(name string) string { return "attempts." + strconv.Itoa(at) + "." + name }
		r := capture.Record{Method: "POST", Response: capture.Response{Status: a.HTTP.Response.Status}}
		if err := dialect.SetTarget(&r, a.HTTP.Request.URL, field("http.request.url")); err != nil {
			return err
		}
		var ok bool
		if r.Time, _, ok = dialect.ParseTime(a.Started); !ok {
			return &payload.FieldError{Field: field("started_at"), Reason: "not a time"}
		}
		if r.Headers, ok = dialect.ParseHeaders(string(a.HTTP.Request.Headers)); !ok {
			return &payload.FieldError{Field: field("http.request.headers"), Reason: "not headers"}
		}
		if r.Response.Status < 100 || r.Response.Status > 999 {
			r.Response.Status = 0
		}
		if end, _, ok := dialect.ParseTime(a.Finished); ok && r.Response.Status != 0 {
			r.Response.Latency = max(0, end.Sub(r.Time))
		}
		r.Body = append(append([]byte(`{"data":`), webhook.Bytes()...), `,"meta":{"attempt":`...)
		r.Body = strconv.AppendInt(r.Body, int64(number+1), 10)
		r.Body = append(dialect.AppendJSON(append(r.Body, `,"delivered_to":`...), a.HTTP.Request.URL), `}}`...)
		if dialect.Framed(&r) {
			r.Origin = capture.Rebuilt
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}
