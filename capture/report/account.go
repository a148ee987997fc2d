// Package report words what capture did and what corpora hold, as text for people. Begin with [WriteAccount] and [WriteInspection];
// [WriteDamage] says what of a file could not be read, and [Mend] what to do where nothing was kept. It holds no value of any record.
package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/ingest"
	"reprise/capture/wording"
)

// WriteAccount writes what became of everything that was read, in one line, and below it how many were rebuilt and what packets were
// taken out of.
func WriteAccount(w io.Writer, a *capture.Account) error {
	least := ""
	if a.Cut {
		least = "at least "
	}
	_, err := fmt.Fprintf(w, "read %d, kept %d%s, missing %d, lost %s%d bytes, unpaired responses %d\n",
		a.Read, a.Kept, reasons(a), a.Missing, least, a.Lost, a.UnpairedResponses)
	if a.OtherPorts > 0 {
		fmt.Fprintf(w, "left out by the choice of ports: %s\n", wording.Count(a.OtherPorts, "packet"))
	}
	if a.Traffic != nil && a.Read == 0 {
		fmt.Fprintln(w, traffic(a.Traffic))
	}
	if t := a.TapLoss; t.Missed > 0 {
		fmt.Fprintf(w, "the tap missed about %.2g %% of the acknowledged bytes, about %s\n", t.Percent, wording.Count(t.Requests, "request"))
	}
	if a.Spread > 0 {
		fmt.Fprintf(w, "%d of %s had a time of a whole second, within which %s spread (%s)\n", a.Spread, wording.Count(a.Kept, "request"), wording.Choose(a.Spread, "it was", "they were"), a.SpreadAs)
	}
	for _, note := range wording.Origins(a.Rebuilt, a.Synthetic, a.Kept) {
		fmt.Fprintln(w, note)
	}
	if err != nil || len(a.Unwrapped) == 0 {
		return err
	}
	var list []string
	for _, header := range slices.Sorted(maps.Keys(a.Unwrapped)) {
		list = append(list, fmt.Sprintf("%s %d", header, a.Unwrapped[header]))
	}
	_, err = fmt.Fprintf(w, "unwrapped packets: %s\n", strings.Join(list, ", "))
	return err
}

// traffic says what packets there were.
func traffic(t *capture.Traffic) string {
	line := fmt.Sprintf("packets: %s, of TCP %s, of UDP %s", wording.Number(t.Packets), wording.Number(t.TCP), wording.Number(t.UDP))
	for i, p := range t.Ports {
		line += fmt.Sprintf("%s%d (%s)", wording.Choose(i+1, "; most of the ports ", ", "), p.Port, wording.Number(p.Packets))
	}
	return line
}

// Nothing says what was read where nothing was kept, and why not.
func Nothing(a *capture.Account) string { return fmt.Sprintf("read %d%s", a.Read, reasons(a)) }

// reasons are the counts of an account, by reason.
func reasons(a *capture.Account) string {
	var b strings.Builder
	for _, reason := range slices.Sorted(maps.Keys(a.Skipped)) {
		fmt.Fprintf(&b, ", skipped %d (%s)", a.Skipped[reason], reason)
	}
	for _, reason := range slices.Sorted(maps.Keys(a.Noted)) {
		fmt.Fprintf(&b, ", noted %d (%s)", a.Noted[reason], reason)
	}
	return b.String()
}

// mostProblems is how many problems of one reason are shown.
const mostProblems = 5

// Problems returns what writes the first problems of each reason as they are met and then falls silent: the account counts them
// all. It is for one goroutine at a time.
func Problems(w io.Writer) func(capture.Problem) {
	seen := make(map[string]int)
	return func(p capture.Problem) {
		seen[p.Reason]++
		switch n := seen[p.Reason]; {
		case n <= mostProblems:
			fmt.Fprintf(w, "reprise: %v\n", p)
		case n == mostProblems+1:
			fmt.Fprintf(w, "reprise: %s: more of these are counted, not shown\n", p.Reason)
		}
	}
}

// Mend says what would likely keep something of an input of which nothing was kept; "" where an option of the capture is to be
// changed, which its caller names.
func Mend(c ingest.Cause) string {
	switch c {
	case ingest.CauseHole:
		return "packets or parts of them are not in the recording: record whole packets (tcpdump -s 0 -B 65536)"
	case ingest.CauseMalformed:
		return "the messages above say what is wrong with the first requests"
	case ingest.CauseNoBody:
		return "a log without bodies cannot be replayed. reprise fixtures synth --curve FILE makes traffic that follows it; reprise template log-format shows how to log bodies"
	case ingest.CauseNoLine:
		return "the log holds no line"
	case ingest.CauseNoEntry:
		return "the recording holds no request"
	case ingest.CauseTLS:
		return "the traffic is encrypted (TLS): record it where it is plain, behind what ends TLS (a load balancer or a proxy), or read the server's log with reprise capture"
	case ingest.CauseHTTP2:
		return "the traffic is HTTP/2: record it where it is HTTP/1, or read the server's log with reprise capture"
	case ingest.CauseOneWay:
		return "there are answers without their requests: record both directions"
	case ingest.CauseNoPacket:
		return "the recording holds no packet: did its filter or its interface leave everything out, or was it stopped before packets were written (tcpdump -U)?"
	case ingest.CauseNoTCP:
		return "none of the packets is of TCP: is it the right interface? HTTP/3, which is UDP, is not read"
	case ingest.CauseDamage:
		return "nothing whole was found in what is left of the file"
	case ingest.CauseNoRequest:
		return "no request was found: is it the right interface, and is the traffic plain HTTP/1?"
	}
	return ""
}
