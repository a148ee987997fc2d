package generic

import (
	"time"

	"reprise/capture/dialect"
	"reprise/capture/sms"
)

// known returns what is published of senders whose dialect is not built in, by the name that a map gives them.
func known(name string) (*sms.Words, dialect.Retries) {
	switch name {
	case "aws": // https://docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html
		return &sms.Words{
			Stop:  []string{"STOP", "ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "TD", "UNSUBSCRIBE"},
			Start: []string{"START", "UNSTOP"},
			Help:  []string{"HELP"},
		}, dialect.Retries{}
	case "sinch": // after 5 seconds, doubling to 81,920 (developers.sinch.com, SMS API, callbacks)
		return nil, dialect.Retries{Delays: dialect.Doubling(5*time.Second, 81_920*time.Second, 2*81_920*time.Second)}
	}
	return nil, dialect.Retries{}
}
