package sms

import "reprise/capture"

// The keyword profiles.
const (
	// ProfileTwilio applies Twilio's default keywords to every vendor's messages.
	ProfileTwilio = "twilio"
	// ProfileVendor applies to each vendor's messages the keywords that this vendor documents.
	ProfileVendor = "vendor"
)

// wordList is the keywords of one vendor, in upper case.
type wordList struct {
	vendor                  string
	stop, start, help, info []string
}

// twilioWords are Twilio's default keywords; REVOKE and OPTOUT since 14 May 2025.
// https://help.twilio.com/articles/223134027
func twilioWords() wordList {
	return wordList{
		vendor: "twilio",
		stop:   []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"},
		start:  []string{"START", "YES", "UNSTOP"},
		help:   []string{"HELP"},
		info:   []string{"INFO"},
	}
}

// vendorWords are the keywords that each vendor documents as its defaults. Vendors that are not listed leave
// keywords to their customers (Bandwidth and Sinch, toll-free numbers apart): theirs are taken to be Twilio's.
func vendorWords() []wordList {
	return []wordList{
		twilioWords(),
		{ // https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out; its help words are the customer's to set
			vendor: "telnyx",
			stop:   []string{"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"},
			start:  []string{"START", "UNSTOP"},
			help:   []string{"HELP"},
			info:   []string{"INFO"},
		},
		{ // https://developer.vonage.com/en/opt-out-assist/guides/key-word-setup: those of short codes
			vendor: "vonage",
			stop:   []string{"STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE"},
			start:  []string{"START", "JOIN"},
			help:   []string{"HELP"},
		},
		{ // https://www.plivo.com/docs/sms/concepts/dnd-service/: all that its revisions name
			vendor: "plivo",
			stop:   []string{"STOP", "STOP ALL", "END", "QUIT", "CANCEL", "UNSUBSCRIBE", "UNSUB"},
			start:  []string{"START", "YES", "RESUME", "RESUME ALL", "UNSTOP", "GO"},
			help:   []string{"HELP"},
			info:   []string{"INFO"},
		},
		{ // https://docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html
			vendor: "aws",
			stop: []string{
				"STOP", "ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "TD", "UNSUBSCRIBE",
			},
			start: []string{"START", "UNSTOP"},
			help:  []string{"HELP"},
		},
	}
}

// kinds lists the words with the kind that each makes.
func (w wordList) kinds() map[capture.Kind][]string {
	return map[capture.Kind][]string{
		capture.Unsubscribe: w.stop, capture.Subscribe: w.start, capture.Help: w.help, capture.Info: w.info,
	}
}
