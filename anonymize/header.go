package anonymize

import (
	"strings"

	"reprise/capture/dialect"
)

// header answers for one header: what says how to read the request stays, ids are replaced, all else goes and is counted.
func (a *Anonymizer) header(f dialect.Field) (value string, op dialect.Op) {
	switch {
	case strings.EqualFold(f.Name, "Host"):
		return safeHost(f.Value), dialect.Set // hosts counts it
	case f.Value == "" && f.Class != dialect.Unknown:
		return "", dialect.Leave
	}
	switch f.Class {
	case dialect.Time:
		if isPlainHeader(f.Name, f.Value) {
			a.keptName(f)
			return a.time(f)
		}
	case dialect.Keep, dialect.Encoding, dialect.Segments:
		if isPlainHeader(f.Name, f.Value) && (a.cur.vendor != "" || !strings.EqualFold(f.Name, "User-Agent")) {
			a.keptHeader(f)
			return "", dialect.Leave
		}
	case dialect.Secret, dialect.Unknown:
	default:
		return a.replace(f), dialect.Set
	}
	a.report.droppedHeader(f.Name)
	return "", dialect.Drop
}

// isPlainHeader says whether a header's value looks like what these headers say of machines: short, no address, no number
// as long as a telephone's.
func isPlainHeader(name, value string) bool {
	if len(value) > 200 || strings.ContainsAny(value, "@") || strings.Contains(value, "://") {
		return false
	}
	if !strings.EqualFold(name, "telnyx-timestamp") && !strings.EqualFold(name, "Content-Length") && !allMachineWords(value) {
		return false
	}
	if strings.EqualFold(name, "Content-Type") {
		return isContentType(value)
	}
	return longestDigitRun(value) < 7 || strings.EqualFold(name, "telnyx-timestamp")
}

// isContentType says whether a Content-Type has no parameter but a charset.
func isContentType(value string) bool {
	_, parameters, ok := strings.Cut(value, ";")
	if !ok {
		return true
	}
	parameters = strings.ToLower(strings.TrimSpace(parameters))
	return parameters == "" || strings.HasPrefix(parameters, "charset=") && !strings.Contains(parameters, ";")
}

func longestDigitRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// allMachineWords says whether a header's value is made of words that machines say of themselves, and of versions: anything
// else may be somebody's.
func allMachineWords(value string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(value), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80 }) {
		letters := strings.Trim(word, "0123456789")
		if _, ok := machineWords[letters]; letters != "" && letters != "v" && !ok {
			return false
		}
	}
	return true
}

// machineWords are the words, without digits at their ends, of media types, of codings, of regions, and of the programs that
// send webhooks for the vendors.
var machineWords = set(MachineWords())

// MachineWords returns the words that a header's value may be made of and stay.
func MachineWords() []string { return strings.Fields(machineWordList) }

const machineWordList = `
	application audio image message multipart text video form data mixed related json xml html plain css csv javascript octet
	stream urlencoded x www soap problem cloudevents smil charset boundary utf iso ascii us q
	gzip deflate br zstd compress identity chunked trailers keep alive close upgrade
	ie au de jp sg in dub sao ashburn
	twilioproxy twilio proxy telnyx webhooks webhook bandwidth bwmessaging messaging plivo plivoapi nexmo messaginghub vonage api
	go http client httpclient apache java okhttp python requests urllib aiohttp curl libcurl wget node fetch axios undici ruby
	faraday rack guzzle guzzlehttp php erlang hackney elixir jakarta commons async netty akka pekko reactornetty spring
	ahc bandwidthapi envoy nginx haproxy amazon sns simple notification service agent compatible linux gnu darwin windows amd arm`
