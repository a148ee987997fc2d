package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/ingest"
	"reprise/capture/source/logs"
	"reprise/capture/source/packet"
	"reprise/cmd/internal/exit"
)

// errNothingKept is what every verb's work on a corpus comes to that would hold no record.
var errNothingKept = corpus.ErrEmpty

// nothingCaptured says why a capture kept nothing, and the likeliest mend.
func (o *captureOptions) nothingCaptured(a *capture.Account) error {
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(a.Skipped)) {
		reasons = append(reasons, fmt.Sprintf("skipped %d (%s)", a.Skipped[reason], reason))
	}
	for _, reason := range slices.Sorted(maps.Keys(a.Noted)) {
		reasons = append(reasons, fmt.Sprintf("noted %d (%s)", a.Noted[reason], reason))
	}
	err := fmt.Errorf("%w: read %d%s", errNothingKept, a.Read, strings.Join(append([]string{""}, reasons...), ", "))
	return exit.Hint(err, o.mend(a))
}

// mend is the likeliest way to keep something of an input of which nothing was kept.
func (o *captureOptions) mend(a *capture.Account) string {
	most, n := "", int64(0)
	for _, reason := range slices.Sorted(maps.Keys(a.Skipped)) {
		if a.Skipped[reason] > n {
			most, n = reason, a.Skipped[reason]
		}
	}
	switch most {
	case "":
		return o.mendUnread(a)
	case ingest.LeftOutByMethod:
		return "--method leaves out what there is: name other methods, or leave it away"
	case ingest.LeftOutByPath:
		return "--path leaves out what there is: capture without it, and reprise cat shows the paths"
	case packet.ReasonHole:
		return "packets or parts of them are not in the recording: record whole packets (tcpdump -s 0 -B 65536)"
	case logs.ReasonNotJSON:
		return "lines must be one JSON object each: an access log must be written in JSON (reprise template log-format nginx)"
	}
	if o.isLog {
		return "the lines have no request where the map looks for one: the messages above say which field; change --map, or name the right --preset"
	}
	return "the messages above say what is wrong with the first requests"
}

// mendUnread is mend where not even a request was read.
func (o *captureOptions) mendUnread(a *capture.Account) string {
	ports := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(o.ports)), ","), "[]")
	switch {
	case o.isLog:
		return "the log holds no line"
	case a.Noted[packet.ReasonTLS] > 0:
		return "the traffic is encrypted (TLS): record it where it is plain, behind what ends TLS (a load balancer or a proxy), or read the server's log with reprise capture logs"
	case a.Noted[packet.ReasonHTTP2] > 0:
		return "the traffic is HTTP/2: record it where it is HTTP/1, or read the server's log with reprise capture logs"
	case a.Missing > 0:
		return "there are answers without their requests: record both directions"
	case a.Damaged:
		return "nothing whole was found in what is left of the file"
	case len(o.ports) > 0:
		return "no request was found on port " + ports + ": is it the server's? Without --port every port is looked at"
	}
	return "no request was found: is it the right interface, and is the traffic plain HTTP/1?"
}
