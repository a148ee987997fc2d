// Package all is the list of the vendors that reprise knows.
package all

import (
	"reprise/capture/dialect"
	"reprise/capture/dialect/bandwidth"
	"reprise/capture/dialect/plivo"
	"reprise/capture/dialect/telnyx"
	"reprise/capture/dialect/twilio"
	"reprise/capture/dialect/vonage"
)

// Table returns every vendor's dialect, in the order of detection. A header of any vendor's own goes before the
// shape of a payload.
func Table() dialect.Table {
	return dialect.NewTable(twilio.New(), telnyx.New(), plivo.New(), vonage.New(), bandwidth.New())
}
