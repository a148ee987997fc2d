package vonage

import "reprise/capture/dialect"

// exports has the reports on SMS: a zip of CSV, or pages of JSON.
func exports() []dialect.Export {
	return []dialect.Export{{
		Name: "vonage-report", Title: "a report on SMS (Reports API)", Docs: "https://developer.vonage.com/en/api/reports",
		Pages: []string{"records"}, Marks: []string{"account_id", "message_id", "direction", "from", "to", "network"},
		Columns: map[string]dialect.Column{
			"account_id": dialect.ColumnAccount, "message_id": dialect.ColumnID, "direction": dialect.ColumnDirection, "from": dialect.ColumnFrom,
			"to": dialect.ColumnTo, "message_body": dialect.ColumnText, "date_received": dialect.ColumnTime, "date_finalized": dialect.ColumnUpdated,
			"status": dialect.ColumnStatus, "error_code": dialect.ColumnError,
		},
		Inbound: []string{"inbound"}, Whole: true,
		States: map[string]string{
			"delivered": "delivered", "failed": "failed", "rejected": "rejected", "expired": "expired", "accepted": "accepted", "buffered": "buffered",
			"deleted": "deleted", "unknown": "unknown",
		},
	}}
}
