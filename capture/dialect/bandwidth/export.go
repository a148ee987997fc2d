package bandwidth

import "reprise/capture/dialect"

// exports has the messages as the API lists them, which is without their texts.
func exports() []dialect.Export {
	return []dialect.Export{{
		Name: "bandwidth", Title: "messages as the API lists them, without texts", Docs: "https://dev.bandwidth.com/docs/messaging/getMessage",
		Pages: []string{"messages"}, Marks: []string{"messageId", "sourceTn", "destinationTn", "messageDirection", "receiveTime", "segmentCount"},
		Columns: map[string]dialect.Column{
			"messageId": dialect.ColumnID, "sourceTn": dialect.ColumnFrom, "destinationTn": dialect.ColumnTo, "receiveTime": dialect.ColumnTime,
			"messageDirection": dialect.ColumnDirection, "messageStatus": dialect.ColumnStatus, "segmentCount": dialect.ColumnParts,
			"messageLength": dialect.ColumnLength, "attachmentCount": dialect.ColumnMedia, "errorCode": dialect.ColumnError,
		},
		Inbound: []string{"INBOUND"}, Textless: true,
		States: map[string]string{"DELIVERED": "message-delivered", "FAILED": "message-failed", "UNDELIVERED": "message-failed"},
	}}
}
