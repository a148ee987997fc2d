package sms

import "reprise/capture"

// The keyword profiles, as files of corpora hold their names.
const (
	// ProfileTwilio applies the words of DefaultWords, which are Twilio's, to every vendor's messages.
	ProfileTwilio = "twilio"
	// ProfileVendor applies to each vendor's messages the keywords that this vendor documents.
	ProfileVendor = "vendor"
)

// Words are the keywords of one vendor, in upper case: each is a whole message.
type Words struct {
	Stop, Start, Help, Info []string
}

// DefaultWords are the words that count where a vendor has none of its own. They are Twilio's; REVOKE and OPTOUT since 14 May 2025
// (https://help.twilio.com/articles/223134027).
func DefaultWords() Words {
	return Words{
		Stop:  []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"},
		Start: []string{"START", "YES", "UNSTOP"},
		Help:  []string{"HELP"},
		Info:  []string{"INFO"},
	}
}

// kinds lists the words with the kind that each makes.
func (w Words) kinds() map[capture.Kind][]string {
	return map[capture.Kind][]string{
		capture.Unsubscribe: w.Stop, capture.Subscribe: w.Start, capture.Help: w.Help, capture.Info: w.Info,
	}
}
