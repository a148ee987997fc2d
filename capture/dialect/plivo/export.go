package plivo

import "reprise/capture/dialect"

// exports has the messages as the API lists them, which is without their texts.
func exports() []dialect.Export {
	return []dialect.Export{{
		Name: "plivo", Title: "messages as the API lists them, without texts", Docs: "https://www.plivo.com/docs/messaging/api/message#list-all-messages",
		Pages: []string{"objects"}, Marks: []string{"message_uuid", "message_time", "message_direction", "message_state", "units"},
		Columns: map[string]dialect.Column{
			"message_uuid": dialect.ColumnID, "message_time": dialect.ColumnTime, "message_direction": dialect.ColumnDirection,
			"message_state": dialect.ColumnStatus, "from_number": dialect.ColumnFrom, "to_number": dialect.ColumnTo, "units": dialect.ColumnParts,
			"error_code": dialect.ColumnError,
		},
		Inbound: []string{"inbound"}, Textless: true,
		States: map[string]string{
			"queued": "queued", "sent": "sent", "delivered": "delivered", "undelivered": "undelivered", "failed": "failed", "rejected": "rejected", "read": "read",
		},
	}}
}
