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
	vendor                 string
	stop, start, help, inf []string
}

// twilioWords are Twilio's default keywords; REVOKE and OPTOUT since 14 May 2025.
// https://help.twilio.com/articles/223134027
func twilioWords() wordList {
	return wordList{
		vendor: "twilio",
		stop:   []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"},
		start:  []string{"START", "YES", "UNSTOP"},
		help:   []string{"HELP"},
		inf:    []string{"INFO"},
	}
}

// vendorWords are the keywords that each vendor documents as its defaults. A vendor that is not listed, or that
// documents none, is read by Twilio's.
func vendorWords() []wordList {
	return []wordList{
		twilioWords(),
		{ // https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out
			vendor: "telnyx",
			stop:   []string{"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"},
			start:  []string{"START", "UNSTOP"},
			help:   []string{"HELP"},
			inf:    []string{"INFO"},
		},
		{ // https://developer.vonage.com/en/opt-out-assist/guides/key-word-setup (short codes)
			vendor: "vonage",
			stop:   []string{"STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE"},
			start:  []string{"START", "JOIN"},
			help:   []string{"HELP"},
		},
		{
			vendor: "plivo",
			stop:   []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"},
			start:  []string{"START", "YES", "UNSTOP"},
			help:   []string{"HELP"},
			inf:    []string{"INFO"},
		},
	}
}

// kinds lists the words with the kind that each makes.
func (w wordList) kinds() map[capture.Kind][]string {
	return map[capture.Kind][]string{
		capture.Unsubscribe: w.stop, capture.Subscribe: w.start, capture.Help: w.help, capture.Info: w.inf,
	}
}
