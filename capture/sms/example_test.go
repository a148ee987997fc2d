package sms_test

import (
	"fmt"

	"reprise/capture"
	"reprise/capture/sms"
)

// A keyword is the whole message, white space trimmed, in any case; the brand's own words make messages of kind
// custom_keyword.
func ExampleClassifier_Classify() {
	c, err := sms.NewClassifier(sms.Options{Keywords: map[capture.Kind][]string{capture.CustomKeyword: {"BFCM22"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"Stop", "stop please", "start", "Loved “Your order has shipped”", "bfcm22", "where is my order?"} {
		fmt.Println(c.Classify("twilio", text))
	}
	// Output:
	// unsubscribe
	// unrecognized
	// subscribe
	// reaction
	// custom_keyword
	// unrecognized
}
